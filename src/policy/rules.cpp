// Compiling rules, finding the ones that could match, and deciding.

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/field.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "policy/target.h"

namespace lilux::policy {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr unsigned kEverybody = 0xF;

unsigned bit(Principal who) {
  return 1u << static_cast<unsigned>(who);
}

struct Compiled {
  std::size_t number = 0;  // in the list of rules
  text::NameGlob tool;
  bool is_any_tool = false;
  std::optional<Pattern> pattern;  // absent: any need
  unsigned who = kEverybody;
};

Result<std::string> expand(const std::string& text, const Anchors& anchors, bool& is_void) {
  std::string out = text;
  const auto replace = [&](std::string_view name, const std::string& value) {
    const std::size_t at = out.find(name);
    if (at == std::string::npos) return;
    if (value.empty()) is_void = true;
    out.replace(at, name.size(), escape_glob(value));
  };
  replace("{project}", anchors.project);
  replace("{state}", anchors.state);
  replace("{config}", anchors.config);
  return out;
}

std::unexpected<base::Error> bad(const Rule& rule, std::string what, std::string hint) {
  base::Error error{.code = ErrorCode::invalid_argument,
                    .message = "rule '" + rule.id + "'" +
                               (rule.source.empty() || rule.source == "builtin" ? "" : " (" + rule.source + ")") +
                               ": " + std::move(what),
                    .hint = std::move(hint),
                    .rule = rule.id};
  return std::unexpected(std::move(error));
}

Result<void> check_tool(const Rule& rule, const text::NameGlob& glob, std::span<const std::string_view> names) {
  if (std::ranges::any_of(names, [&](std::string_view name) { return glob.matches(name); })) return {};
  const auto near = base::nearest(rule.tool, names);
  return bad(rule, "no tool is called '" + rule.tool + "', so it can never fire",
             near ? "did you mean '" + std::string(*near) + "'?" : "`lilux help tools` lists them all");
}

bool fits(const Compiled& rule, std::string_view tool, const Need* need, Principal who) {
  if ((rule.who & bit(who)) == 0) return false;
  if (!rule.is_any_tool && !rule.tool.matches(tool)) return false;
  return !rule.pattern || (need && rule.pattern->matches(*need));
}

// Which verdict a level gives to what no rule matched.
Effect unmatched(const Question& question) {
  if (question.autonomy == Autonomy::full && question.risk <= Risk::medium) return Effect::allow;
  return Effect::ask;
}

}  // namespace

// Rules by what their pattern begins with, so that a decision looks at a few. Every rule stands in exactly one place.
struct RuleSet::Index {
  std::vector<Rule> rules;
  std::vector<Compiled> compiled;
  std::unordered_map<std::string, std::vector<std::size_t>> anchored;  // resource + '\n' + anchor
  std::unordered_map<std::string, std::vector<std::size_t>> loose;     // resource
  std::vector<std::size_t> any;                                        // of any resource
  std::string version;

  void place(std::size_t i) {
    const auto& pattern = compiled[i].pattern;
    if (!pattern || pattern->capability().resource == "*")
      any.push_back(i);
    else if (pattern->anchor().empty())
      loose[pattern->capability().resource].push_back(i);
    else
      anchored[pattern->capability().resource + "\n" + pattern->anchor()].push_back(i);
  }

