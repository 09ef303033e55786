#include "brain/learner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "brain/dice.h"
#include "brain/loops.h"

namespace lilux::brain {

namespace {

// Labels whose share is off by less learn nothing from a text: most of them, most of the time.
constexpr float kErrorLeast = 1e-3F;
constexpr float kRowsAtFirst = 0.1F;
constexpr float kBiasRate = 0.1F;

class Pupil {
 public:
  Pupil(const Lesson& lesson, const Course& course)
      : lesson_(lesson), course_(course), dice_(course.seed), output_(lesson.label_count) {
    const bool is_deep = course.hidden > 0;
    weights_.width = is_deep ? course.hidden : lesson.label_count;
    weights_.rows.resize(lesson.groups.size() * weights_.width);
    weights_.bias.resize(weights_.width);
    if (is_deep) {
      for (float& weight : weights_.rows) weight = dice_.spread() * kRowsAtFirst;
      weights_.heads.resize(lesson.label_count * weights_.width);
      const float scale = 1 / std::sqrt(static_cast<float>(weights_.width));
      for (float& weight : weights_.heads) weight = dice_.spread() * scale;
      weights_.head_bias.resize(lesson.label_count);
    }
    row_squares_.assign(weights_.rows.size(), course.squares_before);
    bias_squares_.assign(weights_.width, course.squares_before);
    head_squares_.assign(weights_.heads.size(), course.squares_before);
    head_bias_squares_.assign(weights_.head_bias.size(), course.squares_before);
    layer_.resize(weights_.width);
    mask_.resize(weights_.width);
    back_.resize(weights_.width);
  }

