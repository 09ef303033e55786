#include "objects/store.h"

#include <array>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "sys/file.h"
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

TEST_CASE("of many files all are there when they are finished, and before that none is without its content") {
  const test::Scratch scratch;
  Store store = must(Store::open(scratch / "objects"));
  const std::string known = must(store.put("7"));
  const std::string file = scratch / "file";
  const auto put = [&](Store::Batch& batch, const std::string& bytes) {
    must(sys::write_file_atomic(file, bytes));
    return must(batch.put_file(must(sys::open(file, O_RDONLY)).get()));
  };
  constexpr int kFiles = 300;
  constexpr std::size_t kLarge = std::size_t{2} << 20;
  Store::Batch batch = must(Store::Batch::begin(store));
  std::vector<std::string> digests;
  for (int i = 0; i < kFiles; ++i) digests.push_back(put(batch, std::to_string(i)));
  CHECK(put(batch, "3") == digests[3]);
  CHECK(digests[7] == known);
  digests.push_back(put(batch, std::string(kLarge, 'x')));
  CHECK_FALSE(store.contains(digests.back()));
  must(batch.finish());
  for (int i = 0; i < kFiles; ++i) CHECK(must(store.get(digests[static_cast<std::size_t>(i)])) == std::to_string(i));
  CHECK(must(store.get(digests.back())).size() == kLarge);
}

TEST_CASE("what was put with many others and not finished leaves nothing") {
  const test::Scratch scratch;
  Store store = must(Store::open(scratch / "objects"));
  {
    Store::Batch batch = must(Store::Batch::begin(store));
    must(sys::write_file_atomic(scratch / "file", "x"));
    must(batch.put_file(must(sys::open(scratch / "file", O_RDONLY)).get()));
    CHECK(must(sys::list_directory(scratch / "objects")).size() == 1);
  }
  CHECK(must(sys::list_directory(scratch / "objects")).empty());
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