  // Calls `each` for the places that may hold rules about this need.
  template <class F>
  void candidates(const Need& need, F&& each) const {
    each(any);
    if (const auto found = loose.find(need.resource); found != loose.end()) each(found->second);
    std::string key = need.resource + "\n";
    const std::size_t stem = key.size();
    const auto look = [&](std::string_view anchor) {
      key.resize(stem);
      key += anchor;
      if (const auto found = anchored.find(key); found != anchored.end()) each(found->second);
    };
    const std::string_view target = need.target;
    if (need.resource == "fs") {
      for (std::size_t end = target.find('/', 1); end != std::string_view::npos; end = target.find('/', end + 1))
        look(target.substr(0, end));
      look(target);
    } else if (need.resource == "net") {
      std::string host(host_of(target));
      std::ranges::transform(host, host.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      if (host.ends_with('.')) host.pop_back();
      look(host);
      for (std::size_t dot = host.find('.'); dot != std::string::npos; dot = host.find('.', dot + 1))
        look(std::string_view(host).substr(dot + 1));
    } else if (need.resource == "shell") {
      const std::string_view word = target.substr(0, target.find(' '));
      look(word.substr(word.rfind('/') + 1));
    } else {
      look(target);
    }
  }

  // The strictest matching rule for one need; the first of equals. `none` when nothing matched.
  std::optional<std::size_t> strictest(std::string_view tool, const Need* need, Principal who) const {
    std::optional<std::size_t> best;
    const auto weigh = [&](const std::vector<std::size_t>& places) {
      for (const std::size_t i : places) {
        const bool is_better =
            !best || rules[i].effect > rules[*best].effect || (rules[i].effect == rules[*best].effect && i < *best);
        if (is_better && fits(compiled[i], tool, need, who)) best = i;
      }
    };
    if (need)
      candidates(*need, weigh);
    else
      weigh(any);
    return best;
  }

  Result<void> check_never(std::size_t i) const;
  Result<void> check_examples(std::size_t i) const;
};

namespace {

// A rule that a deny wholly covers, or that repeats another, can never fire.
bool shadows(const Compiled& strict, const Compiled& other) {
  if ((strict.who & other.who) != other.who) return false;
  if (!strict.is_any_tool && (other.is_any_tool || !text::covers(strict.tool, other.tool))) return false;
  if (!strict.pattern) return true;
  return other.pattern && strict.pattern->covers(*other.pattern);
}

Result<Compiled> compile_one(const Rule& rule, std::size_t number, const Anchors& anchors,
                             std::span<const std::string_view> tools, bool& is_void) {
  if (rule.id.empty() || rule.id.find_first_of(" \n\t") != std::string::npos)
    return bad(rule, "its id must be one word", "give it a name like 'deploy-host'");
  Result<text::NameGlob> tool = text::NameGlob::compile(rule.tool);
  if (!tool) return bad(rule, "tool: " + tool.error().message, tool.error().hint);
  TRY(check_tool(rule, *tool, tools));
  Compiled made{.number = number, .tool = std::move(*tool), .is_any_tool = rule.tool == "*"};
  if (!rule.who.empty()) {
    made.who = 0;
    for (const Principal who : rule.who) made.who |= bit(who);
  }
  if (rule.capability.empty() || rule.capability == "* * **") return made;
  const std::string text = TRY(expand(rule.capability, anchors, is_void));
  if (is_void) return made;
  Result<Capability> capability = parse_capability(text, anchors.project.empty() ? "/" : anchors.project, anchors.home);
  if (!capability) return bad(rule, capability.error().message + ", so it can never fire", capability.error().hint);
  if (rule.source != "builtin" && capability->resource == "fs" && rule.capability.find(" fs /") == std::string::npos &&
      rule.capability.find(" fs ~") == std::string::npos && rule.capability.find(" fs {") == std::string::npos &&
      capability->target != "**") {
    return bad(rule, "the path in '" + rule.capability + "' is relative", "begin it with /, ~/ or {project}/");
  }
  made.pattern = TRY(Pattern::compile(*capability));
  return made;
}

}  // namespace

Result<void> RuleSet::Index::check_never(std::size_t i) const {
  const Compiled& rule = compiled[i];
  const auto look = [&](const std::vector<std::size_t>& places) -> std::optional<std::size_t> {
    for (const std::size_t other : places) {
      if (other == i) continue;
      const bool is_denied =
          rules[other].effect == Effect::deny && rules[i].effect != Effect::deny && shadows(compiled[other], rule);
      const bool is_repeat = other < i && rules[other].effect == rules[i].effect &&
                             rules[other].tool == rules[i].tool && rules[other].capability == rules[i].capability &&
                             rules[other].who == rules[i].who;
      if (is_denied || is_repeat) return other;
    }
    return std::nullopt;
  };
  std::optional<std::size_t> found = look(any);
  if (!found && rule.pattern) {
    // A pattern that covers this one begins no later, so it stands where the anchor of this one is looked up.
    const Need anchor{.verb = rule.pattern->capability().verb,
                      .resource = rule.pattern->capability().resource,
                      .target = rule.pattern->anchor().empty() ? "/" : rule.pattern->anchor()};
    candidates(anchor, [&](const std::vector<std::size_t>& places) {
      if (!found) found = look(places);
    });
  }
  if (!found) return {};
  const Rule& other = rules[*found];
  if (other.effect == Effect::deny && rules[i].effect != Effect::deny) {
    return bad(rules[i],
               "it can never fire: '" + other.id + "' denies all it matches, and deny beats " +
                   std::string(base::enum_name(rules[i].effect)),
               "remove one of them: lilux policy remove " + other.id);
  }
  return bad(rules[i], "it repeats '" + other.id + "'", "remove one of them: lilux policy remove " + rules[i].id);
}

Result<void> RuleSet::Index::check_examples(std::size_t i) const {
  const auto check = [&](const std::vector<std::string>& examples, bool should_match) -> Result<void> {
    for (const std::string& example : examples) {
      const std::size_t space = example.find(' ');
      const Result<Need> need =
          parse_need(space == std::string::npos ? std::string_view() : std::string_view(example).substr(space + 1));
      if (!need)
        return bad(rules[i], "example '" + example + "': " + need.error().message,
                   "write '<tool> <verb> <resource> <target>'");
      bool does_match = false;
      for (const Principal who : {Principal::terminal, Principal::agent, Principal::mcp, Principal::http}) {
        does_match = does_match || fits(compiled[i], std::string_view(example).substr(0, space), &*need, who);
      }
      if (does_match != should_match)
        return bad(rules[i],
                   "it " + std::string(should_match ? "does not match" : "matches") + " its example '" + example + "'",
                   "mend the rule or the example");
    }
    return {};
  };
  TRY(check(rules[i].match, true));
  return check(rules[i].not_match, false);
}

Result<RuleSet> RuleSet::compile(std::vector<Rule> rules, const Anchors& anchors,
                                 std::span<const std::string_view> tool_names) {
  auto index = std::make_unique<Index>();
  std::set<std::string> ids;
  std::string all = anchors.project + "\n" + anchors.home + "\n" + anchors.state + "\n" + anchors.config + "\n";
  for (Rule& rule : rules) {
    if (!ids.insert(rule.id).second) return bad(rule, "there are two rules with this id", "rename one of them");
    bool is_void = false;
    Compiled compiled = TRY(compile_one(rule, index->rules.size(), anchors, tool_names, is_void));
    for (const std::string& part : {rule.id, std::string(base::enum_name(rule.effect)), rule.tool, rule.capability})
      all.append(part).append("\n");
    all += std::to_string(compiled.who);
    if (is_void) continue;  // about a project, where there is none
    index->rules.push_back(std::move(rule));
    index->compiled.push_back(std::move(compiled));
    index->place(index->rules.size() - 1);
  }
  for (std::size_t i = 0; i < index->rules.size(); ++i) {
    TRY(index->check_examples(i));
    if (index->rules[i].source != "builtin") TRY(index->check_never(i));
  }
  index->version = base::to_hex(base::sha256(all));
  return RuleSet(std::move(index));
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

namespace {

Decision level(const Question& question, Effect effect, std::string reason, const Need* need) {
  return {.effect = effect,
          .rule = "autonomy:" + std::string(base::enum_name(question.autonomy)),
          .reason = std::move(reason),
          .need = need ? to_string(*need) : ""};
}

}  // namespace

Decision RuleSet::decide(const Question& question) const {
  const auto one = [&](const Need* need) -> Decision {
    if (need) {
      if (const std::string why = malformed(*need); !why.empty())
        return {.effect = Effect::deny, .rule = "malformed", .reason = why, .need = to_string(*need)};
    }
    const std::optional<std::size_t> best = index_->strictest(question.tool, need, question.who);
    const bool is_admin = need && need->verb == Verb::admin;
    if (!best) {
      if (!need && !question.has_effect)
        return {.effect = Effect::allow, .rule = "no-needs", .reason = "it needs nothing", .need = ""};
      const Effect effect = unmatched(question);
      return level(question, effect,
                   effect == Effect::ask
                       ? "no rule matches"
                       : "no rule matches and the risk is " + std::string(base::enum_name(question.risk)),
                   need);
    }
    const Rule& rule = index_->rules[*best];
    Decision decision{
        .effect = rule.effect, .rule = rule.id, .reason = rule.reason, .need = need ? to_string(*need) : ""};
    if (rule.effect != Effect::allow || is_admin) return decision;
    if (question.autonomy == Autonomy::manual && question.has_effect)
      return level(question, Effect::ask, "every effect asks at this level", need);
    const bool is_grave = question.risk == Risk::critical && question.is_irreversible;
    if (question.autonomy == Autonomy::full && is_grave && rule.tool != question.tool)
      return level(question, Effect::ask, "it is critical and cannot be undone, and no rule names this tool", need);
    return decision;
  };
  Decision worst = question.needs.empty() ? one(nullptr) : one(&question.needs.front());
  for (std::size_t i = 1; i < question.needs.size() && worst.effect != Effect::deny; ++i) {
    Decision next = one(&question.needs[i]);
    if (next.effect > worst.effect) worst = std::move(next);
  }
  return worst;
}

std::vector<Rule> RuleSet::matching(const Question& question) const {
  std::vector<Rule> found;
  for (std::size_t i = 0; i < index_->rules.size(); ++i) {
    const bool is_match = question.needs.empty()
                              ? fits(index_->compiled[i], question.tool, nullptr, question.who)
                              : std::ranges::any_of(question.needs, [&](const Need& need) {
                                  return fits(index_->compiled[i], question.tool, &need, question.who);
                                });
    if (is_match) found.push_back(index_->rules[i]);
  }
  std::vector<Rule> sorted;
  for (const Effect effect : {Effect::deny, Effect::ask, Effect::allow}) {
    for (const Rule& rule : found) {
      if (rule.effect == effect) sorted.push_back(rule);
    }
  }
  return sorted;
}

}  // namespace lilux::policy
