#include "kernel/scheduler.h"

#include <atomic>
#include <semaphore>
#include <vector>

#include <doctest/doctest.h>

namespace lilux::kernel {
namespace {

using Lane = Scheduler::Lane;

TEST_CASE("people wait for nobody else's work") {
  std::counting_semaphore<> gate(0);
  std::binary_semaphore done(0);
  std::atomic<int> others{0};
  Scheduler scheduler({.workers = 2});
  for (int i = 0; i < 10; ++i) {
    REQUIRE(scheduler.push(9, [&] {
      ++others;
      gate.acquire();
    }));
  }
  REQUIRE(scheduler.push(0, [&] { done.release(); }, Lane::people));
  done.acquire();
  CHECK(others <= 2);
  gate.release(10);
}

TEST_CASE("work that waits for other work lends its place") {
  std::binary_semaphore inner(0);
  std::binary_semaphore outer(0);
  Scheduler scheduler({.workers = 1});
  REQUIRE(scheduler.push(5, [&] {
    const Scheduler::Lent lent(scheduler);
    REQUIRE(scheduler.push(5, [&] { inner.release(); }));
    inner.acquire();
    outer.release();
  }));
  outer.acquire();
}

TEST_CASE("a full queue refuses, and what goes on has room all the same") {
  std::binary_semaphore gate(0);
  std::binary_semaphore busy(0);
  Scheduler scheduler({.workers = 1, .queue_max = 1});
  REQUIRE(scheduler.push(5, [&] {
    busy.release();
    gate.acquire();
  }));
  busy.acquire();
  CHECK(scheduler.push(5, [] {}));
  CHECK_FALSE(scheduler.has_room());
  CHECK_FALSE(scheduler.push(9, [] {}));
  CHECK(scheduler.push_again(5, [] {}));
  CHECK(scheduler.push(0, [] {}, Lane::people));
  gate.release();
}

}  // namespace
}  // namespace lilux::kernel
