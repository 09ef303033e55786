// Compiling rules, and refusing those that could never fire.

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/escape.h"
#include "base/field.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "policy/ruleset.h"

namespace lilux::policy {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kIdBytesMax = 100;
constexpr unsigned kEverybody = 0xF;
constexpr auto kPrincipals = std::to_array({Principal::terminal, Principal::agent, Principal::mcp, Principal::http});

std::unexpected<base::Error> bad(const Rule& rule, const std::string& what, std::string hint) {
  const bool has_place = !rule.source.empty() && rule.source != "builtin";
  const std::string name = "rule '" + base::escape_for_terminal(rule.id.substr(0, kIdBytesMax)) + "'";
  return std::unexpected(base::Error{.code = ErrorCode::invalid_argument,
                                     .message = name + (has_place ? " (" + rule.source + ")" : "") + ": " + what,
                                     .hint = std::move(hint),
                                     .rule = rule.id});
}

enum class Anchored : std::uint8_t { pattern, plain };

// {project}, {state}, {data} and {config} in place; nothing where one of them is named and there is none.
std::optional<std::string> expanded(std::string_view text, const Anchors& anchors, Anchored how) {
  std::string made(text);
  const std::array<std::pair<std::string_view, const std::string*>, 4> names{{{"{project}", &anchors.project},
                                                                              {"{state}", &anchors.state},
                                                                              {"{data}", &anchors.data},
                                                                              {"{config}", &anchors.config}}};
  for (const auto& [name, folder] : names) {
    const std::size_t at = made.find(name);
    if (at == std::string::npos) continue;
    if (folder->empty()) return std::nullopt;
    const std::string rest = made.substr(at + name.size());
    const bool is_root = *folder == "/" && rest.starts_with('/');
    made.replace(at, std::string::npos,
                 (is_root                    ? ""
                  : how == Anchored::pattern ? text::escape_glob(*folder)
                                             : *folder) +
                     rest);
  }
  return made;
}

Result<void> check_id(const Rule& rule) {
  const bool is_word = !rule.id.empty() && rule.id.size() <= kIdBytesMax && std::ranges::all_of(rule.id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
  if (!is_word)
    return bad(rule, "its id is not one short word", "letters, digits, - _ . and :, for example 'deploy-host'");
  if (rule.id.starts_with("builtin:") && rule.source != "builtin")
    return bad(rule, "'builtin:' is for built-in rules", "choose another id");
  return {};
}

Result<void> check_tool(const Rule& rule, const text::NameGlob& glob, std::span<const std::string_view> names) {
  if (rule.tool == "*" || std::ranges::any_of(names, [&](std::string_view name) { return glob.matches(name); }))
    return {};
  return bad(rule, "no tool is called '" + rule.tool + "', so it can never fire",
             base::guess(rule.tool, names, "`lilux help tools` lists them all"));
}

Result<Compiled> compile_one(const Rule& rule, const std::string& capability, const Anchors& anchors,
                             std::span<const std::string_view> tools) {
  Result<text::NameGlob> tool = text::NameGlob::compile(rule.tool);
  if (!tool) return bad(rule, "tool: " + tool.error().message, tool.error().hint);
  TRY(check_tool(rule, *tool, tools));
  Compiled made{
      .effect = rule.effect, .who = rule.who.empty() ? kEverybody : 0, .tool = std::move(*tool), .pattern = {}};
  if (made.tool.choices().size() == 1 && made.tool.choices()[0].is_literal())
    made.tool_name = made.tool.choices()[0].tail();
  for (const Principal who : rule.who) made.who |= 1u << static_cast<unsigned>(who);
  if (capability.empty() || capability == "* * **") return made;
  const Result<Capability> parsed = parse_capability(capability, "", anchors.home);
  if (!parsed) return bad(rule, parsed.error().message + ", so it can never fire", parsed.error().hint);
  made.pattern = TRY(Pattern::compile(*parsed));
  return made;
}

// An example is "<tool> <verb> <resource> <target>"; it is held against the rule alone.
Result<void> check_example(const Rule& rule, const Compiled& compiled, const std::string& example, bool should_match) {
  const std::string shown = "example '" + base::escape_for_terminal(example) + "'";
  const std::size_t space = std::min(example.find(' '), example.size());
  const Result<Need> need = parse_need(std::string_view(example).substr(std::min(space + 1, example.size())));
  if (!need) return bad(rule, shown + ": " + need.error().message, "write '<tool> <verb> <resource> <target>'");
  const Subject subject(*need);
  if (!subject.problem.empty()) return bad(rule, shown + ": " + subject.problem, "write the target as calls name it");
  const bool does_match = std::ranges::any_of(
      kPrincipals, [&](Principal who) { return compiled.fits(example.substr(0, space), &subject, who); });
  if (does_match == should_match) return {};
  return bad(rule, std::string(should_match ? "it does not match its " : "it matches its counter-") + shown,
             "mend the rule or the example");
}

Result<void> check_examples(const Rule& rule, const Compiled& compiled, const Anchors& anchors) {
  const auto check = [&](const std::vector<std::string>& examples, bool should_match) -> Result<void> {
    for (const std::string& example : examples) {
      std::string text = expanded(example, anchors, Anchored::plain).value_or("");
      if (const std::size_t at = text.find(" ~/"); at != std::string::npos) text.replace(at + 1, 1, anchors.home);
      if (!text.empty()) TRY(check_example(rule, compiled, text, should_match));
    }
    return {};
  };
  TRY(check(rule.match, true));
  return check(rule.not_match, false);
}

// What a decision depends on, in a form that no two different policies share.
void append_part(std::string& all, std::string_view part) {
  all.append(std::to_string(part.size())).append(":").append(part);
}

std::string version_of(std::span<const Rule> rules, const Anchors& anchors) {
  std::string all;
  for (const std::string* anchor : {&anchors.project, &anchors.home, &anchors.state, &anchors.data, &anchors.config})
    append_part(all, *anchor);
  for (const Rule& rule : rules) {
    for (const std::string* part : {&rule.id, &rule.tool, &rule.capability}) append_part(all, *part);
    append_part(all, base::enum_name(rule.effect));
    std::string who;
    for (const Principal principal : rule.who) who.append(base::enum_name(principal)).append(",");
    append_part(all, who);
  }
  return base::to_hex(base::sha256(all));
}

std::string fingerprint(const Rule& rule) {
  std::string all;
  for (const std::string* part : {&rule.tool, &rule.capability}) append_part(all, *part);
  append_part(all, base::enum_name(rule.effect));
  std::vector<Principal> who = rule.who;
  std::ranges::sort(who);
  for (const Principal principal : who) append_part(all, base::enum_name(principal));
  return all;
}

Result<void> check_repeats(std::span<const Rule> rules) {
  std::unordered_map<std::string, const Rule*> ids;
  std::unordered_map<std::string, const Rule*> seen;
  for (const Rule& rule : rules) {
    if (!ids.emplace(rule.id, &rule).second) return bad(rule, "there are two rules with this id", "rename one of them");
    const auto [other, is_new] = seen.emplace(fingerprint(rule), &rule);
    if (is_new) continue;
    return bad(rule, "it can never decide anything: it repeats '" + other->second->id + "'",
               "remove one of them: lilux policy remove " + rule.id);
  }
  return {};
}

// Built-in rules are spared, and rules about the project too: whether they can fire depends on where one works.
Result<void> check_covered(std::span<const Rule> rules, std::span<const Compiled> compiled, const Places& places) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (rule.source == "builtin" || rule.capability.find("{project}") != std::string::npos) continue;
    for (const Places::Numbers* place : places.coverers(compiled[i])) {
      for (const std::uint32_t other : *place) {
        if (rules[other].effect <= rule.effect) break;  // the strictest come first
        if (!compiled[i].is_covered_by(compiled[other])) continue;
        const std::string says = rules[other].effect == Effect::deny ? "denies" : "asks about";
        return bad(rule,
                   "it can never fire: '" + rules[other].id + "' " + says + " all it matches, and " +
                       std::string(base::enum_name(rules[other].effect)) + " beats " +
                       std::string(base::enum_name(rule.effect)),
                   "remove one of them: lilux policy remove " + rules[other].id);
      }
    }
  }
  return {};
}

