#include "brain/caller_train.h"

#include <algorithm>
#include <cmath>

#include "brain/caller_choose.h"
#include "brain/caller_features.h"
#include "brain/caller_fill.h"

namespace lilux::brain {

using base::Json;
using base::JsonArray;
using base::Result;

namespace {

constexpr std::uint32_t kFillRounds = 8;
constexpr std::uint32_t kChooseRounds = 12;
constexpr float kStep = 0.2F;
constexpr float kFillDecay = 8e-3F;  // towards 0, of the features that are seen
constexpr float kChooseDecay = 2e-3F;

// Some options of which some are right.
struct Lesson {
  std::vector<Features> options = {};
  std::vector<bool> is_right = {};
};

// A table that learns by gradients, each number with a step of its own that gets smaller as it is used.
class Learner {
 public:
  Learner(std::vector<float>& table, float decay)
      : table_(&table), squares_(table.size()), sums_(table.size()), decay_(decay) {}

  void learn(const Lesson& lesson) {
    const std::vector<double> all = chances(lesson);
    double right = 0;
    for (std::size_t i = 0; i < all.size(); ++i) right += lesson.is_right[i] ? all[i] : 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double wanted = lesson.is_right[i] ? all[i] / std::max(right, 1e-12) : 0;
      const auto gradient = static_cast<float>(all[i] - wanted);
      if (std::fabs(gradient) > 1e-4F) move(lesson.options[i], gradient);
    }
  }

  // The mean of what it was after each round is steadier than what it is at the end.
  void end_round() {
    for (std::size_t i = 0; i < table_->size(); ++i) sums_[i] += (*table_)[i];
    ++rounds_;
  }
  void settle() {
    for (std::size_t i = 0; i < table_->size(); ++i) (*table_)[i] = sums_[i] / static_cast<float>(rounds_);
  }

 private:
  std::vector<double> chances(const Lesson& lesson) const {
    std::vector<double> all;
    double most = -1e9;
    for (const Features& option : lesson.options) {
      all.push_back(static_cast<double>(score(*table_, option)));
      most = std::max(most, all.back());
    }
    double sum = 0;
    for (double& one : all) sum += one = std::exp(one - most);
    for (double& one : all) one /= sum;
    return all;
  }

  void move(const Features& features, float gradient) {
    for (const std::uint32_t feature : features) {
      const std::size_t at = feature & (table_->size() - 1);
      const float slope = gradient + decay_ * (*table_)[at];
      squares_[at] += slope * slope;
      (*table_)[at] -= kStep * slope / std::sqrt(squares_[at] + 1e-6F);
    }
  }

  std::vector<float>* table_;
  std::vector<float> squares_;
  std::vector<float> sums_;
  int rounds_ = 0;
  float decay_;
};

// In an order that looks like chance and is the same every time.
std::vector<std::size_t> shuffled(std::size_t count, std::uint32_t round) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::ranges::sort(
      order, {}, [&](std::size_t i) { return std::pair(mixed(static_cast<std::uint32_t>(i), round * 7919 + 1), i); });
  return order;
}

struct Prepared {
  const Case* given = nullptr;
  ToolSet tools = {};
  Reading reading = {};
};

// The one right value of a parameter, or null when it is in none of the answers of its tool.
const Json* right_value(const Json& arguments, const std::vector<std::string>& path) {
  const Json* at = &arguments;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0 && at->is_array() && !at->as_array().empty() && at->as_array().front().is_object())
      at = &at->as_array().front();
    at = at->find(path[i]);
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool may_be_absent(const Json* right) {
  if (right == nullptr) return true;
  if (!right->is_array()) return false;
  return std::ranges::any_of(right->as_array(),
                             [](const Json& one) { return one.is_string() && one.as_string().empty(); });
}

std::optional<Lesson> fill_lesson(const Prepared& one, const Tool& tool, std::size_t parameter,
                                  const std::vector<const Json*>& answers) {
  const FillView view(one.reading, tool, parameter);
  std::vector<const Json*> rights;
  for (const Json* arguments : answers) rights.push_back(right_value(*arguments, tool.parameters[parameter].path));
  const Json* right = rights.front();
  Lesson lesson;
  bool any = false;
  std::vector<Candidate> candidates = candidates_for(tool.parameters[parameter], one.reading);
  for (const Candidate& candidate : candidates) {
    Features features;
    view.see(candidate, features);
    lesson.options.push_back(std::move(features));
    const bool fits = candidate.source != Source::none && right != nullptr &&
                      is_right_value(candidate.value, *right, &tool.parameters[parameter]);
    lesson.is_right.push_back(fits);
    any = any || fits;
  }
  if (may_be_absent(right)) {
    // What may be left out and stands there is told, where the sentence has it.
    if (!any || !tool.parameters[parameter].is_required)
      lesson.is_right[0] = !any || !tool.parameters[parameter].is_required;
    any = true;
  }
  if (!any || lesson.options.size() < 2) return std::nullopt;
  return lesson;
}

