#include "brain/caller_several.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "brain/split.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kCutsMost = 6;  // all ways to take some of them are looked at
constexpr std::size_t kCallsMost = 16;
constexpr float kNeedOfPart = 2.5F;  // what a part does not say another may
// What counts for and against several calls, in values of the sentence that are accounted for.
constexpr float kForCall = 0.6F;    // one call more
constexpr float kForGap = 0.5F;     // a parameter that one part has and another has not
constexpr float kForDoubt = 0.25F;  // the mean of the logarithms of the chances of a part's arguments

bool overlap(Span left, Span right) {
  return left.first <= right.last && right.first <= left.last;
}

// Where the values of a reading stand: numbers, times, what is written as a value, names.
std::vector<Span> values_in(const Reading& reading) {
  std::vector<Span> found;
  const auto add = [&](Span span) {
    const bool is_new =
        span.first <= span.last && std::ranges::none_of(found, [&](Span one) { return overlap(one, span); });
    if (is_new) found.push_back(span);
  };
  for (const Literal& one : reading.literals) add(reading.tokens_of(one.begin, one.end));
  for (const Moment& one : reading.moments) add(reading.tokens_of(one.begin, one.end));
  for (const Quantity& one : reading.quantities) {
    const bool counts_things = one.is_word || one.is_ordinal;  // "two triangles", "the second one"
    if (!counts_things) add(reading.tokens_of(one.begin, one.end));
  }
  const auto& tokens = reading.text.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].is_capital || tokens[i].begins_text || tokens[i].is_stop()) continue;
    std::size_t last = i;
    while (last + 1 < tokens.size() && tokens[last + 1].is_capital && tokens[last + 1].gap == Gap::space) ++last;
    add({.first = i, .last = last});
    i = last;
  }
  return found;
}

// A part of a sentence with the calls that it makes by itself.
struct Part {
  std::vector<Filled> calls = {};
  float used = 0;   // values accounted for
  float doubt = 0;  // mean logarithm of the chances
};

// The values of one parameter in their order.
std::vector<Candidate> values_of(const Argument& argument) {
  std::vector<Candidate> values = argument.others;
  values.push_back(argument.candidate);
  std::ranges::sort(values, {}, [](const Candidate& one) { return std::pair(one.span.first, one.span.last); });
  return values;
}

bool is_mentioned(const Reading& reading, std::string_view word) {
  return std::ranges::any_of(reading.text.tokens, [&](const Token& token) { return token.lower == word; });
}

// Values that stand in turns, or are told to, belong together; others are taken each with each.
bool in_turns(const Reading& reading, const std::vector<Candidate>& left, const std::vector<Candidate>& right) {
  if (left.size() != right.size()) return false;
  if (is_mentioned(reading, "respectively")) return true;
  return left.size() > 1 && left[0].span.first < right[1].span.first && right[0].span.first < left[1].span.first;
}

void spread_over(const Reading& reading, std::size_t at, const std::vector<std::size_t>& listed,
                 std::vector<Filled>& calls) {
  const std::vector<Candidate> values = values_of(calls.front().arguments[at]);
  for (const std::size_t before : listed) {
    if (!in_turns(reading, values_of(calls.front().arguments[before]), values)) continue;
    const std::vector<Candidate> others = values_of(calls.front().arguments[before]);
    for (Filled& call : calls) {
      const auto found = std::ranges::find(others, call.arguments[before].candidate.span, &Candidate::span);
      if (found != others.end())
        call.arguments[at].candidate = values[static_cast<std::size_t>(found - others.begin())];
    }
    return;
  }
  if (calls.size() * values.size() > kCallsMost) return;
  std::vector<Filled> all;
  for (const Filled& call : calls) {
    for (const Candidate& value : values) {
      all.push_back(call);
      all.back().arguments[at].candidate = value;
    }
  }
  calls = std::move(all);
}

