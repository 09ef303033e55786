#include "brain/caller_fill.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "brain/caller_features.h"

namespace lilux::brain {

using base::Json;
using base::JsonObject;

namespace {

// How much a required parameter is helped over having none, so that it is only missing when nothing fits at all.
constexpr float kNeed = 4.5F;
constexpr std::size_t kKeptMost = 24;
// How much less another value may fit to be a second one.
constexpr float kAlike = 1.2F;
constexpr std::size_t kCallsMost = 16;

struct Option {
  Candidate candidate = {};
  float score = 0;
};

struct Open {
  std::vector<Option> options = {};  // best first
  float none = 0;
  float total = 0;  // logarithm of the sum of all
  bool is_done = false;
};

Open options_of(const Reading& reading, const Tool& tool, std::size_t parameter, const Weights& weights) {
  const FillView view(reading, tool, parameter);
  Open open;
  Features features;
  // What is on or off and may be left out is left out where nothing speaks of it.
  const Parameter& given = tool.parameters[parameter];
  const bool is_silent = given.kind == Kind::boolean && !given.is_required && !view.is_told();
  for (Candidate& candidate : candidates_for(given, reading)) {
    if (is_silent && candidate.source == Source::boolean) continue;
    view.see(candidate, features);
    const float value = score(weights.fill, features);
    if (candidate.source == Source::none)
      open.none = value;
    else
      open.options.push_back({.candidate = std::move(candidate), .score = value});
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(kKeptMost, open.options.size()));
  std::partial_sort(open.options.begin(), open.options.begin() + kept, open.options.end(),
                    [](const Option& left, const Option& right) { return left.score > right.score; });
  open.options.resize(static_cast<std::size_t>(kept));
  const float most = open.options.empty() ? open.none : std::max(open.none, open.options.front().score);
  float sum = std::exp(open.none - most);
  for (const Option& option : open.options) sum += std::exp(option.score - most);
  open.total = most + std::log(sum);
  return open;
}

bool overlap(const Candidate& left, const Candidate& right) {
  if (!left.has_span() || !right.has_span()) return false;
  if (left.source == Source::choice || right.source == Source::choice) return false;
  return left.span.first <= right.span.last && right.span.first <= left.span.last;
}

// One choice for each parameter: the number of an option, or none.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kBeam = 4;
constexpr std::size_t kWidth = 6;

struct Choice {
  std::vector<std::size_t> taken = {};  // of each parameter
  float score = 0;
};

bool is_free(const std::vector<Open>& all, const Choice& choice, const Candidate& candidate) {
  for (std::size_t i = 0; i < choice.taken.size(); ++i) {
    if (choice.taken[i] != kNone && overlap(all[i].options[choice.taken[i]].candidate, candidate)) return false;
  }
  return true;
}

// What follows from a choice when one more parameter is decided.
void go_on(const std::vector<Open>& all, const Choice& choice, std::size_t parameter, bool is_required,
           std::vector<Choice>& next) {
  const Open& open = all[parameter];
  Choice without = choice;
  without.score += open.none - open.total - (is_required ? kNeed : 0);
  next.push_back(std::move(without));
  std::size_t count = 0;
  for (std::size_t i = 0; i < open.options.size() && count < kWidth; ++i) {
    if (!is_free(all, choice, open.options[i].candidate)) continue;
    ++count;
    Choice with = choice;
    with.taken[parameter] = i;
    with.score += open.options[i].score - open.total;
    next.push_back(std::move(with));
  }
}

// The options that fit best together, the surest parameters decided first.
std::vector<std::size_t> best_together(const std::vector<Open>& all, const Tool& tool) {
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) order[i] = i;
  const auto sureness = [&](std::size_t i) {
    return all[i].options.empty() ? -100.0F : all[i].options.front().score - all[i].total;
  };
  std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
    return sureness(left) != sureness(right) ? sureness(left) > sureness(right) : left < right;
  });
  std::vector<Choice> beam{{.taken = std::vector<std::size_t>(all.size(), kNone)}};
  std::vector<Choice> next;
  for (const std::size_t parameter : order) {
    next.clear();
    for (const Choice& choice : beam) go_on(all, choice, parameter, tool.parameters[parameter].is_required, next);
    const auto kept = static_cast<std::ptrdiff_t>(std::min(kBeam, next.size()));
    std::partial_sort(next.begin(), next.begin() + kept, next.end(), [](const Choice& left, const Choice& right) {
      return left.score != right.score ? left.score > right.score : left.taken < right.taken;
    });
    next.resize(static_cast<std::size_t>(kept));
    std::swap(beam, next);
  }
  return beam.front().taken;
}