  ModelWeights learn() {
    std::vector<std::uint32_t> order(lesson_.texts.size());
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t round = 0; round < course_.rounds; ++round) {
      rate_ = course_.rate * (1 - static_cast<float>(round) / static_cast<float>(course_.rounds));
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice_.next() % i]);
      for (const std::uint32_t text : order) course_.hidden > 0 ? see_deep(text) : see_flat(text);
    }
    return std::move(weights_);
  }

 private:
  float* row(std::uint32_t index) { return weights_.rows.data() + index * weights_.width; }
  float* squares(std::uint32_t index) { return row_squares_.data() + index * weights_.width; }

  // Leaves words and features out and adds up the rows of the others.
  void look_at(std::uint32_t text, float scale) {
    rows_.clear();
    factors_.clear();
    const Rows& all = lesson_.texts[text];
    const std::uint64_t left_out = course_.words_dropped > 0 ? words_left_out() : 0;
    std::array<float, kGroups> scales{};
    scales.fill(scale);
    if (left_out != 0) scale_up(scales, all, left_out);
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
      if ((all.words[i] & left_out) != 0 || dice_.share() < course_.rows_dropped) continue;
      rows_.push_back(all.rows[i]);
      factors_.push_back(all.weights[i] * scales[static_cast<std::size_t>(lesson_.groups[all.rows[i]])]);
    }
    layer_ = weights_.bias;
    for (std::size_t i = 0; i < rows_.size(); ++i) add_scaled(layer_, factors_[i], row(rows_[i]));
  }

  std::uint64_t words_left_out() {
    if ((dice_.next() & 1) != 0) return 0;
    std::uint64_t words = 0;
    for (int word = 0; word < 64; ++word) words |= dice_.share() < course_.words_dropped ? std::uint64_t{1} << word : 0;
    return words;
  }

  // What is left of each group gets the length of the whole group.
  void scale_up(std::array<float, kGroups>& scales, const Rows& all, std::uint64_t left_out) const {
    std::array<float, kGroups> squares{};
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
      if ((all.words[i] & left_out) == 0)
        squares[static_cast<std::size_t>(lesson_.groups[all.rows[i]])] += all.weights[i] * all.weights[i];
    }
    for (std::size_t group = 0; group < kGroups; ++group) {
      if (squares[group] > 0) scales[group] /= std::sqrt(squares[group]);
    }
  }

  static void step(float& weight, float& squares, float gradient, float rate) {
    squares += gradient * gradient;
    weight -= rate * gradient / std::sqrt(squares);
  }

  void see_flat(std::uint32_t text) {
    look_at(text, 1);
    softmax(layer_);
    layer_[lesson_.labels[text]] -= 1;
    wrong_.clear();
    for (std::uint32_t label = 0; label < layer_.size(); ++label) {
      step(weights_.bias[label], bias_squares_[label], layer_[label], rate_ * kBiasRate);
      if (std::abs(layer_[label]) > kErrorLeast) wrong_.push_back(label);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      float* weights = row(rows_[i]);
      float* sums = squares(rows_[i]);
      for (const std::uint32_t label : wrong_) step(weights[label], sums[label], factors_[i] * layer_[label], rate_);
    }
  }

  void see_deep(std::uint32_t text) {
    look_at(text, 1 / (1 - course_.rows_dropped));
    bend();
    for (std::size_t label = 0; label < output_.size(); ++label)
      output_[label] = weights_.head_bias[label] + dot(layer_, head(label));
    softmax(output_);
    output_[lesson_.labels[text]] -= 1;
    std::ranges::fill(back_, 0.0F);
    for (std::size_t label = 0; label < output_.size(); ++label) {
      const float error = output_[label];
      if (std::abs(error) <= kErrorLeast) continue;
      step(weights_.head_bias[label], head_bias_squares_[label], error, rate_);
      add_scaled(back_, error, head(label));
      descend({head(label), weights_.width}, head_squares_.data() + label * weights_.width, layer_.data(), error,
              rate_);
    }
    for (std::size_t i = 0; i < back_.size(); ++i) back_[i] *= mask_[i];
    descend(weights_.bias, bias_squares_.data(), back_.data(), 1, rate_);
    for (std::size_t i = 0; i < rows_.size(); ++i)
      descend({row(rows_[i]), weights_.width}, squares(rows_[i]), back_.data(), factors_[i], rate_);
  }

  float* head(std::size_t label) { return weights_.heads.data() + label * weights_.width; }

  // The hidden layer lets nothing below 0 through; some of it is left out each time.
  void bend() {
    const float kept = 1 / (1 - course_.hidden_dropped);
    for (std::size_t i = 0; i < layer_.size(); ++i) {
      const bool is_dropped = course_.hidden_dropped > 0 && dice_.share() < course_.hidden_dropped;
      mask_[i] = is_dropped || layer_[i] < 0 ? 0 : kept;
      layer_[i] *= mask_[i];
    }
  }

  const Lesson& lesson_;
  const Course& course_;
  Dice dice_;
  ModelWeights weights_;
  std::vector<float> row_squares_, bias_squares_, head_squares_, head_bias_squares_;
  float rate_ = 0;
  std::vector<std::uint32_t> rows_, wrong_;
  std::vector<float> factors_, layer_, mask_, back_, output_;
};

}  // namespace

ModelWeights learn(const Lesson& lesson, const Course& course) {
  ModelWeights weights = Pupil(lesson, course).learn();
  if (course.hidden > 0) return weights;
  // What was learned with features left out is used with all of them.
  for (float& weight : weights.rows) weight *= 1 - course.rows_dropped;
  return weights;
}

std::vector<float> scores_of(const ModelWeights& weights, const Rows& text, std::size_t label_count) {
  std::vector<float> layer = weights.bias;
  for (std::size_t i = 0; i < text.rows.size(); ++i)
    add_scaled(layer, text.weights[i], weights.rows.data() + text.rows[i] * weights.width);
  return scores_from(std::move(layer), weights.heads, weights.head_bias, label_count);
}

std::vector<float> scores_from(std::vector<float> layer, std::span<const float> heads, std::span<const float> head_bias,
                               std::size_t label_count) {
  if (!heads.empty()) {
    for (float& value : layer) value = std::max(value, 0.0F);
    std::vector<float> output(label_count);
    for (std::size_t label = 0; label < label_count; ++label)
      output[label] = head_bias[label] + dot(layer, heads.data() + label * layer.size());
    return output;
  }
  return layer;
}

}  // namespace lilux::brain
