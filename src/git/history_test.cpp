#include "git/history.h"

#include <doctest/doctest.h>

#include "git/merge.h"
#include "git/turn.h"
#include "tests/support/git_fixture.h"

namespace lilux::git {

using base::ErrorCode;
using test::code_of;
using test::must;

TEST_CASE("history is newest first, as many as are wanted, and of one file when asked") {
  const Bare bare;
  for (int i = 0; i < 5; ++i) bare.write("a", std::to_string(i));
  const std::string other = bare.write("b", "x");
  const std::string gone = bare.remove("a");
  const auto all = must(history(bare.repository, {}));
  REQUIRE(all.size() == 7);
  CHECK(all[0].id == gone);
  CHECK(all[1].id == other);
  CHECK(all[0].parents == std::vector{other});
  CHECK(all[0].author.name == "Ada");
  CHECK(all[0].message == "a change");
  CHECK(all[0].time_us > 1'600'000'000'000'000);
  const auto of_a = must(history(bare.repository, {.path = "a", .limit = 2}));
  REQUIRE(of_a.size() == 2);
  CHECK(of_a[0].id == gone);
  CHECK(of_a[1].id == all[2].id);
  CHECK(must(history(bare.repository, {.path = "b"})).size() == 1);
  CHECK(must(history(bare.repository, {.path = "c"})).empty());
}

TEST_CASE("a diff names files and shows their lines") {
  const Bare bare;
  const std::string first = bare.write("a", "one\ntwo\nthree\n");
  bare.write("b*", "x\n");
  bare.write("a", "one\n2\nthree\nfour\n");
  using Files = std::vector<std::string>;
  const Diff all = must(diff(bare.repository, {.from = first}));
  CHECK(all.files == Files{"a", "b*"});
  CHECK(all.text.find("@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four\n") != std::string::npos);
  CHECK(must(diff(bare.repository, {.from = "main", .to = ""})).files == Files{"a", "b*"});
  bare.write("large", std::string(1 << 20, 'x') + "\n");
  const Diff cut = must(diff(bare.repository, {.from = first}));
  CHECK(cut.is_cut);
  CHECK(cut.files.size() == 3);
}

TEST_CASE("of files that a reader may not know of neither history nor diff tells anything") {
  const Bare bare;
  const std::string seen = bare.write("a", "one\n");
  bare.write("hidden", "two\n");
  const std::vector<Change> both{{.path = "a", .bytes = "three\n"}, {.path = "hidden", .bytes = "three\n"}};
  must(commit(bare.repository, kMain, both, {.author = kRemark.author, .message = "a and hidden"}));
  const Tells tells = [](const std::string& path) { return path != "hidden"; };
  const auto told = must(history(bare.repository, {.limit = 2, .tells = tells}));
  REQUIRE(told.size() == 2);
  CHECK(told[0].message == "Changed: a");
  CHECK(told[1].id == seen);
  CHECK(told[1].message == "a change");
  const Diff difference = must(diff(bare.repository, {.tells = tells}));
  CHECK(difference.files == std::vector<std::string>{"a"});
  CHECK(difference.text.contains("+three"));
  CHECK_FALSE(difference.text.contains("hidden"));
}

TEST_CASE("binary files are told as such") {
  const Bare bare;
  bare.write("a", std::string("\0\1\2", 3));
  const Diff all = must(diff(bare.repository, {}));
  CHECK(all.files.size() == 1);
  CHECK(all.text.contains("Binary files"));
}

TEST_CASE("a commit is reverted by a new one, unless later work stands there") {
  const Bare bare;
  bare.write("a", "one\ntwo\nthree\nfour\nfive\n");
  const std::string second = bare.write("a", "one\nTWO\nthree\nfour\nfive\n");
  const std::string third = bare.write("a", "one\nTWO\nthree\nfour\nFIVE\n");
  must(revert(bare.repository, kMain, second, kRemark));
  CHECK(bare.read("main", "a") == "one\ntwo\nthree\nfour\nFIVE\n");
  CHECK(code_of(revert(bare.repository, kMain, second, kRemark)) == ErrorCode::conflict);
  bare.write("a", "one\ntwo\nthree\nfour\nfünf\n");
  const auto failed = revert(bare.repository, kMain, third, kRemark);
  CHECK(code_of(failed) == ErrorCode::conflict);
  CHECK(failed.error().message.find("of 'a'") != std::string::npos);
  bare.check();
}

TEST_CASE("two lines of work are merged by lines") {
  const Bare bare;
  bare.write("a", "one\ntwo\nthree\nfour\nfive\n");
  must(create_branch(bare.repository, "other", "main"));
  const std::string ours = bare.write("a", "ONE\ntwo\nthree\nfour\nfive\n");
  bare.write("a", "one\ntwo\nthree\nfour\nFIVE\n", "other");
  const std::string theirs = bare.write("b", "new", "other");
  const Merged merged = must(merge(bare.repository, kMain, "other", {}, kRemark));
  CHECK(bare.read("main", "a") == "ONE\ntwo\nthree\nfour\nFIVE\n");
  CHECK(bare.read("main", "b") == "new");
  const auto parents = must(record_of(bare.repository, merged.commit)).parents;
  CHECK(parents == std::vector{ours, theirs});
  CHECK(must(merge(bare.repository, kMain, "other", {}, kRemark)).commit == merged.commit);
  CHECK(must(history(bare.repository, {.path = "b"})).size() == 1);
  must(revert(bare.repository, kMain, merged.commit, kRemark));
  CHECK(bare.read("main", "a") == "ONE\ntwo\nthree\nfour\nfive\n");
  bare.check();
}

TEST_CASE("conflicts come with all three contents and are resolved by bytes") {
  const Bare bare;
  bare.write("a", "base\n");
  bare.write("b", "base\n");
  must(create_branch(bare.repository, "other", "main"));
  bare.write("a", "ours\n");
  bare.remove("b");
  bare.write("c", "ours\n");
  bare.write("a", "theirs\n", "other");
  bare.write("b", "theirs\n", "other");
  bare.write("c", "theirs\n", "other");
  const std::string before = *must(bare.repository.tip(kMain));
  const Merged open = must(merge(bare.repository, kMain, "other", {}, kRemark));
  CHECK(open.commit.empty());
  REQUIRE(open.conflicts.size() == 3);
  CHECK(open.conflicts[0].base == "base\n");
  CHECK(open.conflicts[0].ours == "ours\n");
  CHECK(open.conflicts[0].theirs == "theirs\n");
  CHECK_FALSE(open.conflicts[1].ours);
  CHECK_FALSE(open.conflicts[2].base);
  CHECK(must(bare.repository.tip(kMain)) == before);
  const Merged rest = must(merge(bare.repository, kMain, "other", {{.path = "a", .bytes = "both\n"}}, kRemark));
  CHECK(rest.conflicts.size() == 2);
  CHECK(code_of(merge(bare.repository, kMain, "other", {{.path = "x"}}, kRemark)) == ErrorCode::invalid_argument);
  const std::vector<Resolution> all{{.path = "a", .bytes = "both\n"}, {.path = "b"}, {.path = "c", .bytes = "c"}};
  CHECK_FALSE(must(merge(bare.repository, kMain, "other", all, kRemark)).commit.empty());
  CHECK(bare.read("main", "a") == "both\n");
  CHECK(bare.read("main", "b") == "(nothing)");
  CHECK(bare.read("main", "c") == "c");
  bare.check();
}

TEST_CASE("what another side has not is told commit by commit") {
  const Bare bare;
  const std::string first = bare.write("a", "one\n");
  must(create_branch(bare.repository, "side", first));
  bare.write("secret", "s\n");
  bare.remove("secret");
  bare.write("side", "s\n", "side");
  must(merge(bare.repository, "main", "side", {}, kRemark));
  using Files = std::vector<std::string>;
  const auto news = must(unshared(bare.repository, first, "main"));
  CHECK(news.commits == 4);
  CHECK(news.files == Files{"secret", "side"});
  CHECK(must(unshared(bare.repository, "side", "main")).files == Files{"secret"});
  CHECK(must(unshared(bare.repository, "", "main")).files == Files{"a", "secret", "side"});
  CHECK(must(unshared(bare.repository, "main", "main")).commits == 0);
}

}  // namespace lilux::git
