#pragma once

// Sums of amounts that come from outside. At the end of the range they stay there: a total never becomes small again,
// and never infinite. Pure; any thread.

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lilux::base {

constexpr std::int64_t saturating_sum(std::int64_t left, std::int64_t right) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (right > 0 && left > Limits::max() - right) return Limits::max();
  if (right < 0 && left < Limits::min() - right) return Limits::min();
  return left + right;
}

constexpr double saturating_sum(double left, double right) {
  constexpr double kMost = std::numeric_limits<double>::max();
  return std::clamp(left + right, -kMost, kMost);
}

}  // namespace lilux::base
