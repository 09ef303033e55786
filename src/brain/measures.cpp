#include "brain/measures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace lilux::brain {

namespace {

constexpr double kKept = 0.95;
constexpr double kPrecision = 0.99;
constexpr std::size_t kBands = 10;

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Of both sorts in ascending order: pairs in the right order, equal ones as half.
double auroc(std::span<const double> in_scope, std::span<const double> out_of_scope) {
  double pairs = 0;
  for (const double confidence : in_scope) {
    const auto [below, above] = std::ranges::equal_range(out_of_scope, confidence);
    pairs += static_cast<double>(below - out_of_scope.begin()) + static_cast<double>(above - below) / 2;
  }
  return pairs / (static_cast<double>(in_scope.size()) * static_cast<double>(out_of_scope.size()));
}

double recall_where_kept(std::span<const double> in_scope, std::span<const double> out_of_scope) {
  const auto dropped = static_cast<std::size_t>(std::floor((1 - kKept) * static_cast<double>(in_scope.size())));
  const auto below = std::ranges::lower_bound(out_of_scope, in_scope[dropped]);
  return share(static_cast<std::size_t>(below - out_of_scope.begin()), out_of_scope.size());
}

// Decisions of equal confidence are taken together.
double decided_at(double precision, std::span<const Judged> descending) {
  std::size_t right = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < descending.size(); ++i) {
    right += descending[i].is_right ? 1 : 0;
    const bool is_last = i + 1 == descending.size() || descending[i + 1].confidence < descending[i].confidence;
    if (is_last && static_cast<double>(right) >= precision * static_cast<double>(i + 1)) most = i + 1;
  }
  return share(most, descending.size());
}

double calibration_error(std::span<const Judged> decisions) {
  struct Band {
    double confidence = 0;
    double right = 0;
  };
  std::array<Band, kBands> bands{};
  for (const Judged& decision : decisions) {
    const double place = std::clamp(decision.confidence, 0.0, 1.0) * kBands;
    Band& band = bands[std::min(kBands - 1, static_cast<std::size_t>(place))];
    band.confidence += decision.confidence;
    band.right += decision.is_right ? 1 : 0;
  }
  double error = 0;
  for (const Band& band : bands) error += std::abs(band.confidence - band.right);
  return decisions.empty() ? 0 : error / static_cast<double>(decisions.size());
}

}  // namespace

Measures measure(std::span<const Judged> decisions) {
  Measures result;
  std::vector<Judged> descending(decisions.begin(), decisions.end());
  std::ranges::sort(descending, std::greater{}, &Judged::confidence);
  std::vector<double> in_scope;
  std::vector<double> out_of_scope;
  std::size_t right = 0;
  std::size_t right_at_half = 0;
  for (const Judged& decision : descending) {
    (decision.is_in_scope ? in_scope : out_of_scope).push_back(decision.confidence);
    right += decision.is_right ? 1 : 0;
    right_at_half += (decision.confidence >= 0.5 ? decision.is_right : !decision.is_in_scope) ? 1 : 0;
  }
  std::ranges::reverse(in_scope);
  std::ranges::reverse(out_of_scope);
  result.in_scope = in_scope.size();
  result.out_of_scope = out_of_scope.size();
  if (!in_scope.empty()) result.accuracy = share(right, in_scope.size());
  if (!in_scope.empty() && !out_of_scope.empty()) {
    result.oos_auroc = auroc(in_scope, out_of_scope);
    result.oos_recall_at_95 = recall_where_kept(in_scope, out_of_scope);
  }
  result.decided_at_99 = decided_at(kPrecision, descending);
  result.calibration_error = calibration_error(decisions);
  result.accuracy_at_half = share(right_at_half, decisions.size());
  return result;
}

void SlotMeasures::add(std::span<const Slot> told_here, std::span<const Slot> found_here) {
  ++texts;
  told += told_here.size();
  found += found_here.size();
  for (const Slot& slot : found_here) right += std::ranges::count(told_here, slot) > 0 ? 1 : 0;
}

double SlotMeasures::f1() const {
  return share(2 * right, told + found);
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto count = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(count, 1, values.size()) - 1);
  std::ranges::nth_element(values, place);
  return *place;
}

}  // namespace lilux::brain
