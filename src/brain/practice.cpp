#include "brain/practice.h"

#include <algorithm>
#include <ranges>

#include "brain/ensemble.h"

namespace lilux::brain {

namespace {

// What a model takes besides its rows of weights: labels, biases, heads.
constexpr std::size_t kBytesBeside = 500'000;
constexpr std::size_t kRowBytesBeside = 4 + 4 + 1;  // hash, rarity, group
constexpr std::size_t kScaleBytes = 4;
constexpr std::size_t kRowsLeast = 1000;
// Where there are few texts a feature of one text may decide.
constexpr std::size_t kFewTexts = 3000;
// And where there are very few, words like `how` are rare by chance.
constexpr std::size_t kVeryFewTexts = 1000;

// A feature that only foreign texts have is worth a row where it tells of some of them.
constexpr std::size_t kForeignTextsLeast = 2;

// With many texts one part kept aside says enough.
constexpr std::size_t kManyTexts = 5000;
constexpr std::size_t kPartsOfMany = 5;
constexpr std::size_t kPartsOfFew = 4;
// In each part one label in so many is left out, where there are more than that.
constexpr std::size_t kLabelsForOneLeftOut = 10;
constexpr std::size_t kLabelsToLeaveOut = 5;
// How much of what is asked is taken to be out of scope.
constexpr double kOutsideShareKnown = 0.15;   // where it is learned
constexpr double kOutsideShareSilent = 0.03;  // where it is not

// One part of the samples kept aside: which are learned from, and which are asked.
struct Part {
  std::vector<Sample> learned = {};
  std::vector<const Sample*> asked = {};
  std::vector<bool> is_left_out = {};  // by label
};

std::size_t rows_most(const Plan& plan, std::size_t bytes_max) {
  const std::size_t row_bytes = plan.width + kRowBytesBeside + plan.courses.size() * kScaleBytes;
  const std::size_t room = bytes_max > kBytesBeside ? bytes_max - kBytesBeside : 0;
  return std::max(kRowsLeast, room / row_bytes);
}

Part part_of(std::span<const Sample> samples, std::size_t part, std::size_t parts, const Practice& practice) {
  Part result{.is_left_out = std::vector<bool>(practice.label_count)};
  // Where examples say what is out of scope, labels that nobody left out would only blur it.
  const bool may_leave_out = !practice.is_scope_told && practice.label_count > kLabelsToLeaveOut;
  for (std::size_t label = 0; may_leave_out && label < practice.label_count; ++label)
    result.is_left_out[label] = label != practice.out_of_scope && label % kLabelsForOneLeftOut == part;
  std::vector<std::size_t> seen(practice.label_count);
  for (const Sample& sample : samples) {
    const bool is_only_asked = sample.is_foreign && !practice.out_of_scope;
    const bool is_aside = is_only_asked || (!sample.is_name && (seen[sample.label]++ + sample.label) % parts == part);
    if (is_aside)
      result.asked.push_back(&sample);
    else if (!result.is_left_out[sample.label])
      result.learned.push_back(sample);
  }
  return result;
}

std::size_t own_among(std::span<const Sample> samples) {
  return static_cast<std::size_t>(std::ranges::count(samples, false, &Sample::is_foreign));
}

}  // namespace

Trained Practice::learn(std::span<const Sample> samples) const {
  const Plan plan = plan_for(label_count, options.seed);
  const auto is_learned = [&](const Sample& sample) { return !sample.is_foreign || out_of_scope; };
  const std::size_t own = own_among(samples);
  std::vector<std::vector<Feature>> features;
  features.reserve(samples.size());
  for (const Sample& sample : samples | std::views::filter(is_learned)) features.push_back(sample.features);
  Trained learned;
  learned.vocabulary = Vocabulary::learn(features, {.texts_least = own < kFewTexts ? 1U : 2U,
                                                    .entries_max = rows_most(plan, options.bytes_max),
                                                    .has_details = own >= kVeryFewTexts,
                                                    .own = own,
                                                    .others_least = kForeignTextsLeast});
  Lesson lesson{.label_count = label_count};
  for (const Vocabulary::Entry& entry : learned.vocabulary.entries()) lesson.groups.push_back(entry.group);
  for (const Sample& sample : samples | std::views::filter(is_learned)) {
    lesson.texts.push_back(learned.vocabulary.rows_of(sample.features));
    lesson.labels.push_back(sample.label);
  }
  learned.weights = learn_all(lesson, plan.courses, options.threads);
  return learned;
}

Calibration Practice::calibrate(std::span<const Sample> samples) const {
  const bool is_many = own_among(samples) > kManyTexts;
  const std::size_t parts = is_many ? kPartsOfMany : kPartsOfFew;
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < (is_many ? 1 : parts); ++i) {
    const Part part = part_of(samples, i, parts, *this);
    if (part.learned.empty()) continue;
    const Trained learned = learn(part.learned);
    for (const Sample* sample : part.asked) {
      const Rows rows = learned.vocabulary.rows_of(sample->features);
      std::vector<std::vector<float>> scores;
      for (const ModelWeights& weights : learned.weights) scores.push_back(scores_of(weights, rows, label_count));
      const Opinion opinion = opinion_of(std::move(scores), out_of_scope);
      observations.push_back(
          {.signals = signals_of(opinion, out_of_scope, static_cast<double>(rows.unknown)),
           .is_right = !sample->is_foreign && opinion.best == sample->label,
           .is_outside = sample->is_foreign || sample->label == out_of_scope || part.is_left_out[sample->label]});
    }
  }
  return Calibration::fit(observations, out_of_scope ? kOutsideShareKnown : kOutsideShareSilent);
}

}  // namespace lilux::brain
