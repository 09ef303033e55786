#include <array>

#include "brain/caller_weights.h"

namespace lilux::brain {

extern const std::array<signed char, kWeightsBytes> kShippedWeights{};

}  // namespace lilux::brain
