#include "brain/classifier.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "brain/ensemble.h"
#include "brain/foreign.h"
#include "brain/practice.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kOthers = 4;
constexpr std::size_t kReasonsMax = 20;
// What is foreign is learned for few labels with few texts, which have little else to tell it by.
constexpr std::size_t kLabelsFew = 20;
constexpr std::size_t kTextsFew = 3000;
// What the examples know more of is not foreign to them.
constexpr float kForeignUnknown = 0.3F;

std::vector<std::string> labels_in(std::span<const Example> examples) {
  std::set<std::string> labels;
  for (const Example& example : examples) labels.insert(example.label);
  return {labels.begin(), labels.end()};
}

std::optional<std::size_t> out_of_scope_in(const std::vector<std::string>& labels) {
  const auto place = std::ranges::lower_bound(labels, kOutOfScope);
  if (place == labels.end() || *place != kOutOfScope) return std::nullopt;
  return static_cast<std::size_t>(place - labels.begin());
}

// What a label says of itself: `pay_bill` and `PayBill` as the words "pay bill".
std::vector<std::string> words_of_label(std::string_view label) {
  std::string text;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (i > 0 && is_lower(label[i - 1]) && label[i] >= 'A' && label[i] <= 'Z') text += ' ';
    text += label[i];
  }
  return tokens_of(text);
}

bool is_few(std::span<const Example> examples, std::size_t labels) {
  return labels <= kLabelsFew && examples.size() <= kTextsFew;
}

// The shipped sentences that are foreign to the examples; all of them where only one label is to be told from the rest.
void add_foreign(std::vector<Sample>& samples, const Model& model, std::size_t labels) {
  std::vector<std::vector<Feature>> own;
  for (const Sample& sample : samples) own.push_back(sample.features);
  const Vocabulary known = Vocabulary::learn(own, {.entries_max = std::numeric_limits<std::uint32_t>::max()});
  for (const std::string_view text : foreign_sentences()) {
    std::vector<Feature> features = features_of(tokens_of(text));
    if (labels > 1 && known.rows_of(features).unknown < kForeignUnknown) continue;
    samples.push_back({.features = std::move(features),
                       .label = static_cast<std::uint32_t>(model.out_of_scope.value_or(0)),
                       .is_foreign = true});
  }
}

// The examples, and the name of each label in scope.
std::vector<Sample> samples_of(std::span<const Example> examples, const Model& model) {
  std::vector<Sample> samples;
  samples.reserve(examples.size() + model.labels.size());
  for (const Example& example : examples) {
    const auto label = std::ranges::lower_bound(model.labels, example.label) - model.labels.begin();
    samples.push_back({.features = features_of(tokens_of(example.text)), .label = static_cast<std::uint32_t>(label)});
  }
  for (std::size_t label = 0; label < model.labels.size(); ++label) {
    if (label == model.out_of_scope) continue;
    samples.push_back({.features = features_of(words_of_label(model.labels[label])),
                       .label = static_cast<std::uint32_t>(label),
                       .is_name = true});
  }
  return samples;
}

std::vector<std::vector<float>> scores_of_parts(const Model& model, const Rows& text) {
  std::vector<std::vector<float>> scores;
  scores.reserve(model.parts.size());
  for (const PackedWeights& part : model.parts) scores.push_back(scores_of(part, text, model.labels.size()));
  return scores;
}

std::vector<Guess> others_of(const Model& model, const Opinion& opinion) {
  std::vector<std::size_t> order;
  for (std::size_t label = 0; label < model.labels.size(); ++label) {
    if (label != opinion.best) order.push_back(label);
  }
  const std::size_t count = std::min(order.size(), kOthers);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), [&](auto one, auto other) {
    return opinion.shares[one] != opinion.shares[other] ? opinion.shares[one] > opinion.shares[other] : one < other;
  });
  std::vector<Guess> others;
  for (std::size_t i = 0; i < count; ++i)
    others.push_back({.label = model.labels[order[i]], .share = opinion.shares[order[i]]});
  return others;
}

// How much one row of a part, taken with weight 1, moves the best label above the second. The hidden layer is taken
// as it stands for the whole text, so that the rows' contributions add up.
struct Pull {
  std::vector<float> direction;
  static Pull of(const PackedWeights& part, const Rows& text, const Opinion& opinion) {
    Pull pull{.direction = std::vector<float>(part.width)};
    if (part.heads.empty()) {
      pull.direction[opinion.best] += 1;
      pull.direction[opinion.second] -= 1;
      return pull;
    }
    const std::vector<float> layer = layer_of(part, text);
    for (std::size_t i = 0; i < part.width; ++i) {
      if (layer[i] > 0)
        pull.direction[i] = part.heads[opinion.best * part.width + i] - part.heads[opinion.second * part.width + i];
    }
    return pull;
  }
  double by_row(const PackedWeights& part, std::size_t row) const {
    double sum = 0;
    for (std::size_t i = 0; i < part.width; ++i)
      sum += static_cast<double>(direction[i]) * part.codes[row * part.width + i];
    return sum * static_cast<double>(part.scales[row]);
  }
};

}  // namespace

