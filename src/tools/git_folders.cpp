#include "tools/git_folders.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "sys/file.h"

namespace lilux::tools {

using policy::Need;

namespace {

constexpr auto kSettings = std::to_array<std::string_view>({"commondir", "config", "config.worktree"});

bool is_there(const std::string& path) {
  return sys::lstat(path).has_value();
}

bool has_head(std::string_view folder) {
  return is_there(std::string(folder) + "/HEAD");
}

// The path below a .git in `folder`.
Need judged_as(std::string_view folder, std::string_view rest) {
  return {.verb = policy::Verb::write, .resource = "fs", .target = std::string(folder) + "/.git" + std::string(rest)};
}

void add_for(const std::string& path, std::vector<Need>& added) {
  if (path.find("/.git/") != std::string::npos) return;  // rules see these as they are
  const std::size_t slash = path.rfind('/');
  const std::string_view folder = std::string_view(path).substr(0, slash);
  const std::string_view name = std::string_view(path).substr(slash + 1);
  if (name == "HEAD" && !is_there(path)) added.push_back(judged_as(folder, ""));
  const bool is_setting = std::ranges::find(kSettings, name) != kSettings.end();
  if (is_setting && has_head(folder)) added.push_back(judged_as(folder, std::string_view(path).substr(slash)));
  constexpr std::string_view kHooks = "/hooks";
  for (std::size_t at = path.find(kHooks); at != std::string::npos; at = path.find(kHooks, at + 1)) {
    const std::string_view rest = std::string_view(path).substr(at);
    const bool is_whole = rest.size() == kHooks.size() || rest[kHooks.size()] == '/';
    const std::string_view owner = std::string_view(path).substr(0, at);
    if (is_whole && has_head(owner)) added.push_back(judged_as(owner, rest));
  }
}

}  // namespace

void need_git_folders(kernel::Assessment& made) {
  std::vector<Need> added;
  for (const Need& need : made.needs) {
    if (need.verb == policy::Verb::write && need.resource == "fs") add_for(need.target, added);
  }
  for (Need& need : added) {
    if (std::ranges::find(made.needs, need) == made.needs.end()) made.needs.push_back(std::move(need));
  }
}

}  // namespace lilux::tools
