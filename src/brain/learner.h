#pragma once

// Two kinds of small model learned from rows of features by stochastic descent: one layer of weights for each label,
// and one with a hidden layer between. Both give a number for each label; softmax makes them shares. The same lesson
// gives the same bits. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "brain/vocabulary.h"

namespace lilux::brain {

struct Lesson {
  std::vector<Rows> texts = {};
  std::vector<std::uint32_t> labels = {};  // of each text
  std::vector<Group> groups = {};          // of each row
  std::size_t label_count = 0;
};

// How a model is learned.
struct Course {
  std::size_t hidden = 0;  // width of the hidden layer; 0: none
  std::size_t rounds = 10;
  float rate = 0.3F;
  float squares_before = 2e-3F;  // AdaGrad's sums start there: less makes the first steps longer
  float words_dropped = 0;       // share of a text's words left out every second time it is seen
  float rows_dropped = 0.3F;     // share of a text's features left out each time it is seen
  float hidden_dropped = 0;
  std::uint64_t seed = 1;
};

struct ModelWeights {
  std::size_t width = 0;          // of a row: the hidden layer's, or the number of labels where there is none
  std::vector<float> rows = {};   // row_count x width
  std::vector<float> bias = {};   // width
  std::vector<float> heads = {};  // label_count x width; empty where there is no hidden layer
  std::vector<float> head_bias = {};
};

ModelWeights learn(const Lesson& lesson, const Course& course);

// For each label; softmax makes them shares.
std::vector<float> scores_of(const ModelWeights& weights, const Rows& text, std::size_t label_count);
// The same from the sum of a text's rows.
std::vector<float> scores_from(std::vector<float> layer, std::span<const float> heads, std::span<const float> head_bias,
                               std::size_t label_count);

}  // namespace lilux::brain
