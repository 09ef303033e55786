#include "objects/store.h"

#include <array>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/support/scratch.h"

namespace lilux::objects {

using test::must;

TEST_CASE("what is put again while old objects are collected stays") {
  const test::Scratch scratch;
  Store store = must(Store::open(scratch / "objects"));
  constexpr int kObjects = 300;
  std::vector<std::string> digests;
  for (int i = 0; i < kObjects; ++i) digests.push_back(must(store.put(std::to_string(i))));
  for (int round = 0; round < 10; ++round) {
    for (const std::string& digest : digests) {
      const std::string path = scratch / "objects" + "/" + digest.substr(0, 2) + "/" + digest.substr(2);
      REQUIRE(::utimensat(AT_FDCWD, path.c_str(), std::array<timespec, 2>{}.data(), 0) == 0);
    }
    {
      const std::jthread collecting([&] { must(store.collect({.age_max = std::chrono::days(1)}, {})); });
      for (int i = kObjects - 1; i >= 0; --i) must(store.put(std::to_string(i)));
    }
    for (const std::string& digest : digests) REQUIRE(store.contains(digest));
  }
}

TEST_CASE("what is old goes, unless it is kept") {
  const test::Scratch scratch;
  Store store = must(Store::open(scratch / "objects"));
  const std::string kept = must(store.put("kept"));
  const std::string old = must(store.put("old"));
  const std::string recent = must(store.put("recent"));
  for (const std::string& digest : {kept, old}) {
    const std::string path = scratch / "objects" + "/" + digest.substr(0, 2) + "/" + digest.substr(2);
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), std::array<timespec, 2>{}.data(), 0) == 0);
  }
  CHECK(must(store.collect({.age_max = std::chrono::days(1)}, {kept})).removed == 1);
  CHECK(store.contains(kept));
  CHECK_FALSE(store.contains(old));
  CHECK(store.contains(recent));
}

}  // namespace lilux::objects
