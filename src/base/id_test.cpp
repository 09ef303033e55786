#include "base/id.h"

#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "base/time.h"

namespace lilux::base {
namespace {

TEST_CASE("ids are a letter and twelve characters, and each is greater than the one before") {
  IdSource source;
  std::string last = source.next('c');
  for (int i = 0; i < 300'000; ++i) {  // more than the counter of one millisecond holds
    const std::string id = source.next('c');
    REQUIRE(is_id(id, 'c'));
    REQUIRE(id > last);
    last = id;
  }
}

TEST_CASE("ids of several threads never meet") {
  IdSource source;
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : made)
      threads.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) ids.push_back(source.next('t'));
      });
  }
  std::set<std::string> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  CHECK(all.size() == 20'000);
}

TEST_CASE("what is no id") {
  for (const char* text : {"", "c", "t0123456789ab", "c0123456789a", "c0123456789abc", "c0123456789aB", "c0123456789al",
                           "c01234 6789ab"}) {
    CAPTURE(text);
    CHECK_FALSE(is_id(text, 'c'));
  }
  CHECK(is_id("c0123456789ab", 'c'));
}

TEST_CASE("random bytes are as many as asked for and not the same twice") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(1000).size() == 1000);
  CHECK(random_bytes(16) != random_bytes(16));
}

TEST_CASE("an id says when it was given") {
  const std::int64_t before = now_us() / 1000 * 1000;
  IdSource source;
  const std::int64_t given = time_of_id(source.next('c'));
  CHECK(given >= before);
  CHECK(given <= now_us());
  CHECK(time_of_id("") == 0);
  CHECK(time_of_id("cabc") == 0);
}

}  // namespace
}  // namespace lilux::base
