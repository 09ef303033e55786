#include "item/parts.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/nearest.h"
#include "base/number.h"
#include "text/markdown.h"

namespace lilux::item {

namespace {

constexpr std::size_t kProblemsMax = 100;  // nobody reads more
constexpr std::size_t kMessageBytesMax = 1000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::array<std::string_view, 7> kTargets{"path", "endpoint", "var", "command", "module", "id", "action"};

struct ToolName {
  std::string_view claude;
  std::string_view lilux;
};
constexpr std::array kTools{
    ToolName{"Bash", "shell.run"},    ToolName{"Edit", "fs.edit"},           ToolName{"Glob", "fs.search"},
    ToolName{"Grep", "fs.grep"},      ToolName{"KillShell", "process.kill"}, ToolName{"LS", "fs.list"},
    ToolName{"MultiEdit", "fs.edit"}, ToolName{"Read", "fs.read"},           ToolName{"Task", "task.spawn"},
    ToolName{"Agent", "task.spawn"},  ToolName{"Write", "fs.write"},
};

// Those that we have none for are names too.
constexpr std::array<std::string_view, 22> kClaudeTools{"Agent",        "AskUserQuestion",
                                                        "Bash",         "BashOutput",
                                                        "Edit",         "EnterPlanMode",
                                                        "ExitPlanMode", "Glob",
                                                        "Grep",         "KillBash",
                                                        "KillShell",    "LS",
                                                        "MultiEdit",    "NotebookEdit",
                                                        "NotebookRead", "Read",
                                                        "Skill",        "Task",
                                                        "TodoWrite",    "WebFetch",
                                                        "WebSearch",    "Write"};
constexpr std::array<std::string_view, 3> kVerbs{"read", "write", "execute"};
constexpr std::array<std::string_view, 8> kResources{"filesystem", "network", "env",   "shell",
                                                     "python",     "memory",  "spawn", "tool"};

// Where there is no more room an error, which says that an item is broken, takes the place of a warning.
bool has_room(std::vector<Problem>& problems, Severity severity) {
  if (problems.size() < kProblemsMax) return true;
  const auto last = std::ranges::find(problems.rbegin(), problems.rend(), Severity::warning, &Problem::severity);
  if (severity == Severity::warning || last == problems.rend()) return false;
  problems.erase(std::next(last).base());
  return true;
}

}  // namespace

void Review::error(std::size_t at, std::string message, std::string hint) {
  if (!has_room(problems_, Severity::error)) return;
  const text::Position position = text::position_of(text_, at);
  put({.fault = {.position = position, .message = std::move(message), .hint = std::move(hint)}});
}

void Review::warning(std::size_t at, std::string message, std::string hint) {
  if (!has_room(problems_, Severity::warning)) return;
  const text::Position position = text::position_of(text_, at);
  put({.fault = {.position = position, .message = std::move(message), .hint = std::move(hint)},
       .severity = Severity::warning});
}

void Review::error(const base::Error& error) {
  if (has_room(problems_, Severity::error)) put({.fault = text::fault_of(error)});
}

base::Error json_fault(std::string_view text, const base::Error& error) {
  constexpr std::string_view kByte = "invalid JSON at byte ";  // 12: syntax error
  if (text.starts_with(kByteOrderMark))
    return text::fault_at(text, 0, "a byte order mark stands before the JSON", "save it as UTF-8 without one").error();
  if (!error.message.starts_with(kByte)) return text::fault_at(text, 0, error.message, error.hint).error();
  const std::string_view rest = std::string_view(error.message).substr(kByte.size());
  const std::size_t at = base::number_from<std::size_t>(rest.substr(0, rest.find(':'))).value_or(0);
  return text::fault_at(text, at, "it is no JSON" + std::string(rest.substr(rest.find(':'))), error.hint).error();
}

void Review::put(Problem problem) {
  if (problem.fault.message.size() > kMessageBytesMax)
    problem.fault.message = std::string(base::clipped(problem.fault.message, kMessageBytesMax)) + "…";
  const auto place = std::ranges::upper_bound(problems_, problem.fault.position, {},
                                              [](const Problem& other) { return other.fault.position; });
  problems_.insert(place, std::move(problem));
}

bool Review::is_full() const {
  const auto is_error = [](const Problem& problem) { return problem.severity == Severity::error; };
  return problems_.size() >= kProblemsMax && std::ranges::all_of(problems_, is_error);
}

std::vector<Problem> Review::take() {
  return std::move(problems_);
}

namespace {

// The words of policy rules mean the same here.
std::string resource_of(std::string word) {
  if (word == "fs") return "filesystem";
  if (word == "net") return "network";
  return word;
}

}  // namespace

Permission permission_of(std::string verb, std::vector<Attribute> attributes) {
  Permission made{.verb = std::move(verb), .attributes = std::move(attributes)};
  for (const Attribute& attribute : made.attributes) {
    if (attribute.name == "resource") made.resource = resource_of(attribute.value);
    if (made.target.empty() && std::ranges::find(kTargets, attribute.name) != kTargets.end())
      made.target = attribute.value;
  }
  return made;
}

std::optional<Permission> permission_from(std::string_view line) {
  const auto word = [&line] {
    line = text::trimmed(line);
    const std::string_view taken = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(taken.size());
    return std::string(taken);
  };
  Permission made{.verb = word(), .resource = resource_of(word())};
  made.target = text::trimmed(line);
  if (made.verb.empty() || made.resource.empty()) return std::nullopt;
  return made;
}

std::string to_text(const Permission& permission) {
  return permission.verb + " " + permission.resource + (permission.target.empty() ? "" : " " + permission.target);
}

void check_words(const Permission& permission, std::size_t at, Review& review) {
  if (std::ranges::find(kVerbs, permission.verb) == kVerbs.end())
    review.warning(at, "'" + permission.verb + "' grants nothing",
                   base::guess(permission.verb, kVerbs, "there are read, write and execute"));
  const bool has_resource = !permission.resource.empty();
  if (has_resource && std::ranges::find(kResources, permission.resource) == kResources.end())
    review.warning(at, "there is no resource '" + permission.resource + "', so it grants nothing",
                   base::guess(permission.resource, kResources,
                               "there are filesystem, network, env, shell, python, memory and spawn"));
}

void check_tools(const std::vector<std::string>& claude_tools, std::size_t at, Review& review) {
  for (const std::string& tool : claude_tools) {
    const std::string_view name = std::string_view(tool).substr(0, tool.find('('));
    if (std::ranges::find(kClaudeTools, name) != kClaudeTools.end()) continue;
    if (const auto near = base::nearest(name, kClaudeTools))
      review.warning(at, "there is no tool '" + std::string(name) + "'", "did you mean '" + std::string(*near) + "'?");
  }
}

std::optional<std::string_view> lilux_tool(std::string_view claude_tool) {
  const std::string_view name = claude_tool.substr(0, claude_tool.find('('));
  const auto found = std::ranges::find(kTools, name, &ToolName::claude);
  return found == kTools.end() ? std::nullopt : std::optional(found->lilux);
}

std::vector<std::string> tool_names(std::string_view list) {
  std::vector<std::string> names;
  std::string name;
  std::size_t depth = 0;
  for (const char c : list) {
    const bool divides = depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r');
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (!divides) {
      name += c;
    } else if (!name.empty()) {
      names.push_back(std::move(name));
      name.clear();
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
  return names;
}

}  // namespace lilux::item
