#pragma once

// The loop over one scenario: disturb the call at one point after another, let the next start recover, and see that
// nothing is lost, halved or forgotten.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/playground.h"
#include "tests/faults/scenario.h"

namespace lilux::test {

// The ways to disturb a call.
struct Mode {
  std::string name;
  Plan plan;                  // without `at` and `below`
  bool must_succeed = false;  // the call has to answer as if nothing had happened
};
const std::vector<Mode>& modes();

// sampled: lasting system calls only, those around the effect and some of the others. every: each system call.
enum class Points : std::uint8_t { sampled, every };

struct Tally {
  std::string row;
  std::vector<std::uint64_t> points;  // disturbed, per mode
  std::vector<std::string> faults;    // what was wrong, and where
  double seconds = 0;
};

Tally run_scenario(Playground& playground, const Scenario& scenario, Points points);

}  // namespace lilux::test
