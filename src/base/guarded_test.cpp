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

}  // namespace
}  // namespace lilux::base
