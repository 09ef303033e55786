#include "base/rest.h"

#include <stop_token>
#include <thread>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST_CASE("a rest is short while there is something to look at") {
  Rest rest;
  const auto began = steady_clock::now();
  rest.pause({}, milliseconds(1), hours(1), [] { return false; });
  CHECK(steady_clock::now() - began < hours(1));
}

TEST_CASE("a long rest ends soon after somebody does something, also between the look and the sleep") {
  Rest rest;
  SUBCASE("before it") {
    rest.pause({}, milliseconds(1), hours(1), [&] {
      rest.disturb();
      return true;
    });
  }
  SUBCASE("in it") {
    std::jthread other([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) rest.disturb();
    });
    rest.pause({}, milliseconds(1), hours(1), [] { return true; });
  }
}

TEST_CASE("whoever is told to stop does not rest") {
  Rest rest;
  std::stop_source over;
  over.request_stop();
  rest.pause(over.get_token(), hours(1), hours(2), [] { return true; });
}

}  // namespace
}  // namespace lilux::base
