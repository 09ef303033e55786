#pragma once

// From which confidence on a call is made without being asked about, and from which it is put to a person: given at
// first, later fitted to how right the proposals were that a person has answered. Pure; any thread.

#include <cstddef>
#include <vector>

namespace lilux::brain {

inline constexpr double kExecuteFrom = 0.90;
inline constexpr double kVerifyFrom = 0.70;
inline constexpr double kNever = 2;  // no confidence is as high

struct Bands {
  double execute_from = kExecuteFrom;
  double verify_from = kVerifyFrom;
  std::size_t answers = 0;  // that they are fitted to; 0: they are as given
};

// A proposal, with the confidence it was made with, and whether it was right.
struct Answered {
  double confidence = 0;
  bool is_right = false;
};

// `error` is the share of wrong calls among those made without being asked about that is wanted at most. What was
// answered counts as a draw from what is to come: to ask less needs strong evidence, to ask more little.
Bands fitted_bands(std::vector<Answered> answered, double error);

}  // namespace lilux::brain
