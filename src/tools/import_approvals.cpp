#include "tools/import_approvals.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "text/settings.h"
#include "text/yaml.h"
#include "tools/table.h"

namespace lilux::tools {

using base::Json;
using base::JsonArray;
using base::Result;
using policy::Effect;

namespace {

constexpr std::size_t kEntriesMax = 500;

using Words = std::pair<std::string_view, std::string_view>;

constexpr auto kLeftOfAios = std::to_array<Words>({
    {"rate_limits", "`lilux call budget.set` limits the calls of a task"},
    {"budgets", "`lilux call budget.set` limits what a task may spend"},
    {"redact", "Lilux keeps secrets out of its record by itself"},
});

// Actions of MixOS-GO that a tool of Lilux does as well.
constexpr auto kToolsOfMixos = std::to_array<Words>({
    {"delete_files", "fs.delete"},
    {"list_directory", "fs.list"},
    {"read_file", "fs.read"},
});

constexpr auto kLeftOfMixos = std::to_array<Words>({
    {"runtime", "Lilux is as large as its work; it has no profiles"},
    {"llm", "Lilux calls no models yet"},
    {"agents", "agents are items of Lilux; these are only settings"},
    {"security", "programs are always in the sandbox of Lilux, without a network; `lilux policy list` shows the rules"},
});

std::string shown(std::string_view text) {
  return base::to_valid_utf8(base::clipped(text, 200));
}

std::string autonomy_for(std::string_view level) {
  if (level == "none") return "manual";
  return level == "high" || level == "critical" ? "full" : "supervised";
}

bool has_room(const SettingsFound& found) {
  return found.rules.size() < kEntriesMax;
}

// What a namespace of aiOS has confirmed: all of its tools, or those that are named.
void add_confirmed(const std::string& space, const Json& needed, SettingsFound& found) {
  if (needed == Json(true))
    found.rules.push_back({.said = shown(space + ": confirmation_required"), .tool = space + ".*"});
  for (const Json& one : needed.is_array() ? needed.as_array() : JsonArray{}) {
    if (!one.is_string() || !has_room(found)) continue;
    const std::string& said = one.as_string();
    found.rules.push_back({.said = shown(said), .tool = said.contains('.') ? said : space + "." + said});
  }
}

// A rule about tools that are not there would hold for nothing.
void leave_unknown(RuleFound& rule) {
  const bool is_space = rule.tool.ends_with(".*");
  const std::string_view space = std::string_view(rule.tool).substr(0, rule.tool.size() - (is_space ? 1 : 0));
  const auto has = [&](const kernel::Tool& tool) {
    return is_space ? tool.name.starts_with(space) : tool.name == space;
  };
  if (std::ranges::any_of(table(), has)) return;
  rule.note = "Lilux has no tool that does the same as " + shown(rule.tool);
  rule.tool.clear();
}

void add_action(const Json& action, Effect effect, SettingsFound& found) {
  if (!action.is_string() || !has_room(found)) return;
  RuleFound rule{.said = shown(action.as_string()), .effect = effect};
  const auto same = std::ranges::find(kToolsOfMixos, action.as_string(), &Words::first);
  if (action.as_string() == "git_status")
    rule.capability = "execute shell git status";
  else if (same != kToolsOfMixos.end())
    rule.tool = same->second;
  else
    rule.note = "Lilux has no tool that does the same as " + rule.said;
  found.rules.push_back(std::move(rule));
}

}  // namespace

Result<void> read_aios(std::string_view text, SettingsFound& found) {
  const auto spaces = TRY(text::find_toml(text, std::vector<std::string>{"namespace_rules"}));
  if (spaces && spaces->is_object()) {
    for (const auto& [space, rules] : spaces->as_object())
      if (const Json* needed = rules.find("confirmation_required"); needed && has_room(found))
        add_confirmed(std::string(space), *needed, found);
  }
  for (RuleFound& rule : found.rules) leave_unknown(rule);
  for (const auto& [key, why] : kLeftOfAios)
    if (TRY(text::find_toml(text, std::vector<std::string>{std::string(key)})))
      found.left.push_back(std::string(key) + ": " + std::string(why));
  return {};
}

Result<void> read_mixos(std::string_view text, SettingsFound& found) {
  const Json settings = TRY(text::parse_yaml(text)).value;
  const Json* approval = settings.find("approval");
  for (const auto& [key, effect] : {std::pair{"always_approve", Effect::ask}, {"never_approve", Effect::allow}}) {
    const Json* actions = approval ? approval->find(key) : nullptr;
    for (const Json& action : actions && actions->is_array() ? actions->as_array() : JsonArray{})
      add_action(action, effect, found);
  }
  if (const std::string level = approval ? approval->string_or("auto_approve_level") : ""; !level.empty())
    found.left.push_back("auto_approve_level '" + shown(level) + "' comes nearest to `lilux policy autonomy " +
                         autonomy_for(level) + "`");
  for (const auto& [key, why] : kLeftOfMixos)
    if (settings.find(key)) found.left.push_back(std::string(key) + ": " + std::string(why));
  return {};
}

}  // namespace lilux::tools
