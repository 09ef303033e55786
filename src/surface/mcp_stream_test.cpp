#include "surface/mcp_stream.h"

#include <doctest/doctest.h>

namespace lilux::surface {
namespace {

using base::Json;
using base::JsonObject;
using std::chrono::steady_clock;

constexpr int kNone = 0;  // the connection before the first
const Json kMessage = JsonObject{{"method", "notifications/message"}};

TEST_CASE("a stream that was left waits for its client until it is given up") {
  McpStream stream("1");
  int lost = 0;
  stream.on_lost([&] { ++lost; });
  const auto before = steady_clock::now();
  CHECK_FALSE(stream.give_up(steady_clock::now()));  // nobody has left it
  stream.leave(kNone);
  CHECK(stream.write(kMessage));  // kept for who comes back
  CHECK_FALSE(stream.give_up(before));
  CHECK(lost == 0);
  CHECK(stream.give_up(steady_clock::now()));
  CHECK(lost == 1);
  CHECK_FALSE(stream.write(kMessage));
  CHECK(stream.give_up(steady_clock::now()));  // and it is lost once
  CHECK(lost == 1);
}

TEST_CASE("a stream that nobody can go on with is lost when it is left") {
  McpStream nameless;
  McpStream kept("1");
  int lost = 0;
  nameless.on_lost([&] { ++lost; });
  kept.on_lost([&] { ++lost; });
  nameless.leave(kNone);
  CHECK(lost == 1);
  kept.leave(kNone);
  kept.keep_no_more();
  CHECK(lost == 2);
  CHECK_FALSE(kept.write(kMessage));
}

TEST_CASE("an answered stream that is given up loses nothing, and an older connection's end is none of its") {
  McpStream stream("1");
  int lost = 0;
  stream.on_lost([&] { ++lost; });
  stream.leave(kNone + 1);
  CHECK_FALSE(stream.give_up(steady_clock::now()));
  stream.end();
  CHECK(stream.give_up(steady_clock::now()));
  CHECK(lost == 0);
}

}  // namespace
}  // namespace lilux::surface
