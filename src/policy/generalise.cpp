// What an "always" answer could be saved as: from exactly this to a little wider, never beyond the project or one
// folder of the home.

#include <algorithm>
#include <array>

#include "base/field.h"
#include "base/hash.h"
#include "policy/target.h"
#include "text/inner_commands.h"
#include "text/shell.h"

namespace lilux::policy {

namespace {

constexpr std::size_t kNeedsMax = 4;  // a rule is about one thing; who needs many is asked each time
constexpr std::size_t kIdDigits = 8;

// Programs that run what their arguments say: their first argument tells little of what happens.
constexpr auto kRunners = std::to_array<std::string_view>(
    {"awk",    "bun",  "chroot", "deno",   "doas",    "docker",  "env",   "find",   "flatpak",
     "gdb",    "java", "lua",    "make",   "nice",    "node",    "nohup", "npx",    "nsenter",
     "perl",   "php",  "pkexec", "podman", "python",  "python3", "ruby",  "setsid", "stdbuf",
     "strace", "sudo", "tclsh",  "time",   "timeout", "unshare", "uvx",   "xargs"});
static_assert(std::ranges::is_sorted(kRunners));

bool is_runner(std::string_view program) {
  return text::is_shell(program) || std::ranges::binary_search(kRunners, program.substr(program.rfind('/') + 1));
}

bool is_within(std::string_view path, std::string_view folder) {
  return !folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// Nothing above or at the project or the home, and nothing of the system, is ever answered for good when it is written.
bool is_grave(const Need& need, const Anchors& anchors) {
  if (need.verb == Verb::admin || need.resource == "kernel") return true;
  if (need.resource == "process") return !need.target.starts_with("own:");
  if (need.resource != "fs") return false;
  const std::string& path = need.target;
  const auto holds = [&](const std::string& folder) {
    return !folder.empty() && (path == folder || is_within(folder, path) || path == "/");
  };
  if (holds(anchors.project) || holds(anchors.home) || holds(anchors.state) || holds(anchors.data) ||
      holds(anchors.config))
    return true;
  return need.verb != Verb::read && !is_within(path, anchors.project) && !is_within(path, anchors.home);
}

std::vector<std::string> wider_paths(const Need& need, const Anchors& anchors) {
  std::vector<std::string> targets{text::escape_glob(need.target)};
  const std::string folder = need.target.substr(0, need.target.rfind('/'));
  const bool is_bounded =
      folder == anchors.project || is_within(folder, anchors.project) || is_within(folder, anchors.home);
  if (is_bounded && !folder.empty()) targets.push_back(text::escape_glob(folder) + "/**");
  if (is_within(folder, anchors.project)) targets.push_back(text::escape_glob(anchors.project) + "/**");
  return targets;
}

std::vector<std::string> wider_commands(const Subject& subject) {
  if (subject.is_doubtful || subject.words.empty()) return {};
  const std::vector<std::string>& words = subject.words;
  const bool is_open = is_runner(words[0]);
  // A pattern of one word allows all arguments, so that what has none is offered only where that is no matter.
  if (words.size() == 1) return is_open ? std::vector<std::string>{} : std::vector{subject.need->target};
  std::vector<std::string> targets{subject.need->target};
  const bool is_verb = !words[1].empty() && words[1].front() != '-' && words[1].find('/') == std::string::npos;
  if (!is_open && is_verb) targets.push_back(text::join(std::span(words).first(2)) + " **");
  return targets;
}

std::vector<std::string> targets_of(const Need& need, const Subject& subject, const Anchors& anchors) {
  if (need.resource == "fs") return wider_paths(need, anchors);
  if (need.resource == "shell") return wider_commands(subject);
  if (need.resource != "net") return {need.resource == "usd" ? need.target : text::escape_glob(need.target)};
  return {need.target};
}

}  // namespace

std::vector<Rule> generalise(std::string_view tool, std::span<const Need> needs, const Anchors& anchors) {
  std::vector<Rule> rules;
  if (needs.size() > kNeedsMax) return rules;
  for (const Need& need : needs) {
    const Subject subject(need);
    if (!subject.problem.empty() || is_grave(need, anchors)) return {};
    for (const std::string& target : targets_of(need, subject, anchors)) {
      Rule rule{.effect = Effect::allow, .tool = text::escape_glob(tool), .source = "proposed"};
      rule.capability = std::string(base::enum_name(need.verb)) + " " + need.resource + " " + target;
      rule.id = "always-" + base::to_hex(base::sha256(rule.tool + " ", rule.capability)).substr(0, kIdDigits);
      const bool is_sound = parse_capability(rule.capability, "", anchors.home).has_value();
      if (is_sound && std::ranges::find(rules, rule.id, &Rule::id) == rules.end()) rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace lilux::policy
