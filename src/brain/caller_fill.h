#pragma once

// The arguments of one tool from one sentence: the best candidate for each parameter, no piece of the sentence used
// twice. Pure; any thread.

#include <cstddef>
#include <vector>

#include "base/json.h"
#include "brain/caller_candidate.h"
#include "brain/caller_weights.h"

namespace lilux::brain {

struct Argument {
  std::size_t parameter = 0;
  Candidate candidate = {};
  float chance = 0;                    // that it is right, as far as the table knows
  std::vector<Candidate> others = {};  // that fit about as well and stand elsewhere, in their order
};

struct Filled {
  std::vector<Argument> arguments = {};
  std::vector<std::size_t> missing = {};  // required parameters without a value, and those whose value is refused
  float certainty = 0;                    // the mean logarithm of the chances of what is required
};

// How much a required parameter is helped over having none, so that it is only missing when nothing fits at all.
inline constexpr float kNeed = 4.5F;
// The same for what may be left out: what is mentioned is given.
inline constexpr float kNeedOfOptional = 1.0F;

Filled fill(const Reading& reading, const Tool& tool, const Weights& weights, float need = kNeed,
            float need_of_optional = kNeedOfOptional);

// As an object, those inside objects where they belong.
base::Json arguments_of(const Tool& tool, const Filled& filled);

}  // namespace lilux::brain