// A call for each of the values that a parameter has in a list.
std::vector<Filled> over_lists(const Reading& reading, const Filled& first) {
  std::vector<Filled> calls{first};
  std::vector<std::size_t> listed;
  for (std::size_t i = 0; i < first.arguments.size(); ++i) {
    if (first.arguments[i].others.empty()) continue;
    spread_over(reading, i, listed, calls);
    listed.push_back(i);
  }
  return calls;
}

Part part_of(const Reading& reading, const Filled& first) {
  Part part;
  part.calls = over_lists(reading, first);
  std::vector<Span> used;
  float sum = 0;
  for (const Argument& argument : first.arguments) {
    sum += std::log(argument.chance);
    for (const Candidate& value : values_of(argument)) {
      if (value.has_span()) used.push_back(value.span);
    }
  }
  part.doubt = first.arguments.empty() ? 0 : sum / static_cast<float>(first.arguments.size());
  for (const Span value : values_in(reading)) {
    const auto covers = [&](Span one) { return overlap(one, value); };
    part.used += std::ranges::any_of(used, covers) ? 1.0F : 0.0F;
  }
  return part;
}

// All parts from one cut to another, each read and filled once.
class Parts {
 public:
  Parts(const Reading& whole, std::vector<Cut> cuts, const Tool& tool, const Weights& weights, Now now)
      : whole_(&whole), cuts_(std::move(cuts)), tool_(&tool), weights_(&weights), now_(now) {}

  std::size_t cuts() const { return cuts_.size(); }
  bool is_weak(std::size_t cut) const { return cut <= cuts_.size() && cuts_[cut - 1].is_weak; }

  // From behind the cut `from` up to the cut `to`; 0 is the beginning, cuts() + 1 the end.
  const Part& at(std::size_t from, std::size_t to) {
    const auto [found, is_new] = parts_.try_emplace({from, to});
    if (is_new) {
      const std::size_t begin = from == 0 ? 0 : cuts_[from - 1].end;
      const std::string_view text = whole_->text.text;
      const std::size_t end = to > cuts_.size() ? text.size() : cuts_[to - 1].begin;
      const Reading part = read_part(*whole_, text.substr(begin, end - begin), now_, words_);
      found->second = part_of(part, fill(part, *tool_, *weights_, kNeedOfPart));
    }
    return found->second;
  }

 private:
  const Reading* whole_;
  std::vector<Cut> cuts_;
  const Tool* tool_;
  const Weights* weights_;
  Now now_;
  search::Words words_;
  std::map<std::pair<std::size_t, std::size_t>, Part> parts_ = {};
};

const Argument* argument_of(const Filled& filled, std::size_t parameter) {
  const auto found = std::ranges::find(filled.arguments, parameter, &Argument::parameter);
  return found == filled.arguments.end() ? nullptr : &*found;
}

bool is_said(const Argument* argument) {
  return argument != nullptr && argument->candidate.has_span();
}

// What a part does not say is what the one before it said, or, where it is required, the first that says it.
void inherit(const Tool& tool, std::vector<Filled>& calls) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (std::size_t parameter = 0; parameter < tool.parameters.size(); ++parameter) {
      if (argument_of(calls[i], parameter) != nullptr) continue;
      const Argument* given = i > 0 ? argument_of(calls[i - 1], parameter) : nullptr;
      for (std::size_t j = i + 1; given == nullptr && tool.parameters[parameter].is_required && j < calls.size(); ++j)
        given = argument_of(calls[j], parameter);
      if (given != nullptr) calls[i].arguments.push_back(*given);
    }
    std::erase_if(calls[i].missing, [&](std::size_t missing) { return argument_of(calls[i], missing) != nullptr; });
  }
}

struct Plan {
  std::vector<Filled> calls = {};
  float worth = 0;
};

bool is_said_well(const Part& part, std::size_t parameter, bool is_required) {
  const Argument* argument = argument_of(part.calls.front(), parameter);
  return is_said(argument) && argument->chance > (is_required ? 0.25F : 0.5F);
}

