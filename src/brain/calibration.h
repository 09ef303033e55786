#pragma once

// From what several models say of a text to one honest confidence: the chance that the guess is right, fitted on texts
// that the models had not seen. Pure; any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lilux::brain {

// What the models say together: the mean of their shares, and where they stand on the best label in scope.
struct Opinion {
  std::vector<float> shares = {};
  std::size_t best = 0;
  std::size_t second = 0;  // the best again where there is no other
  float best_least = 0;    // the least share that any model gives the best
  float strongest = 0;     // the first model's greatest score in scope, before it became a share
};
// `models` holds the scores of one model after the other, at least one. `out_of_scope` is never the best.
Opinion opinion_of(std::vector<std::vector<float>> models, std::optional<std::size_t> out_of_scope);

inline constexpr std::size_t kSignals = 8;
using Signals = std::array<double, kSignals>;
Signals signals_of(const Opinion& opinion, std::optional<std::size_t> out_of_scope, double unknown);

struct Observation {
  Signals signals = {};
  bool is_right = false;
  bool is_outside = false;  // of no label that the models could have given
};

// A logistic curve over the signals.
struct Calibration {
  // `outside_share` of what will be asked is taken to be out of scope, if any such was observed.
  static Calibration fit(std::span<const Observation> observations, double outside_share);
  double confidence(const Signals& signals) const;

  double value_of(const Signals& signals) const;  // the same before the curve bends it into 0 to 1

  std::array<double, kSignals> factors = {};
  double offset = 0;
};

}  // namespace lilux::brain
