#include "kernel/path_holds.h"

#include <thread>

#include <doctest/doctest.h>

namespace lilux::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool can_take(PathHolds& holds, const std::string& path) {
  return holds.take({path}, steady_clock::now(), {}).has_value();
}

TEST_CASE("what is held keeps others away from it, from all above and all below") {
  PathHolds holds;
  {
    const auto hold = holds.take({"/a/b", "/x"}, steady_clock::now(), {});
    REQUIRE(hold);
    for (const char* path : {"/a/b", "/a/b/c", "/a", "/", "/x/y"}) CHECK_FALSE(can_take(holds, path));
    for (const char* path : {"/a/bc", "/a/c", "/y"}) CHECK(can_take(holds, path));
    CHECK(holds.take({}, steady_clock::now(), {}));
  }
  CHECK(can_take(holds, "/a/b"));
}

TEST_CASE("who waits goes on when the path is free, and no longer when it is stopped") {
  PathHolds holds;
  auto hold = holds.take({"/a"}, steady_clock::now(), {});
  std::stop_source stop;
  std::atomic<int> taken = 0;
  const auto wait = [&](std::stop_token token) {
    if (holds.take({"/a"}, steady_clock::now() + std::chrono::minutes(1), token)) ++taken;
  };
  std::thread stopped(wait, stop.get_token());
  std::thread patient(wait, std::stop_token());
  stop.request_stop();
  stopped.join();
  CHECK(taken == 0);
  hold.reset();
  patient.join();
  CHECK(taken == 1);
}

}  // namespace
}  // namespace lilux::kernel
