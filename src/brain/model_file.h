#pragma once

// A learned model as it is stored: one block of bytes with a head, a version and a checksum. Reading takes bytes of
// anybody: what does not fit together is refused as `corrupt`. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "brain/calibration.h"
#include "brain/labeller.h"
#include "brain/learner.h"
#include "brain/vocabulary.h"

namespace lilux::brain {

// A small model whose rows are whole numbers from -127 to 127 and a scale for each.
struct PackedWeights {
  std::size_t width = 0;
  std::vector<std::int8_t> codes = {};
  std::vector<float> scales = {};
  std::vector<float> bias = {};
  std::vector<float> heads = {};
  std::vector<float> head_bias = {};
};
PackedWeights packed(const ModelWeights& weights);
// The sum of a text's rows.
std::vector<float> layer_of(const PackedWeights& weights, const Rows& text);
// For each label; softmax makes them shares.
std::vector<float> scores_of(const PackedWeights& weights, const Rows& text, std::size_t label_count);

struct Model {
  std::vector<std::string> labels = {};  // ascending, each once
  std::optional<std::size_t> out_of_scope = std::nullopt;
  Vocabulary vocabulary = {};
  std::vector<PackedWeights> parts = {};
  Calibration calibration = {};
  Labeller labeller = {};
};

std::string write_model(const Model& model);
base::Result<Model> read_model(std::string_view bytes);

}  // namespace lilux::brain
