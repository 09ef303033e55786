#include <array>

#include "brain/caller_weights.h"

// Written by `lilux brain call-train`; see docs/brain-calls.md.

namespace lilux::brain {

// clang-format off
extern const std::array<signed char, kWeightsBytes> kShippedWeights{0};
// clang-format on

}  // namespace lilux::brain
