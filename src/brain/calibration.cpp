#include "brain/calibration.h"

#include <algorithm>
#include <cmath>

namespace lilux::brain {

namespace {

constexpr double kShareLeast = 1e-4;
// Pulls factors towards 0, as so many observations would.
constexpr double kRidge = 1;
constexpr std::size_t kStepsMax = 30;
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

}  // namespace

Opinion opinion_of(std::span<const std::vector<float>> models, std::optional<std::size_t> out_of_scope) {
  Opinion opinion{.shares = models[0]};
  std::vector<float>& shares = opinion.shares;
  for (const std::vector<float>& model : models.subspan(1)) {
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
  return {logit(best), logit(opinion.best_least),         best - second, entropy,
          unknown,     out_of_scope ? logit(outside) : 0, best * unknown};
}

double Calibration::confidence(const Signals& signals) const {
  double value = offset;
  for (std::size_t i = 0; i < kSignals; ++i) value += factors[i] * signals[i];
  return logistic(value);
}

// Newton's method; the function is convex.
Calibration Calibration::fit(std::span<const Observation> observations) {
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
      const double share = logistic(value);
      const double error = observation.weight * (share - (observation.is_right ? 1 : 0));
      const double bend = observation.weight * std::max(share * (1 - share), 1e-6);
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
  Calibration fitted;
  std::copy_n(answer.begin(), kSignals, fitted.factors.begin());
  fitted.offset = answer[kSignals];
  return fitted;
}

}  // namespace lilux::brain
