#include "brain/measures.h"

#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;

}  // namespace

TEST_CASE("measures are what their names say") {
  // In scope .9 right, .8 right, .6 wrong, .4 right; out of scope .7, .1.
  const std::vector<Judged> decisions{
      {.is_right = true, .confidence = .9},     {.is_in_scope = false, .confidence = .7},
      {.is_right = true, .confidence = .4},     {.is_right = false, .confidence = .6},
      {.is_in_scope = false, .confidence = .1}, {.is_right = true, .confidence = .8},
  };
  const Measures measures = measure(decisions);
  CHECK(measures.in_scope == 4);
  CHECK(measures.out_of_scope == 2);
  CHECK(measures.accuracy.value() == doctest::Approx(3.0 / 4));
  CHECK(measures.oos_auroc.value() == doctest::Approx(6.0 / 8));
  CHECK(measures.oos_recall_at_95.value() == doctest::Approx(1.0 / 2));
  CHECK(measures.decided_at_99 == doctest::Approx(2.0 / 6));
  CHECK(measures.accuracy_at_half == doctest::Approx(3.0 / 6));
  CHECK(measures.calibration_error == doctest::Approx((.1 + .7 + .6 + .6 + .1 + .2) / 6));
}

TEST_CASE("equal confidences cannot be told apart") {
  const std::vector<Judged> decisions{{.is_right = true, .confidence = .5},
                                      {.is_right = true, .confidence = .5},
                                      {.is_in_scope = false, .confidence = .5}};
  const Measures measures = measure(decisions);
  CHECK(measures.oos_auroc.value() == doctest::Approx(.5));
  CHECK(measures.oos_recall_at_95.value() == 0);
  CHECK(measures.decided_at_99 == 0);
}

TEST_CASE("without texts out of scope there is nothing to say of them") {
  const Measures measures = measure(std::vector<Judged>{{.is_right = true, .confidence = 1}});
  CHECK_FALSE(measures.oos_auroc.has_value());
  CHECK(measures.decided_at_99 == 1);
  CHECK_FALSE(measure({}).accuracy);
}

TEST_CASE("a slot is right where its name and both its ends are") {
  SlotMeasures measures;
  CHECK(measures.f1() == 0);
  const std::vector<Slot> told{{"city", 0, 4}, {"date", 5, 9}};
  const std::vector<Slot> found{{"city", 0, 4}, {"date", 5, 8}, {"time", 5, 9}};
  measures.add(told, found);
  CHECK(measures.right == 1);
  CHECK(measures.f1() == doctest::Approx(2 * (1 / 3.) * (1 / 2.) / (1 / 3. + 1 / 2.)));
}

TEST_CASE("quantiles") {
  const std::vector<double> values{5, 1, 4, 2, 3};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, .2) == 1);
  CHECK(quantile(values, .21) == 2);
  CHECK(quantile(values, .5) == 3);
  CHECK(quantile(values, .99) == 5);
  CHECK(quantile(values, 1) == 5);
  CHECK(quantile({}, .5) == 0);
}
