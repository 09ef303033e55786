#include "tools/project_instructions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/encoding.h"
#include "base/escape.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/front_matter.h"
#include "text/lines.h"
#include "tools/fs_common.h"

namespace lilux::tools {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 10;
constexpr std::size_t kAllBytesMax = std::size_t{4} << 20;
constexpr int kDepthMax = 5;

// In every folder from the project's down to where the work is.
constexpr auto kNames = std::to_array<std::string_view>({"AGENTS.md", "CLAUDE.md", "CLAUDE.local.md", "GEMINI.md"});
constexpr auto kProjectWide =
    std::to_array<std::string_view>({".claude/CLAUDE.md", ".github/copilot-instructions.md", ".cursorrules"});

// "globs" of Cursor, a text with commas, or "paths" of Claude Code, a list; empty for a rule about all.
std::string globs_of(const base::Json& head) {
  if (head.bool_or("alwaysApply")) return {};
  const base::Json* paths = head.find("paths");
  if (!paths || !paths->is_array()) return head.string_or("globs", head.string_or("paths"));
  std::string globs;
  for (const base::Json& path : paths->as_array())
    if (path.is_string()) globs += (globs.empty() ? "" : ",") + path.as_string();
  return globs;
}

class Reader {
 public:
  Reader(std::string project, const std::function<bool(const std::string&)>& is_hidden, Instructions& made)
      : project_(std::move(project)), is_hidden_(is_hidden), made_(made) {}

  // Rules of Cursor and of Claude Code say in their head what they are about.
  void add_rules(const std::string& folder, std::string_view ending) {
    const auto entries = sys::list_directory(folder);
    if (!entries) return;
    for (const sys::Entry& entry : *entries) {
      const std::size_t before = made_.files.size();
      if (entry.name.ends_with(ending)) add(folder + "/" + entry.name);
      if (made_.files.size() == before) continue;
      Instruction& rule = made_.files.back();
      const auto front = text::parse_front_matter(rule.text, text::FrontMatterReading::mending);
      if (!front || !*front) continue;
      rule.applies_to = globs_of((*front)->value);
      rule.text.erase(0, (*front)->body);
    }
  }

  // Adds the file when it is there.
  void add(const std::string& path) {
    const std::string shown = shown_of(path);
    if (!sys::lstat(path)) return;
    Instruction one{.path = shown};
    std::set<std::string> open;
    std::optional<std::string> text = read(path, shown, open, one);
    if (!text) return;
    one.text = std::move(*text);
    made_.files.push_back(std::move(one));
  }

 private:
  std::string shown_of(const std::string& path) const { return path.substr(project_.size() + 1); }

  void skip(const std::string& what, std::string_view why) {
    constexpr std::size_t kSkippedMax = 200;
    if (made_.skipped.size() < kSkippedMax) made_.skipped.push_back(base::escape_line(what) + ": " + std::string(why));
  }

  // The text with its imports in place; nothing when it may not or cannot be read.
  std::optional<std::string> read(const std::string& named, const std::string& shown, std::set<std::string>& open,
                                  Instruction& one) {
    const Result<std::string> path = sys::resolve(named, project_, sys::Final::follow);
    if (!path || !sys::is_beneath(*path, project_)) return skip(shown, "it lies outside of the project"), std::nullopt;
    if (is_hidden_(*path)) return skip(shown, "the rules do not let it be read"), std::nullopt;
    if (open.contains(*path)) return skip(shown, "it imports itself"), std::nullopt;
    if (open.size() > kDepthMax) return skip(shown, "it is imported too deep"), std::nullopt;
    constexpr std::size_t kFilesMax = 500;
    if (bytes_ > kAllBytesMax || ++files_ > kFilesMax) return skip(shown, "there is too much of it all"), std::nullopt;
    Result<std::string> text = read_regular(*path, kFileBytesMax);
    if (!text) return skip(shown, text.error().message), std::nullopt;
    bytes_ += text->size();
    if (!base::is_utf8(*text)) return skip(shown, "it is not UTF-8 text"), std::nullopt;
    open.insert(*path);
    std::string whole = with_imports(*text, *path, open, one);
    open.erase(*path);
    return whole;
  }

  // A word that begins with @ and names a file of that ending, outside of code.
  std::string with_imports(const std::string& text, const std::string& path, std::set<std::string>& open,
                           Instruction& one) {
    std::string whole;
    bool is_code = false;
    for (const std::string_view line : text::lines_of(text)) {
      if (line.starts_with("```") || line.starts_with("~~~")) is_code = !is_code;
      const std::optional<std::string> named = is_code ? std::nullopt : import_in(line);
      if (!named) {
        whole += line;
        continue;
      }
      const std::string said = shown_of(path) + " imports " + *named;
      const std::string from = named->starts_with('/') ? *named : sys::parent_of(path) + "/" + *named;
      std::optional<std::string> part;
      if (named->starts_with("~/"))
        skip(said, "it lies outside of the project");
      else
        part = read(from, said, open, one);
      if (part) one.parts.push_back(*named);
      whole += part ? *part : std::string(line);
      if (part && !part->ends_with('\n')) whole += '\n';
    }
    return whole;
  }

  // An import stands on a line of its own or behind the mark of a list.
  static std::optional<std::string> import_in(std::string_view line) {
    while (!line.empty() && std::string_view(" \t-*").contains(line.front())) line.remove_prefix(1);
    while (!line.empty() && std::string_view(" \t\r\n").contains(line.back())) line.remove_suffix(1);
    const bool is_import =
        line.size() > 1 && line.front() == '@' && line.find_first_of(" \t`") == std::string_view::npos;
    const std::string_view named = line.substr(std::min<std::size_t>(1, line.size()));
    if (!is_import || (!named.contains('.') && !named.contains('/'))) return std::nullopt;
    return std::string(named);
  }

  std::string project_;
  const std::function<bool(const std::string&)>& is_hidden_;
  Instructions& made_;
  std::size_t bytes_ = 0;
  std::size_t files_ = 0;
};

}  // namespace

Result<Instructions> instructions_for(const std::string& project, const std::string& folder,
                                      const std::function<bool(const std::string&)>& is_hidden) {
  if (!sys::is_beneath(folder, project))
    return base::fail(ErrorCode::invalid_argument,
                      sys::quoted(folder) + " is not in the project " + sys::quoted(project),
                      "name a folder of the project");
  Instructions made;
  Reader reader(project, is_hidden, made);
  for (const std::string_view name : kProjectWide) reader.add(project + "/" + std::string(name));
  reader.add_rules(project + "/.claude/rules", ".md");
  reader.add_rules(project + "/.cursor/rules", ".mdc");
  std::vector<std::string> folders;
  for (std::string up = folder; up.size() > project.size(); up = sys::parent_of(up)) folders.push_back(up);
  folders.push_back(project);
  std::ranges::reverse(folders);
  for (const std::string& one : folders) {
    for (const std::string_view name : kNames) reader.add(one + "/" + std::string(name));
  }
  return made;
}

}  // namespace lilux::tools
