#include "tools/script_denied.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "sys/file.h"
#include "sys/path.h"

namespace lilux::tools {

namespace {

constexpr auto kComplaints = std::to_array<std::string_view>(
    {"No such file or directory", "Permission denied", "not permitted", "ENOENT", "EACCES", "EPERM"});
constexpr std::string_view kBetween = " \t\r'\"`,;:()[]<>=";

bool complains(std::string_view line) {
  return std::ranges::any_of(kComplaints, [&](std::string_view complaint) { return line.contains(complaint); });
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(kBetween), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

}  // namespace

std::optional<std::string> unseen_path(std::string_view said, const RunRights& rights, const std::string& project,
                                       const std::string& cwd) {
  while (!said.empty()) {
    const std::string_view line = said.substr(0, said.find('\n'));
    said.remove_prefix(std::min(line.size() + 1, said.size()));
    if (!complains(line)) continue;
    for (const std::string& word : words_of(line)) {
      const auto path = sys::resolve(word, cwd, sys::Final::keep);
      if (path && *path != project && sys::is_beneath(*path, project) && sys::exists(*path) && !rights.shows(*path))
        return path->substr(project.size() + 1);
    }
  }
  return std::nullopt;
}

std::string head_with(const item::Script& script, const std::string& permission) {
  const std::string mark = script.language == item::ScriptLanguage::javascript ? "// " : "# ";
  const bool is_of_files =
      std::ranges::find(script.permissions, "filesystem", &item::Permission::resource) != script.permissions.end();
  std::string list = is_of_files ? "" : "\"read filesystem **\", ";  // as it had without saying so
  for (const item::Permission& one : script.permissions) list += base::to_text(base::Json(item::to_text(one))) + ", ";
  const std::string line = mark + "permissions = [" + list + base::to_text(base::Json(permission)) + "]";
  if (!script.permissions.empty()) return line;
  return mark + "/// script\n" + mark + "[tool.lilux]\n" + line + "\n" + mark + "///";
}

}  // namespace lilux::tools