bool has_place(const Candidate& candidate) {
  return candidate.has_span() && candidate.source != Source::boolean;
}

// What comes from the same sort of place and is about as good, each apart from the others.
std::vector<Candidate> others_of(const Open& open, const Option& best) {
  std::vector<Candidate> others;
  if (!has_place(best.candidate)) return others;
  for (const Option& option : open.options) {
    if (option.score < best.score - kAlike || option.score < open.none || others.size() + 1 >= kCallsMost) break;
    if (!has_place(option.candidate) || option.candidate.value == best.candidate.value) continue;
    const auto meets = [&](const Candidate& one) {
      return (one.span.first <= option.candidate.span.last && option.candidate.span.first <= one.span.last) ||
             one.value == option.candidate.value;
    };
    if (meets(best.candidate) || std::ranges::any_of(others, meets)) continue;
    others.push_back(option.candidate);
  }
  return others;
}

}  // namespace

Filled fill(const Reading& reading, const Tool& tool, const Weights& weights) {
  std::vector<Open> all;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) all.push_back(options_of(reading, tool, i, weights));
  Filled filled;
  const std::vector<std::size_t> taken = best_together(all, tool);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (taken[i] == kNone) continue;
    const Option& option = all[i].options[taken[i]];
    filled.arguments.push_back({.parameter = i,
                                .candidate = option.candidate,
                                .chance = std::exp(option.score - all[i].total),
                                .others = others_of(all[i], option)});
  }
  float sum = 0;
  std::size_t required = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!tool.parameters[i].is_required) continue;
    ++required;
    const auto found = std::ranges::find(filled.arguments, i, &Argument::parameter);
    if (found == filled.arguments.end()) filled.missing.push_back(i);
    sum += found == filled.arguments.end() ? -6.0F : std::max(-6.0F, std::log(found->chance));
  }
  filled.certainty = required == 0 ? 0 : sum / static_cast<float>(required);
  return filled;
}

std::vector<Filled> fill_each(const Reading& reading, const Tool& tool, const Weights& weights) {
  Filled first = fill(reading, tool, weights);
  // Values that another parameter has taken are no second ones.
  for (Argument& argument : first.arguments) {
    std::erase_if(argument.others, [&](const Candidate& one) {
      return std::ranges::any_of(
          first.arguments, [&](const Argument& other) { return &other != &argument && overlap(one, other.candidate); });
    });
  }
  std::size_t count = 1;
  for (const Argument& argument : first.arguments) count = std::max(count, argument.others.size() + 1);
  if (count == 1) return {first};
  std::vector<Filled> all(count, first);
  for (std::size_t i = 0; i < first.arguments.size(); ++i) {
    std::vector<Candidate> values = first.arguments[i].others;
    values.push_back(first.arguments[i].candidate);
    if (values.size() == 1) continue;
    std::ranges::sort(values, {}, [](const Candidate& one) { return std::pair(one.span.first, one.span.last); });
    for (std::size_t call = 0; call < count; ++call)
      all[call].arguments[i].candidate = values[std::min(call, values.size() - 1)];
  }
  return all;
}

Json arguments_of(const Tool& tool, const Filled& filled) {
  JsonObject whole;
  for (const Argument& argument : filled.arguments) {
    JsonObject* object = &whole;
    const Parameter& parameter = tool.parameters[argument.parameter];
    const auto& path = parameter.path;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const bool is_list = i + 1 == parameter.list_at;
      if (object->find(path[i]) == nullptr)
        object->set(path[i], is_list ? Json(base::JsonArray{Json(JsonObject{})}) : Json(JsonObject{}));
      Json& inner = *object->find(path[i]);
      object = is_list ? &inner.as_array().front().as_object() : &inner.as_object();
    }
    object->set(path.back(), argument.candidate.value);
  }
  return whole;
}

}  // namespace lilux::brain
