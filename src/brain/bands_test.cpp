#include "brain/bands.h"

#include <doctest/doctest.h>

namespace lilux::brain {

namespace {

constexpr double kErrorWanted = 0.02;

void add(std::vector<Answered>& to, int count, double confidence, bool is_right) {
  for (int i = 0; i < count; ++i) to.push_back({.confidence = confidence, .is_right = is_right});
}

}  // namespace

TEST_CASE("bands are as given until answers say otherwise") {
  CHECK(fitted_bands({}, kErrorWanted).execute_from == kExecuteFrom);
  std::vector<Answered> few;
  add(few, 30, 0.85, true);
  add(few, 5, 0.95, false);
  const Bands bands = fitted_bands(few, kErrorWanted);
  CHECK(bands.execute_from == kExecuteFrom);
  CHECK(bands.verify_from == kVerifyFrom);
  CHECK(bands.answers == 35);
}

TEST_CASE("what was right often enough is asked about no more") {
  std::vector<Answered> answered;
  add(answered, 60, 0.85, true);
  add(answered, 10, 0.75, false);
  CHECK(fitted_bands(answered, kErrorWanted).execute_from == 0.85);
  CHECK(fitted_bands(answered, 0.001).execute_from == kExecuteFrom);
  add(answered, 5, 0.85, false);
  CHECK(fitted_bands(answered, kErrorWanted).execute_from == kExecuteFrom);
}

TEST_CASE("never below the given border of what is put to a person") {
  std::vector<Answered> answered;
  add(answered, 900, 0.6, true);
  CHECK(fitted_bands(answered, 0.5).execute_from >= kVerifyFrom);
  CHECK(fitted_bands({{.confidence = 0.8, .is_right = true}}, 0.5).execute_from == kExecuteFrom);
}

TEST_CASE("where sure proposals are wrong too often, only surer ones are made, or none") {
  std::vector<Answered> answered;
  add(answered, 20, 0.99, true);
  add(answered, 5, 0.92, false);
  CHECK(fitted_bands(answered, kErrorWanted).execute_from == 0.99);
  add(answered, 5, 0.99, false);
  CHECK(fitted_bands(answered, kErrorWanted).execute_from == kNever);
  CHECK(fitted_bands(answered, 0.5).execute_from == kExecuteFrom);
}

TEST_CASE("what is mostly wrong is not put to a person") {
  std::vector<Answered> answered;
  add(answered, 12, 0.72, false);
  add(answered, 8, 0.85, true);
  CHECK(fitted_bands(answered, kErrorWanted).verify_from > 0.72);
  CHECK(fitted_bands(answered, kErrorWanted).verify_from <= 0.85);
  std::vector<Answered> wrong;
  add(wrong, 12, 0.8, false);
  CHECK(fitted_bands(wrong, kErrorWanted).verify_from == kExecuteFrom);
}

}  // namespace lilux::brain