// Names beside names, numbers beside numbers.
bool look_alike(const Candidate& left, const Candidate& right) {
  if (left.source != right.source) return false;
  if (!left.value.is_string() || !right.value.is_string()) return true;
  const auto is_name = [](const base::Json& value) {
    const std::string& text = value.as_string();
    return !text.empty() && text.front() >= 'A' && text.front() <= 'Z';
  };
  return is_name(left.value) == is_name(right.value);
}

// Something that a call needs must be said by all parts in the same manner: what they differ in.
bool is_sound(const Tool& tool, const std::vector<const Part*>& parts) {
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const auto says = [&](const Part* part) {
      return is_said_well(*part, i, tool.parameters[i].is_required) &&
             look_alike(argument_of(parts.front()->calls.front(), i)->candidate,
                        argument_of(part->calls.front(), i)->candidate);
    };
    if (std::ranges::all_of(parts, says)) return true;
  }
  return false;
}

// Whether all parts say the same parameters: what is needed where only commas part them.
bool are_alike(const Tool& tool, const std::vector<const Part*>& parts) {
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const auto says = [&](const Part* part) { return is_said(argument_of(part->calls.front(), i)); };
    if (std::ranges::any_of(parts, says) && !std::ranges::all_of(parts, says)) return false;
  }
  return true;
}

std::optional<Plan> plan_of(const Tool& tool, const std::vector<const Part*>& parts) {
  if (parts.size() > 1 && !is_sound(tool, parts)) return std::nullopt;
  Plan plan;
  for (const Part* part : parts) {
    plan.worth += part->used + kForDoubt * part->doubt;
    plan.calls.insert(plan.calls.end(), part->calls.begin(), part->calls.end());
  }
  plan.worth -= kForCall * static_cast<float>(parts.size() - 1);
  for (std::size_t parameter = 0; parameter < tool.parameters.size(); ++parameter) {
    const auto says = [&](const Part* part) { return is_said(argument_of(part->calls.front(), parameter)); };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(parts, says));
    const bool is_shared = count == 1 && says(parts.front());
    if (count > 0 && !is_shared) plan.worth -= kForGap * static_cast<float>(parts.size() - count);
  }
  if (plan.calls.size() > kCallsMost) return std::nullopt;
  inherit(tool, plan.calls);
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    if (!plan.calls[i].missing.empty() && parts.size() > 1) return std::nullopt;
    for (std::size_t j = 0; parts.size() > 1 && j < i; ++j) {
      if (arguments_of(tool, plan.calls[i]) == arguments_of(tool, plan.calls[j])) return std::nullopt;
    }
  }
  return plan;
}

}  // namespace

std::vector<Filled> fill_each(const Reading& reading, const Tool& tool, const Filled& whole, const Weights& weights,
                              Now now) {
  std::vector<Cut> cuts = cuts_of(reading.text.text);
  if (cuts.size() > kCutsMost) {
    std::erase_if(cuts, [](const Cut& cut) { return cut.is_weak; });
    if (cuts.size() > kCutsMost) cuts.resize(kCutsMost);
  }
  Parts parts(reading, std::move(cuts), tool, weights, now);
  const Part single = part_of(reading, whole);
  Plan best = *plan_of(tool, {&single});
  const bool has_more = values_in(reading).size() > static_cast<std::size_t>(single.used);
  for (std::size_t set = 1; has_more && set < (std::size_t{1} << parts.cuts()); ++set) {
    std::vector<const Part*> taken;
    std::size_t from = 0;
    bool is_weak = false;
    for (std::size_t cut = 1; cut <= parts.cuts() + 1; ++cut) {
      if (cut <= parts.cuts() && (set >> (cut - 1) & 1U) == 0) continue;
      is_weak = is_weak || parts.is_weak(cut);
      taken.push_back(&parts.at(from, cut));
      from = cut;
    }
    if (is_weak && !are_alike(tool, taken)) continue;
    auto plan = plan_of(tool, taken);
    if (plan && plan->worth > best.worth) best = std::move(*plan);
  }
  return best.calls;
}

}  // namespace lilux::brain