Result<Classifier> Classifier::train(std::span<const Example> examples, const TrainingOptions& options) {
  Model model{.labels = labels_in(examples)};
  const std::size_t labels = model.labels.size();
  const bool is_scope_told = out_of_scope_in(model.labels).has_value();
  if (labels == (is_scope_told ? 1 : 0))
    return fail(ErrorCode::invalid_argument,
                labels == 0 ? "no examples" : "every example has the label '" + model.labels[0] + "'",
                "give examples of what is in scope");
  const bool is_small = is_few(examples, labels);
  if (!is_scope_told && is_small)
    model.labels.insert(std::ranges::lower_bound(model.labels, kOutOfScope), std::string(kOutOfScope));
  model.out_of_scope = out_of_scope_in(model.labels);
  std::vector<Sample> samples = samples_of(examples, model);
  if (!is_scope_told || is_small) add_foreign(samples, model, labels);
  model.labeller = Labeller::learn(examples, model.labels, options.seed);
  TrainingOptions beside = options;
  beside.bytes_max -= std::min(beside.bytes_max, model.labeller.bytes());
  const Practice practice{.label_count = model.labels.size(),
                          .out_of_scope = model.out_of_scope,
                          .is_scope_told = is_scope_told,
                          .options = beside};
  Trained learned = practice.learn(samples);
  model.calibration = practice.calibrate(samples);
  model.vocabulary = std::move(learned.vocabulary);
  for (const ModelWeights& weights : learned.weights) model.parts.push_back(packed(weights));
  return Classifier(std::move(model));
}

Result<Classifier> Classifier::load(std::string_view bytes) {
  return Classifier(TRY(read_model(bytes)));
}

std::string Classifier::save() const {
  return write_model(model_);
}

Decision Classifier::decide(std::string_view text) const {
  return decide(features_of(tokens_of(text)));
}

Decision Classifier::decide(std::span<const Feature> features) const {
  const Rows rows = model_.vocabulary.rows_of(features);
  const Opinion opinion = opinion_of(scores_of_parts(model_, rows), model_.out_of_scope);
  const Signals signals = signals_of(opinion, model_.out_of_scope, static_cast<double>(rows.unknown));
  return {.label = model_.labels[opinion.best],
          .confidence = model_.calibration.confidence(signals),
          .others = others_of(model_, opinion)};
}

std::vector<Slot> Classifier::slots_in(std::string_view text, std::string_view label) const {
  const auto place = std::ranges::lower_bound(model_.labels, label);
  if (place == model_.labels.end() || *place != label) return {};
  return model_.labeller.find(text, static_cast<std::size_t>(place - model_.labels.begin()));
}

Explanation Classifier::explain(std::string_view text) const {
  const std::vector<std::string> tokens = tokens_of(text);
  const Rows rows = model_.vocabulary.rows_of(features_of(tokens));
  const Opinion opinion = opinion_of(scores_of_parts(model_, rows), model_.out_of_scope);
  std::map<std::uint32_t, double> weights;
  for (const PackedWeights& part : model_.parts) {
    const Pull pull = Pull::of(part, rows, opinion);
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      weights[rows.rows[i]] += static_cast<double>(rows.weights[i]) * pull.by_row(part, rows.rows[i]) /
                               static_cast<double>(model_.parts.size());
  }
  Explanation result{.decision = decide(text)};
  std::set<std::string> named;
  for (const NamedFeature& feature : named_features_of(tokens)) {
    const std::optional<std::uint32_t> row = model_.vocabulary.row_of(feature.feature.hash);
    if (!named.insert(feature.name).second) continue;
    if (row)
      result.reasons.push_back({.feature = feature.name, .weight = weights[*row]});
    else if (feature.name.starts_with("word "))
      result.unknown_words.push_back(feature.name.substr(5));
  }
  std::ranges::sort(result.reasons, [](const Reason& one, const Reason& other) {
    const double first = std::abs(one.weight);
    const double second = std::abs(other.weight);
    return first != second ? first > second : one.feature < other.feature;
  });
  if (result.reasons.size() > kReasonsMax) result.reasons.resize(kReasonsMax);
  return result;
}

}  // namespace lilux::brain
