#include "git/ancestry.h"

#include <doctest/doctest.h>

#include "git/history.h"
#include "git/merge.h"
#include "git/turn.h"
#include "tests/support/git_fixture.h"

namespace lilux::git {

using base::ErrorCode;
using test::code_of;
using test::must;

namespace {

// A file that both `main` and `side` changed, and one that only `side` has.
struct Parted : Bare {
  Parted() {
    write("a", "one\n");
    must(create_branch(repository, "side", kMain));
    write("a", "side\n", "side");
    write("b", "side\n", "side");
    write("a", "main\n");
  }
  Merged bring(std::string_view from, const std::vector<Resolution>& resolutions = {},
               std::string_view into = kMain) const {
    return must(merge(repository, into, from, resolutions, kRemark));
  }
  std::string take_back(const std::string& commit, std::string_view on = kMain) const {
    return must(revert(repository, on, commit, kRemark));
  }
  Meeting meeting(std::string_view ours, std::string_view theirs) const {
    return must(meeting_of(repository, must(repository.commit_at(ours)), must(repository.commit_at(theirs))));
  }
};

const std::vector<Resolution> kBoth{{.path = "a", .bytes = "both\n"}};

}  // namespace

TEST_CASE("a merge that was taken back is made again, with its conflicts and their resolutions") {
  const Parted git;
  const std::string first = git.bring("side", {{.path = "a", .bytes = "badly\n"}}).commit;
  CHECK(git.meeting("main", "side").has_all);
  CHECK(must(record_of(git.repository, git.take_back(first))).takes_back == *must(git.repository.tip("side")));
  CHECK(git.read("main", "a") == "main\n");
  CHECK(git.read("main", "b") == "(nothing)");
  CHECK_FALSE(git.meeting("main", "side").has_all);
  const Merged open = git.bring("side");
  REQUIRE(open.conflicts.size() == 1);
  CHECK(open.conflicts[0].base == "one\n");
  CHECK(open.conflicts[0].theirs == "side\n");
  const std::string second = git.bring("side", kBoth).commit;
  CHECK(git.read("main", "a") == "both\n");
  CHECK(git.read("main", "b") == "side\n");
  CHECK(git.bring("side").commit == second);
  git.take_back(second);
  CHECK(git.bring("side").conflicts.size() == 1);
  git.check();
}

TEST_CASE("work that goes on after its merge was taken back comes with all of it") {
  const Parted git;
  git.take_back(git.bring("side", kBoth).commit);
  git.write("c", "later\n", "side");
  git.write("d", "meanwhile\n");
  CHECK(git.bring("side").conflicts.size() == 1);
  git.bring("side", kBoth);
  CHECK(git.read("main", "a") == "both\n");
  CHECK(git.read("main", "b") == "side\n");
  CHECK(git.read("main", "c") == "later\n");
  CHECK(git.read("main", "d") == "meanwhile\n");
}

TEST_CASE("a revert of a merge that is reverted makes the merge again") {
  const Parted git;
  const std::string merged = git.bring("side", kBoth).commit;
  const std::string back = git.take_back(merged);
  const std::string again = git.take_back(back);
  CHECK(git.read("main", "a") == "both\n");
  CHECK(git.meeting("main", "side").has_all);
  CHECK(git.bring("side").commit == again);
  git.take_back(again);
  CHECK(git.read("main", "b") == "(nothing)");
  CHECK_FALSE(git.meeting("main", "side").has_all);
}

TEST_CASE("a merge that somebody took back does not take the work away from who has it") {
  const Parted git;
  must(create_branch(git.repository, "theirs", "side"));
  git.take_back(git.bring("side", kBoth).commit);
  CHECK(git.bring("main", {}, "theirs").conflicts.size() == 1);
  git.bring("main", kBoth, "theirs");
  CHECK(git.read("theirs", "a") == "both\n");
  CHECK(git.read("theirs", "b") == "side\n");
  git.bring("theirs");
  CHECK(git.read("main", "a") == "both\n");
  CHECK(git.read("main", "b") == "side\n");
}

TEST_CASE("only what is in conflict is resolved, also when there is nothing to merge") {
  const Parted git;
  git.bring("side", kBoth);
  CHECK(code_of(merge(git.repository, kMain, "side", kBoth, kRemark)) == ErrorCode::invalid_argument);
  git.write("c", "later\n", "side");
  CHECK(code_of(merge(git.repository, kMain, "side", {{.path = "none"}}, kRemark)) == ErrorCode::invalid_argument);
}

TEST_CASE("a message that names no merge of its line changes nothing") {
  const Parted git;
  git.bring("side", kBoth);
  const std::string named = must(commit(git.repository, kMain, {{.path = "d", .bytes = "d"}},
                                        {.message = "x\n" + std::string(kTakesBack) + std::string(40, 'a')}));
  CHECK(must(record_of(git.repository, named)).takes_back == std::string(40, 'a'));
  CHECK(git.meeting("main", "side").has_all);
  const std::string unfit =
      must(commit(git.repository, kMain, {{.path = "d", .bytes = "e"}}, {.message = std::string(kTakesBack) + "side"}));
  CHECK(must(record_of(git.repository, unfit)).takes_back.empty());
}

}  // namespace lilux::git
