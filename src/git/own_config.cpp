#include "git/own_config.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "git/turn.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/place.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;
constexpr std::string_view kInclude = "include";

Result<std::string> read_config(const std::string& path) {
  const sys::Fd fd = TRY(sys::open_regular(TRY(sys::open_parent(path))));
  return sys::read_all(fd.get(), kConfigBytesMax, path);
}

// "[include]" and "[includeIf ...]", wherever a section may begin.
bool includes(std::string_view text) {
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
    std::string_view name = text.substr(at + 1);
    name.remove_prefix(std::min(name.size(), name.find_first_not_of(" \t")));
    const auto is_same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    if (name.size() >= kInclude.size() && std::ranges::equal(name.substr(0, kInclude.size()), kInclude, is_same))
      return true;
  }
  return false;
}

int note_remote(const git_config_entry* entry, void* payload) {
  constexpr std::string_view kPrefix = "remote.";
  constexpr std::string_view kUrl = ".url";
  std::string_view name = entry->name;
  if (!name.starts_with(kPrefix) || !name.ends_with(kUrl) || entry->value == nullptr) return 0;
  name = name.substr(kPrefix.size(), name.size() - std::min(name.size(), kPrefix.size() + kUrl.size()));
  (*static_cast<std::map<std::string, std::string>*>(payload))[std::string(name)] = entry->value;
  return 0;
}

}  // namespace

Result<void> check_config(const std::string& path) {
  if (TRY(sys::stat_if_there(path + "/commondir")))
    return base::fail(ErrorCode::denied, sys::quoted(path + "/commondir") + " leads to another repository",
                      "remove that file");
  if (!TRY(sys::stat_if_there(path + "/config"))) return {};
  if (!includes(TRY(read_config(path + "/config")))) return {};
  return base::fail(ErrorCode::denied, sys::quoted(path + "/config") + " includes other files",
                    "take the [include] sections out of it");
}

Result<std::vector<Remote>> remotes_in_config(const std::string& path) {
  TRY(check_config(path));
  Config config;
  int result = make(config, git_config_open_ondisk, (path + "/config").c_str());
  std::map<std::string, std::string> urls;
  if (result >= 0) result = git_config_foreach(config.get(), note_remote, &urls);
  if (result < 0) return fail_git(result, "read " + sys::quoted(path + "/config"));
  std::vector<Remote> found;
  for (auto& [name, url] : urls) found.push_back({.name = name, .url = std::move(url)});
  return found;
}

Result<void> change_config(const Repository& repository, const std::function<int(git_config*)>& change) {
  const Turn turn = TRY(Turn::take(repository));
  TRY(check_config(repository.path()));
  const std::string path = repository.path() + "/config";
  const std::string copy = repository.path() + "/lilux.config";
  TRY(sys::write_file_atomic(copy, TRY(read_config(path)), 0600));
  Config config;
  int result = make(config, git_config_open_ondisk, copy.c_str());
  if (result >= 0) result = change(config.get());
  if (result < 0) return fail_git(result, "change " + sys::quoted(path));
  TRY(sys::write_file_atomic(path, TRY(read_config(copy)), 0600));
  return sys::remove_file(copy);
}

}  // namespace lilux::git