// Lets what takes rights hold wherever symlinks lead, and gives those places. What gives rights gives them where it
// says alone: whoever may put a link there must not choose the place.
std::string follow(std::span<Compiled> compiled, const Anchors& anchors) {
  std::string others;
  if (!anchors.elsewhere) return others;
  const auto elsewhere = [&](const std::string& path) {
    std::vector<std::string> found = anchors.elsewhere(path);
    for (const std::string& other : found) append_part(others, path + "=" + other);
    return found;
  };
  for (Compiled& rule : compiled) {
    if (rule.pattern && rule.effect != Effect::allow) rule.pattern->add_elsewhere(elsewhere);
  }
  return others;
}

}  // namespace

Result<RuleSet> RuleSet::compile(std::vector<Rule> rules, const Anchors& anchors,
                                 std::span<const std::string_view> tool_names) {
  TRY(check_repeats(rules));
  std::string version = version_of(rules, anchors);
  std::vector<Rule> kept;
  std::vector<Compiled> compiled;
  for (Rule& rule : rules) {
    TRY(check_id(rule));
    const auto capability = expanded(rule.capability, anchors, Anchored::pattern);
    const bool is_void = !capability || (anchors.home.empty() && rule.source == "builtin" &&
                                         capability->find(" ~") != std::string::npos);
    if (is_void) continue;  // about a project, where there is none
    compiled.push_back(TRY(compile_one(rule, *capability, anchors, tool_names)));
    TRY(check_examples(rule, compiled.back(), anchors));
    kept.push_back(std::move(rule));
  }
  Places places(compiled);
  TRY(check_covered(kept, compiled, places));
  if (const std::string others = follow(compiled, anchors); !others.empty()) {
    version = base::to_hex(base::sha256(version + others));
    places = Places(compiled);
  }
  return RuleSet(std::make_unique<Index>(Index{.rules = std::move(kept),
                                               .compiled = std::move(compiled),
                                               .places = std::move(places),
                                               .version = std::move(version),
                                               .project = anchors.project}));
}

RuleSet::RuleSet(std::unique_ptr<Index> index) : index_(std::move(index)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;
const std::vector<Rule>& RuleSet::rules() const {
  return index_->rules;
}
const std::string& RuleSet::version() const {
  return index_->version;
}

}  // namespace lilux::policy
