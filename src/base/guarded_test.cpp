#include "base/guarded.h"

#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

TEST_CASE("what several threads change under the lock is changed by all of them") {
  Guarded<int> count(5);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) count.with([](int& value) { ++value; });
      });
  }
  const Guarded<int>& read = count;
  CHECK(read.with([](const int& value) { return value; }) == 4005);
}

TEST_CASE("a wait ends when the state is as wanted, or when its time has come") {
  Guarded<bool> is_ready(false);
  using Clock = std::chrono::steady_clock;
  CHECK_FALSE(is_ready.wait_until(Clock::now() + std::chrono::milliseconds(10), [](bool ready) { return ready; }));
  const std::jthread other([&] {
    is_ready.with([](bool& ready) { ready = true; });
    is_ready.notify_all();
  });
  CHECK(is_ready.wait_until(Clock::now() + std::chrono::seconds(60), [](bool ready) { return ready; }));
}

}  // namespace
}  // namespace lilux::base
