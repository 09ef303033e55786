// Deciding: every need by itself, the strictest answer counts.

#include <algorithm>

#include "base/escape.h"
#include "base/field.h"
#include "policy/ruleset.h"

namespace lilux::policy {

namespace {

constexpr std::string_view kMalformed = "malformed";
constexpr std::string_view kNoNeeds = "no-needs";
constexpr std::string_view kGrave = "critical";

// Why a need got its answer, without any text yet: a call may have thousands of needs.
struct Verdict {
  enum class By : std::uint8_t { rule, malformed, no_needs, unmatched, manual, grave, opaque };
  Effect effect = Effect::ask;
  By by = By::unmatched;
  std::uint32_t rule = 0;
};

bool is_grave(const Question& question) {
  return question.has_effect && question.is_irreversible && question.risk == Risk::critical;
}

Effect unmatched(const Question& question) {
  return question.autonomy == Autonomy::full && question.risk <= Risk::medium ? Effect::allow : Effect::ask;
}

enum class Which : std::uint8_t { all, naming_the_tool, spelled_out };

bool is_spelled_out(const Compiled& rule) {
  const auto* argv = rule.pattern ? std::get_if<text::ArgvGlob>(&rule.pattern->target()) : nullptr;
  return argv && argv->is_literal();
}

// The strictest rule that fits, the first of equals.
std::optional<std::uint32_t> strictest(const std::vector<Compiled>& rules,
                                       std::span<const Places::Numbers* const> places, const Question& question,
                                       const Subject* subject, Which which) {
  std::optional<std::uint32_t> best;
  for (const Places::Numbers* place : places) {
    for (const std::uint32_t number : *place) {
      const Compiled& rule = rules[number];
      const bool is_better =
          !best || rule.effect > rules[*best].effect || (rule.effect == rules[*best].effect && number < *best);
      if (!is_better) break;  // nor are those behind it
      if (which == Which::naming_the_tool && rule.tool_name.empty()) continue;
      if (which == Which::spelled_out && !is_spelled_out(rule)) continue;
      if (rule.fits(question.tool, subject, question.who)) best = number;
    }
  }
  return best;
}

// The first rule that takes rights to some command.
std::optional<std::uint32_t> restricting(const std::vector<Compiled>& rules, const Question& question) {
  const auto found = std::ranges::find_if(rules, [&](const Compiled& rule) {
    return rule.effect != Effect::allow && rule.pattern && rule.pattern->capability().resource == "shell" &&
           (rule.who >> static_cast<unsigned>(question.who) & 1u) != 0 && rule.tool.matches(question.tool);
  });
  if (found == rules.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - rules.begin());
}

Verdict judge(const std::vector<Compiled>& rules, const Places& places, const Question& question, const Need* need) {
  std::optional<Subject> subject;
  if (need) subject.emplace(*need);
  if (subject && !subject->problem.empty()) return {.effect = Effect::deny, .by = Verdict::By::malformed};
  const Subject* judged = subject ? &*subject : nullptr;
  const auto found = places.candidates(question.tool, judged);
  const auto best = strictest(rules, found, question, judged, Which::all);
  if (!best) {
    if (!need && !question.has_effect) return {.effect = Effect::allow, .by = Verdict::By::no_needs};
    return {.effect = unmatched(question), .by = Verdict::By::unmatched};
  }
  const Verdict verdict{.effect = rules[*best].effect, .by = Verdict::By::rule, .rule = *best};
  if (verdict.effect != Effect::allow) return verdict;
  // What a person in a terminal does to the kernel is that person's answer already.
  const bool is_own_answer = need && need->verb == Verb::admin && question.who == Principal::terminal;
  if (question.autonomy == Autonomy::manual && question.has_effect && !is_own_answer)
    return {.effect = Effect::ask, .by = Verdict::By::manual};
  if (judged && judged->is_opaque && !strictest(rules, found, question, judged, Which::spelled_out)) {
    if (const auto restricted = restricting(rules, question))
      return {.effect = Effect::ask, .by = Verdict::By::opaque, .rule = *restricted};
  }
  if (is_grave(question) && !strictest(rules, found, question, judged, Which::naming_the_tool))
    return {.effect = Effect::ask, .by = Verdict::By::grave};
  return verdict;
}

std::string level_rule(const Question& question) {
  return "autonomy:" + std::string(base::enum_name(question.autonomy));
}

bool lies_in(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

// What no rule matches; of a command its program alone, since the words may be secrets.
std::string unmatched_reason(const std::string& project, const Question& question, const Need* need) {
  if (!need) return "no rule matches";
  const bool is_command = need->resource == "shell" || need->resource == "sandbox";
  const std::string target = is_command ? need->target.substr(0, need->target.find(' ')) : need->target;
  std::string reason = "no rule matches " + base::escape_line(to_string(Need{need->verb, need->resource, target}));
  if (need->resource != "fs") return reason;
  if (!project.empty())
    return lies_in(target, project) ? reason
                                    : reason + ", which lies outside of the project " + base::escape_line(project);
  reason += ", and there is no project";
  return question.who == Principal::http ? reason + ": without ?folder= a relative path lies in the home folder"
                                         : reason;
}

Decision spelled(const Verdict& verdict, const std::vector<Rule>& rules, const std::string& project,
                 const Question& question, const Need* need) {
  Decision decision{.effect = verdict.effect, .rule = {}, .reason = {}, .need = need ? to_string(*need) : ""};
  switch (verdict.by) {
    case Verdict::By::rule:
      decision.rule = rules[verdict.rule].id;
      decision.reason = rules[verdict.rule].reason;
      break;
    case Verdict::By::opaque:
      decision.rule = rules[verdict.rule].id;
      decision.reason = "what its script runs cannot be told, and '" + decision.rule + "' is about some commands";
      break;
    case Verdict::By::malformed:
      decision.rule = kMalformed;
      decision.reason = Subject(*need).problem + ", so no rule can judge it";
      break;
    case Verdict::By::no_needs:
      decision.rule = kNoNeeds;
      decision.reason = "it needs nothing";
      break;
    case Verdict::By::unmatched:
      decision.rule = level_rule(question);
      decision.reason = verdict.effect == Effect::ask
                            ? unmatched_reason(project, question, need)
                            : "no rule matches it, and level " + std::string(base::enum_name(question.autonomy)) +
                                  " allows what is of " + std::string(base::enum_name(question.risk)) + " risk";
      break;
    case Verdict::By::manual:
      decision.rule = level_rule(question);
      decision.reason = "at level manual every effect asks";
      break;
    case Verdict::By::grave:
      decision.rule = kGrave;
      decision.reason =
          "it is critical and cannot be undone, and no rule that allows it names '" + std::string(question.tool) + "'";
      break;
  }
  return decision;
}

// "/a/b" of "/a/b/**" and of "/a/b".
std::optional<std::string> written_out(const text::PathGlob::Choice& choice) {
  std::string place;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    const bool is_all_below = choice[i].is_deep && i + 1 == choice.size() && i > 0;
    if (is_all_below) break;
    if (choice[i].is_deep || !choice[i].wild.is_literal()) return std::nullopt;
    place += "/" + choice[i].wild.tail();
  }
  return place.empty() ? std::nullopt : std::optional(std::move(place));
}

}  // namespace

Decision RuleSet::decide(const Question& question) const {
  const Need* decisive = question.needs.empty() ? nullptr : question.needs.data();
  Verdict worst = judge(index_->compiled, index_->places, question, decisive);
  for (std::size_t i = 1; i < question.needs.size() && worst.effect != Effect::deny; ++i) {
    const Verdict next = judge(index_->compiled, index_->places, question, &question.needs[i]);
    if (next.effect <= worst.effect) continue;
    worst = next;
    decisive = &question.needs[i];
  }
  return spelled(worst, index_->rules, index_->project, question, decisive);
}

std::vector<Rule> RuleSet::restrictions_below(const Question& question, const Need& folder) const {
  const auto restricts = [&](const Compiled& rule) {
    if (rule.effect == Effect::allow || (rule.who >> static_cast<unsigned>(question.who) & 1u) == 0) return false;
    if (!rule.tool.matches(question.tool)) return false;
    if (!rule.pattern) return true;
    const Capability& capability = rule.pattern->capability();
    const auto* paths = std::get_if<text::PathGlob>(&rule.pattern->target());
    const bool is_about = (capability.any_verb || capability.verb == folder.verb) &&
                          (capability.resource == "*" || capability.resource == folder.resource);
    return is_about && (!paths || paths->reaches_below(folder.target));
  };
  std::vector<Rule> found;
  for (std::size_t i = 0; i < index_->rules.size(); ++i) {
    if (restricts(index_->compiled[i])) found.push_back(index_->rules[i]);
  }
  return found;
}

std::vector<std::string> RuleSet::allowed_places(const Question& question, const Need& kind) const {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < index_->rules.size(); ++i) {
    const Compiled& rule = index_->compiled[i];
    if (rule.effect != Effect::allow || !rule.pattern || index_->rules[i].source == "builtin") continue;
    const Capability& capability = rule.pattern->capability();
    const auto* paths = std::get_if<text::PathGlob>(&rule.pattern->target());
    const bool is_about =
        (capability.any_verb || capability.verb == kind.verb) && capability.resource == kind.resource &&
        (rule.who >> static_cast<unsigned>(question.who) & 1u) != 0 && rule.tool.matches(question.tool);
    if (!paths || !is_about) continue;
    for (const text::PathGlob::Choice& choice : paths->choices()) {
      if (std::optional<std::string> place = written_out(choice)) found.push_back(*std::move(place));
    }
  }
  return found;
}

std::vector<Rule> RuleSet::matching(const Question& question) const {
  std::vector<std::unique_ptr<Subject>> subjects;
  for (const Need& need : question.needs) {
    auto subject = std::make_unique<Subject>(need);
    if (subject->problem.empty()) subjects.push_back(std::move(subject));
  }
  std::vector<Rule> found;
  for (const Effect effect : {Effect::deny, Effect::ask, Effect::allow}) {
    for (std::size_t i = 0; i < index_->rules.size(); ++i) {
      const Compiled& rule = index_->compiled[i];
      if (rule.effect != effect) continue;
      const auto fits = [&](const Subject* subject) { return rule.fits(question.tool, subject, question.who); };
      const bool is_match =
          question.needs.empty() ? fits(nullptr) : std::ranges::any_of(subjects, fits, &std::unique_ptr<Subject>::get);
      if (is_match) found.push_back(index_->rules[i]);
    }
  }
  return found;
}

}  // namespace lilux::policy
