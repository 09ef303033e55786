#include "brain/calibration.h"

#include <cmath>

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;

Opinion opinion_with(std::vector<float> shares, std::optional<std::size_t> out_of_scope = std::nullopt) {
  for (float& share : shares) share = std::log(share);
  return opinion_of({std::move(shares)}, out_of_scope);
}

}  // namespace

TEST_CASE("an opinion is the mean, and out of scope is never the best") {
  std::vector<std::vector<float>> models{{.5F, .1F, .4F}, {.7F, .1F, .2F}};
  for (std::vector<float>& model : models) {
    for (float& share : model) share = std::log(share);
  }
  const Opinion opinion = opinion_of(models, 0);
  CHECK(opinion.shares[0] == doctest::Approx(.6));
  CHECK(opinion.best == 2);
  CHECK(opinion.second == 1);
  CHECK(opinion.best_least == doctest::Approx(.2));
}

TEST_CASE("with one label in scope there is no second") {
  const Opinion opinion = opinion_with({.3F, .7F}, 1);
  CHECK(opinion.best == 0);
  CHECK(opinion.second == 0);
}

TEST_CASE("confidence is the share that was right") {
  std::vector<Observation> observations;
  const Signals sure = signals_of(opinion_with({.95F, .05F}), std::nullopt, 0);
  const Signals unsure = signals_of(opinion_with({.55F, .45F}), std::nullopt, .5);
  for (int i = 0; i < 1000; ++i) {
    observations.push_back({.signals = sure, .is_right = i % 10 != 0});
    observations.push_back({.signals = unsure, .is_right = i % 10 < 3});
  }
  const Calibration calibration = Calibration::fit(observations, 0);
  CHECK(calibration.confidence(sure) == doctest::Approx(.9).epsilon(.02));
  CHECK(calibration.confidence(unsure) == doctest::Approx(.3).epsilon(.02));
}

TEST_CASE("what is out of scope counts as its share of what will be asked, however few were observed") {
  const Signals signals = signals_of(opinion_with({.8F, .2F}), std::nullopt, 0);
  std::vector<Observation> observations(200, {.signals = signals, .is_right = true});
  observations.push_back({.signals = signals, .is_outside = true});
  CHECK(Calibration::fit(observations, .25).confidence(signals) == doctest::Approx(.75).epsilon(.02));
}

TEST_CASE("nothing observed, nothing known") {
  const Signals signals = signals_of(opinion_with({.8F, .2F}), std::nullopt, 0);
  CHECK(Calibration::fit({}, 0).confidence(signals) == doctest::Approx(.5));
  const std::vector<Observation> right(50, {.signals = signals, .is_right = true});
  const double confidence = Calibration::fit(right, 0).confidence(signals);
  CHECK(confidence > .9);
  CHECK(confidence <= 1);
}
