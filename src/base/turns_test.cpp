#include "base/turns.h"

#include <future>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

TEST_CASE("a piece that takes long loses the turn to the thread that stands by, which keeps it") {
  Turns turns;
  REQUIRE(turns.take());
  CHECK_FALSE(turns.has_standby());
  CHECK_FALSE(turns.may_linger());
  std::promise<void> is_other_in;
  std::promise<void> may_go_on;
  std::thread other([&] {
    CHECK(turns.take());
    turns.begin_piece();
    is_other_in.set_value();
    may_go_on.get_future().wait();
    CHECK(turns.end_piece());
    turns.finish();
  });
  while (!turns.has_standby()) std::this_thread::yield();
  CHECK(turns.may_linger());
  is_other_in.get_future().wait();  // the piece goes on meanwhile
  CHECK_FALSE(turns.may_linger());
  CHECK_FALSE(turns.end_piece());
  may_go_on.set_value();
  other.join();
  CHECK_FALSE(turns.take());  // over
}

TEST_CASE("who stands by while nothing comes is woken by the next long piece") {
  Turns turns;
  REQUIRE(turns.take());
  std::promise<void> is_taken;
  std::thread other([&] {
    CHECK(turns.take());
    is_taken.set_value();
    turns.finish();
  });
  while (!turns.has_standby()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // it has stopped looking
  turns.begin_piece();
  is_taken.get_future().wait();
  CHECK_FALSE(turns.end_piece());
  other.join();
}

}  // namespace
}  // namespace lilux::base
