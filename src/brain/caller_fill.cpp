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
constexpr float kNeed = 3.0F;
constexpr std::size_t kKeptMost = 24;

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
  for (Candidate& candidate : candidates_for(tool.parameters[parameter], reading)) {
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

// How much better the best option is than having none.
float gain(const Open& open, bool is_required) {
  return open.options.front().score - open.none + (is_required ? kNeed : 0);
}

}  // namespace

Filled fill(const Reading& reading, const Tool& tool, const Weights& weights) {
  std::vector<Open> all;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) all.push_back(options_of(reading, tool, i, weights));
  Filled filled;
  for (;;) {
    std::size_t best = all.size();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].is_done || all[i].options.empty() || gain(all[i], tool.parameters[i].is_required) <= 0) continue;
      if (best == all.size() ||
          all[i].options.front().score - all[i].total > all[best].options.front().score - all[best].total)
        best = i;
    }
    if (best == all.size()) break;
    Open& open = all[best];
    open.is_done = true;
    filled.arguments.push_back({.parameter = best,
                                .candidate = open.options.front().candidate,
                                .chance = std::exp(open.options.front().score - open.total)});
    for (Open& other : all) {
      if (!other.is_done)
        std::erase_if(other.options, [&](const Option& option) {
          return overlap(option.candidate, filled.arguments.back().candidate);
        });
    }
  }
  std::ranges::sort(filled.arguments, {}, &Argument::parameter);
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

Json arguments_of(const Tool& tool, const Filled& filled) {
  JsonObject whole;
  for (const Argument& argument : filled.arguments) {
    JsonObject* object = &whole;
    const auto& path = tool.parameters[argument.parameter].path;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      if (object->find(path[i]) == nullptr) object->set(path[i], JsonObject{});
      object = &object->find(path[i])->as_object();
    }
    object->set(path.back(), argument.candidate.value);
  }
  return whole;
}

}  // namespace lilux::brain
