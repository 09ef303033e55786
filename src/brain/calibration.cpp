#include "brain/calibration.h"

#include <algorithm>
#include <cmath>

#include "brain/loops.h"

namespace lilux::brain {

namespace {

constexpr double kShareLeast = 1e-4;
// Pulls factors towards 0, as so many observations would.
constexpr double kRidge = 5;
constexpr std::size_t kStepsMax = 30;
// To rank what is in scope above what is not, this much of what is observed counts as outside.
constexpr double kOutsideShareToRank = 0.35;
constexpr float kStrongestMost = 50;
constexpr std::size_t kUnknowns = kSignals + 1;

double logit(double share) {
  const double bounded = std::clamp(share, kShareLeast, 1 - kShareLeast);
  return std::log(bounded / (1 - bounded));
}

double logistic(double value) {
  return 1 / (1 + std::exp(-value));
}

using Row = std::array<double, kUnknowns>;

Row extended(const Signals& signals) {
  Row row{};
  std::ranges::copy(signals, row.begin());
  row[kSignals] = 1;
  return row;
}

// Gauss with the greatest pivot; the matrix is positive because of the ridge.
Row solved(std::array<Row, kUnknowns> matrix, Row right) {
  for (std::size_t column = 0; column < kUnknowns; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < kUnknowns; ++row) {
      if (std::abs(matrix[row][column]) > std::abs(matrix[pivot][column])) pivot = row;
    }
    std::swap(matrix[column], matrix[pivot]);
    std::swap(right[column], right[pivot]);
    for (std::size_t row = column + 1; row < kUnknowns; ++row) {
      const double factor = matrix[row][column] / matrix[column][column];
      for (std::size_t i = column; i < kUnknowns; ++i) matrix[row][i] -= factor * matrix[column][i];
      right[row] -= factor * right[column];
    }
  }
  for (std::size_t row = kUnknowns; row-- > 0;) {
    for (std::size_t i = row + 1; i < kUnknowns; ++i) right[row] -= matrix[row][i] * right[i];
    right[row] /= matrix[row][row];
  }
  return right;
}

// What each outside observation counts, so that all together are this share.
double outside_weight(std::span<const Observation> observations, double share) {
  const auto outside = static_cast<double>(std::ranges::count(observations, true, &Observation::is_outside));
  const double inside = static_cast<double>(observations.size()) - outside;
  return outside == 0 || inside == 0 ? 1 : share / (1 - share) * inside / outside;
}

// Newton's method; the function is convex.
Calibration fitted(std::span<const Observation> observations, double outside_weight) {
  Row answer{};
  for (std::size_t step = 0; step < kStepsMax; ++step) {
    std::array<Row, kUnknowns> curvature{};
    Row slope{};
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      const double ridge = i == kSignals ? kRidge / 100 : kRidge;
      curvature[i][i] = ridge;
      slope[i] = ridge * answer[i];
    }
    for (const Observation& observation : observations) {
      const Row row = extended(observation.signals);
      double value = 0;
      for (std::size_t i = 0; i < kUnknowns; ++i) value += answer[i] * row[i];
      const double weight = observation.is_outside ? outside_weight : 1;
      const double share = logistic(value);
      const double error = weight * (share - (observation.is_right ? 1 : 0));
      const double bend = weight * std::max(share * (1 - share), 1e-6);
      for (std::size_t i = 0; i < kUnknowns; ++i) {
        slope[i] += error * row[i];
        for (std::size_t j = 0; j < kUnknowns; ++j) curvature[i][j] += bend * row[i] * row[j];
      }
    }
    const Row change = solved(curvature, slope);
    double most = 0;
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      const double bounded = std::clamp(change[i], -2.0, 2.0);
      answer[i] -= bounded;
      most = std::max(most, std::abs(bounded));
    }
    if (most < 1e-6) break;
  }
  Calibration result;
  std::copy_n(answer.begin(), kSignals, result.factors.begin());
  result.offset = answer[kSignals];
  return result;
}

}  // namespace

Opinion opinion_of(std::vector<std::vector<float>> models, std::optional<std::size_t> out_of_scope) {
  Opinion opinion;
  bool is_first = true;
  for (std::size_t label = 0; label < models[0].size(); ++label) {
    if (label == out_of_scope) continue;
    opinion.strongest = is_first ? models[0][label] : std::max(opinion.strongest, models[0][label]);
    is_first = false;
  }
  std::vector<float>& shares = opinion.shares;
  shares.resize(models[0].size());
  for (std::vector<float>& model : models) {
    softmax(model);
    for (std::size_t label = 0; label < shares.size(); ++label) shares[label] += model[label];
  }
  for (float& share : shares) share /= static_cast<float>(models.size());
  const auto best_but = [&](std::optional<std::size_t> other) {
    std::optional<std::size_t> best;
    for (std::size_t label = 0; label < shares.size(); ++label) {
      if (label != out_of_scope && label != other && (!best || shares[label] > shares[*best])) best = label;
    }
    return best;
  };
  opinion.best = best_but(std::nullopt).value_or(0);
  opinion.second = best_but(opinion.best).value_or(opinion.best);
  opinion.best_least = shares[opinion.best];
  for (const std::vector<float>& model : models) opinion.best_least = std::min(opinion.best_least, model[opinion.best]);
  return opinion;
}

Signals signals_of(const Opinion& opinion, std::optional<std::size_t> out_of_scope, double unknown) {
  const double best = opinion.shares[opinion.best];
  const double second = opinion.second == opinion.best ? 0 : opinion.shares[opinion.second];
  double entropy = 0;
  for (const float share : opinion.shares) {
    if (share > 0) entropy -= share * std::log(share);
  }
  const double outside = out_of_scope ? opinion.shares[*out_of_scope] : 0;
  return {logit(best),
          logit(opinion.best_least),
          best - second,
          entropy,
          unknown,
          best * unknown,
          out_of_scope ? logit(outside) : 0,
          std::clamp(opinion.strongest, -kStrongestMost, kStrongestMost)};
}

double Calibration::value_of(const Signals& signals) const {
  double value = offset;
  for (std::size_t i = 0; i < kSignals; ++i) value += factors[i] * signals[i];
  return value;
}

double Calibration::confidence(const Signals& signals) const {
  return logistic(value_of(signals));
}

// First the direction in which the signals are read, from as much outside as it takes to tell it apart; then, along
// that direction, how much of what will be asked is right.
Calibration Calibration::fit(std::span<const Observation> observations, double outside_share) {
  const Calibration direction = fitted(observations, outside_weight(observations, kOutsideShareToRank));
  std::vector<Observation> along(observations.begin(), observations.end());
  for (Observation& observation : along) observation.signals = {direction.value_of(observation.signals)};
  const Calibration scale = fitted(along, outside_weight(observations, outside_share));
  if (scale.factors[0] <= 0) return direction;
  Calibration result = direction;
  for (double& factor : result.factors) factor *= scale.factors[0];
  result.offset = direction.offset * scale.factors[0] + scale.offset;
  return result;
}

}  // namespace lilux::brain
