#include "base/saturate.h"

#include <doctest/doctest.h>

using lilux::base::saturating_sum;

TEST_CASE("a sum stays at the end of its range") {
  constexpr std::int64_t kMost = INT64_MAX;
  constexpr std::int64_t kLeast = INT64_MIN;
  CHECK(saturating_sum(kMost, std::int64_t{1}) == kMost);
  CHECK(saturating_sum(kMost, kMost) == kMost);
  CHECK(saturating_sum(kLeast, std::int64_t{-1}) == kLeast);
  CHECK(saturating_sum(kLeast, kMost) == -1);
  CHECK(saturating_sum(kMost - 1, std::int64_t{1}) == kMost);
  CHECK(saturating_sum(std::int64_t{2}, std::int64_t{-3}) == -1);
  CHECK(saturating_sum(1e308, 1e308) == std::numeric_limits<double>::max());
  CHECK(saturating_sum(-1e308, -1e308) == -std::numeric_limits<double>::max());
  CHECK(saturating_sum(0.5, 0.25) == 0.75);
}
