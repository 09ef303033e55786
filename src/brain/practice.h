#pragma once

// Training as a whole: the features that are worth a row, the models over them, and, on texts kept aside, what their
// opinions are worth. Pure; the same samples give the same bits.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "brain/calibration.h"
#include "brain/learner.h"
#include "brain/training_options.h"
#include "brain/vocabulary.h"

namespace lilux::brain {

struct Sample {
  std::vector<Feature> features = {};
  std::uint32_t label = 0;
  bool is_name = false;     // the label's own name: learned from, never asked
  bool is_foreign = false;  // shipped, and what it really means is unknown: no label of the examples
};

struct Trained {
  Vocabulary vocabulary = {};
  std::vector<ModelWeights> weights = {};
};

struct Practice {
  std::size_t label_count = 0;
  std::optional<std::size_t> out_of_scope = std::nullopt;  // where there is a label of it, foreign samples have it
  bool is_scope_told = false;                              // by the examples themselves
  TrainingOptions options = {};

  // Foreign samples are learned from only where there is a label for them.
  Trained learn(std::span<const Sample> samples) const;
  // Learns without some texts, and without all texts of some labels, and looks at what is said of those and of what is
  // foreign.
  Calibration calibrate(std::span<const Sample> samples) const;
};

}  // namespace lilux::brain