// What the tool is called with.
std::vector<const Json*> answers_of(const Case& given, const std::string& tool) {
  std::vector<const Json*> found;
  for (const Json& answer : *given.answers) {
    const Json* arguments = answer.find("arguments");
    if (answer.string_or("name") == tool && arguments != nullptr && arguments->is_object()) found.push_back(arguments);
  }
  return found;
}

void learn_fills(std::span<const Prepared> all, Weights& weights, Lessons& lessons) {
  std::vector<Lesson> kept;
  for (const Prepared& one : all) {
    for (const Tool& tool : one.tools.tools()) {
      const std::vector<const Json*> answers = answers_of(*one.given, tool.name);
      if (answers.empty()) continue;
      for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
        if (auto lesson = fill_lesson(one, tool, i, answers)) kept.push_back(std::move(*lesson));
      }
    }
  }
  lessons.fills = kept.size();
  Learner learner(weights.fill, kFillDecay);
  for (std::uint32_t round = 0; round < kFillRounds; ++round) {
    for (const std::size_t i : shuffled(kept.size(), round)) learner.learn(kept[i]);
    learner.end_round();
  }
  learner.settle();
}

// Cases with the same tools are in the same part.
constexpr std::uint32_t kParts = 3;
std::uint32_t part_of(const Prepared& one) {
  if (one.tools.tools().empty()) return 0;
  return mixed(hash_of(one.tools.tools().front().name), 5) % kParts;
}

std::optional<Lesson> choose_lesson(const Prepared& one, const Weights& weights) {
  if (one.given->is_for_arguments || one.given->answers->size() > 1) return std::nullopt;
  const std::string right = one.given->answers->empty() ? std::string() : one.given->answers->front().string_or("name");
  Lesson lesson{.options = {{}}, .is_right = {right.empty()}};
  const std::vector<Fit> fits = fits_of(one.reading, one.tools);
  bool any = right.empty();
  for (std::size_t i = 0; i < std::min<std::size_t>(6, fits.size()); ++i) {
    const Tool& tool = one.tools.tools()[fits[i].tool];
    const Filled filled = fill(one.reading, tool, weights);
    const double rival = fits.size() < 2 ? 0 : fits[i == 0 ? 1 : 0].sum;
    Features features;
    see_tool(one.reading, one.tools, fits[i], filled, {.sum = rival, .tools = fits.size()}, features);
    lesson.options.push_back(std::move(features));
    lesson.is_right.push_back(tool.name == right);
    any = any || tool.name == right;
  }
  if (!any) return std::nullopt;
  return lesson;
}

// What a sentence is filled with has been learned from others only, as it will be later.
void learn_choices(std::span<const Prepared> all, Weights& weights, Lessons& lessons) {
  std::vector<Lesson> kept;
  for (std::uint32_t part = 0; part < kParts; ++part) {
    std::vector<Prepared> others;
    for (const Prepared& one : all) {
      if (part_of(one) != part) others.push_back(one);
    }
    Weights partial;
    learn_fills(others, partial, lessons);
    for (const Prepared& one : all) {
      if (part_of(one) != part) continue;
      if (auto lesson = choose_lesson(one, partial)) kept.push_back(std::move(*lesson));
    }
  }
  lessons.choices = kept.size();
  Learner learner(weights.choose, kChooseDecay);
  for (std::uint32_t round = 0; round < kChooseRounds; ++round) {
    for (const std::size_t i : shuffled(kept.size(), round)) learner.learn(kept[i]);
    learner.end_round();
  }
  learner.settle();
}

void round_off(std::vector<float>& table) {
  for (float& one : table) one = std::clamp(std::round(one / kWeightUnit), -127.0F, 127.0F) * kWeightUnit;
}

}  // namespace

Result<Weights> learn(std::span<const Case> cases, Lessons& lessons) {
  std::vector<Prepared> all;
  search::Words words;
  for (const Case& one : cases) {
    if (!one.answers) continue;
    all.push_back({.given = &one, .tools = TRY(ToolSet::compile(one.tools)), .reading = read(one.text, {}, words)});
  }
  Weights weights;
  learn_choices(all, weights, lessons);
  learn_fills(all, weights, lessons);
  round_off(weights.fill);
  round_off(weights.choose);
  return weights;
}

std::string bytes_of(const Weights& weights) {
  std::string bytes;
  for (const std::vector<float>* table : {&weights.fill, &weights.choose}) {
    for (const float one : *table) bytes += static_cast<char>(std::lround(one / kWeightUnit));
  }
  return bytes;
}

std::string source_of(const Weights& weights) {
  std::string source =
      "#include <array>\n\n#include \"brain/caller_weights.h\"\n\n"
      "// Written by `lilux brain call-train`; see docs/brain-calls.md.\n\nnamespace lilux::brain {\n\n"
      "// clang-format off\nextern const std::array<signed char, kWeightsBytes> kShippedWeights{";
  std::size_t column = 0;
  for (const char byte : bytes_of(weights)) {
    if (column++ % 48 == 0) source += '\n';
    source += std::to_string(static_cast<int>(static_cast<signed char>(byte))) + ",";
  }
  return source + "};\n// clang-format on\n\n}  // namespace lilux::brain\n";
}

}  // namespace lilux::brain
