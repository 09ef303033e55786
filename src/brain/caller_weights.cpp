#include "brain/caller_weights.h"

namespace lilux::brain {

extern const std::array<signed char, kWeightsBytes> kShippedWeights;  // of caller_table.cpp

namespace {

Weights weights_of(std::span<const signed char> bytes) {
  Weights weights;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const float value = static_cast<float>(bytes[i]) * kWeightUnit;
    if (i < weights.fill.size())
      weights.fill[i] = value;
    else
      weights.choose[i - weights.fill.size()] = value;
  }
  return weights;
}

}  // namespace

base::Result<Weights> weights_from(std::string_view bytes) {
  if (bytes.size() != kWeightsBytes)
    return base::fail(base::ErrorCode::corrupt,
                      "it has " + std::to_string(bytes.size()) + " bytes and not " + std::to_string(kWeightsBytes),
                      "lilux brain call-train writes such a file");
  return weights_of(std::span(reinterpret_cast<const signed char*>(bytes.data()), bytes.size()));
}

const Weights& shipped_weights() {
  static const Weights weights = weights_of(kShippedWeights);
  return weights;
}

}  // namespace lilux::brain
