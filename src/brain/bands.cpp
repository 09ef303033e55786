#include "brain/bands.h"

#include <algorithm>
#include <functional>

namespace lilux::brain {

namespace {

constexpr std::size_t kRaisedFrom = 20;    // answers above the given border before it is moved up
constexpr double kLoweredFrom = 20;        // answers above a lower one before it holds
constexpr std::size_t kVerifiedFrom = 10;  // answers between the borders before the lower one is moved

// How many answers have at least that confidence, and how many of them were wrong.
struct Above {
  double border = 0;
  double count = 0;
  double wrong = 0;
};

// For each confidence that occurs, the highest first.
std::vector<Above> all_above(const std::vector<Answered>& answered) {
  std::vector<Above> made;
  Above now;
  for (const Answered& one : answered) {
    now.count += 1;
    now.wrong += one.is_right ? 0 : 1;
    now.border = one.confidence;
    if (!made.empty() && made.back().border == one.confidence) made.pop_back();
    made.push_back(now);
  }
  return made;
}

double execute_border(const std::vector<Above>& above, double error) {
  Above given;  // at the border as it is given
  for (const Above& one : above)
    if (one.border >= kExecuteFrom) given = one;
  const bool is_too_wrong = given.count >= static_cast<double>(kRaisedFrom) && given.wrong > error * given.count;
  double border = is_too_wrong ? kNever : kExecuteFrom;
  for (const Above& one : above) {
    const bool is_surely_right = one.count >= kLoweredFrom && (one.wrong + 1) / (one.count + 2) <= error;
    const bool is_right_enough = one.wrong <= error * one.count;
    if (one.border < kVerifyFrom) break;
    if (one.border < kExecuteFrom ? is_surely_right : is_too_wrong && is_right_enough) border = one.border;
  }
  return border;
}

// Where at least half of what was answered from there up to the other border was right.
double verify_border(const std::vector<Answered>& answered, double execute_from) {
  std::vector<Answered> between;
  for (const Answered& one : answered)
    if (one.confidence >= kVerifyFrom && one.confidence < execute_from) between.push_back(one);
  if (between.size() < kVerifiedFrom) return kVerifyFrom;
  std::ranges::reverse(between);  // the least sure first
  double right = static_cast<double>(std::ranges::count(between, true, &Answered::is_right));
  double count = static_cast<double>(between.size());
  double before = 0;
  for (const Answered& one : between) {
    const bool is_first = one.confidence != before;  // of those that are as sure
    if (is_first && right * 2 >= count) return before == 0 ? kVerifyFrom : one.confidence;
    before = one.confidence;
    right -= one.is_right ? 1 : 0;
    count -= 1;
  }
  return std::min(execute_from, 1.0);
}

}  // namespace

Bands fitted_bands(std::vector<Answered> answered, double error) {
  if (answered.empty()) return {};
  std::ranges::sort(answered, std::greater(), &Answered::confidence);
  const double execute_from = execute_border(all_above(answered), error);
  return {
      .execute_from = execute_from, .verify_from = verify_border(answered, execute_from), .answers = answered.size()};
}

}  // namespace lilux::brain
