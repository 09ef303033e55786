#include "git/pack.h"

#include <doctest/doctest.h>

#include "git/history.h"
#include "sys/file.h"
#include "tests/support/git_fixture.h"

namespace lilux::git {

using test::must;

TEST_CASE("loose objects become one file, and everything is there as before") {
  const Bare bare;
  for (int i = 0; i < 30; ++i) bare.write("a/b", std::to_string(i));
  const Repository reader = must(Repository::open(bare.path));
  CHECK(must(reader.read("main", "a/b", 10)) == "29");
  {
    const Turn turn = must(Turn::take(bare.repository));
    CHECK(must(pack_when_many(turn, bare.repository)) == 0);
    CHECK(must(pack(turn, bare.repository)) > 100);
    CHECK(must(pack(turn, bare.repository)) == 0);
  }
  CHECK(must(sys::list_directory(bare.path + "/objects/pack")).size() == 2);
  CHECK(must(reader.read(must(history(reader, {.limit = 30})).back().id, "a/b", 10)) == "0");
  bare.write("a/b", "5");
  CHECK(must(must(Repository::open(bare.path)).read("main", "a/b", 10)) == "5");
  bare.check();
}

TEST_CASE("many loose objects are told by one folder") {
  const Bare bare;
  std::vector<Change> changes;
  for (int i = 0; changes.size() < 8; ++i) {
    const std::string bytes = std::to_string(i);
    if (must(content_id(bytes)).starts_with("17")) changes.push_back({.path = "n" + bytes, .bytes = bytes});
  }
  must(commit(bare.repository, kMain, changes, kRemark));
  const Turn turn = must(Turn::take(bare.repository));
  CHECK(must(pack_when_many(turn, bare.repository)) >= 8);
  CHECK(must(bare.repository.list("main")).size() == 8);
}

}  // namespace lilux::git
