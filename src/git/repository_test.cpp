#include "git/repository.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/commit.h"
#include "git/names.h"
#include "git/turn.h"
#include "sys/file.h"
#include "tests/support/git_fixture.h"

namespace lilux::git {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

TEST_CASE("a commit is read back, and git finds nothing wrong") {
  const Bare bare;
  const std::string first = bare.write("directives/core/init.md", "one\n");
  const std::string second = must(commit(bare.repository, kMain,
                                         {{.path = "directives/core/init.md", .bytes = "two\n"},
                                          {.path = "scripts/run.sh", .bytes = "#!/bin/sh\n", .mode = Mode::executable}},
                                         kRemark));
  CHECK(bare.read("main", "directives/core/init.md") == "two\n");
  CHECK(bare.read(first, "directives/core/init.md") == "one\n");
  CHECK(must(bare.repository.tip(kMain)) == second);
  const auto files = must(bare.repository.list("main"));
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "directives/core/init.md");
  CHECK(files[0].size == 4);
  CHECK(files[0].id == must(content_id("two\n")));
  CHECK(files[1].mode == Mode::executable);
  CHECK_FALSE(must(bare.repository.find("main", "directives")));
  CHECK_FALSE(must(bare.repository.read("main", "nothing", 10)));
  CHECK(code_of(bare.repository.read("main", "scripts/run.sh", 3)) == ErrorCode::over_budget);
  bare.check();
}

TEST_CASE("a branch or commit that is not there is told, with the branches there are") {
  const Bare bare;
  CHECK(code_of(bare.repository.commit_at("main")) == ErrorCode::not_found);
  CHECK_FALSE(must(bare.repository.tip(kMain)));
  bare.write("a", "1");
  const auto missing = bare.repository.commit_at("mian");
  CHECK(code_of(missing) == ErrorCode::not_found);
  CHECK(missing.error().hint == "there are: main");
  CHECK(code_of(bare.repository.commit_at(std::string(40, '1'))) == ErrorCode::not_found);
}

TEST_CASE("a commit is meant by how its id begins, unless that is a branch") {
  const Bare bare;
  std::string last;
  for (int i = 0; i < 3; ++i) last = bare.write("a", std::to_string(i));
  CHECK(must(bare.repository.commit_at(last.substr(0, 12))) == last);
  CHECK(must(bare.repository.commit_at(last.substr(0, 12) + "~1")) == must(bare.repository.commit_at("main~1")));
  CHECK(code_of(bare.repository.commit_at(last.substr(0, 3))) == ErrorCode::not_found);
  CHECK(code_of(bare.repository.commit_at("000000000000")) == ErrorCode::not_found);
  const std::string content = must(bare.repository.find("main", "a"))->id;
  CHECK(code_of(bare.repository.commit_at(content.substr(0, 12))) == ErrorCode::not_found);
  must(create_branch(bare.repository, last.substr(0, 12), "main~1"));
  CHECK(must(bare.repository.commit_at(last.substr(0, 12))) == must(bare.repository.commit_at("main~1")));
}

TEST_CASE("files are removed, and folders with their last file") {
  const Bare bare;
  bare.write("a/b/c", "1");
  bare.write("d", "2");
  bare.remove("a/b/c");
  CHECK(must(bare.repository.list("main")).size() == 1);
  const std::string before = *must(bare.repository.tip(kMain));
  CHECK(bare.remove("a/b/c") == before);
  CHECK(bare.write("d", "2") == before);
  bare.remove("d");
  CHECK(must(bare.repository.list("main")).empty());
  bare.check();
}

TEST_CASE("what changed since it was read is a conflict that names it") {
  const Bare bare;
  bare.write("a", "1");
  const auto changed = [&](const std::string& expected) {
    return commit(bare.repository, kMain, {{.path = "a", .bytes = "2", .expected = expected}}, kRemark);
  };
  const auto failed = changed(must(content_id("0")));
  CHECK(code_of(failed) == ErrorCode::conflict);
  CHECK(failed.error().message == "'a' was changed meanwhile");
  CHECK(code_of(changed("")) == ErrorCode::conflict);
  must(changed(must(content_id("1"))));
  CHECK(code_of(commit(bare.repository, kMain, {{.path = "a/b", .bytes = "2"}}, kRemark)) == ErrorCode::conflict);
  CHECK(code_of(commit(bare.repository, kMain, {{.path = "b", .bytes = "2", .expected = "x"}}, kRemark)) ==
        ErrorCode::conflict);
  must(commit(bare.repository, kMain, {{.path = "b", .bytes = "2", .expected = ""}}, kRemark));
}

TEST_CASE("paths that lead out of a work tree or into a .git are refused") {
  const Bare bare;
  for (const char* path : {"", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", ".git/config", "a/.GIT/x",
                           "a/.git.", "a/.git ::$INDEX", "git~1/x", ".g\u200cit/x", "a\\b", "a/\ufeff.git/x"}) {
    INFO(path);
    CHECK(code_of(commit(bare.repository, kMain, {{.path = path, .bytes = "x"}}, kRemark)) ==
          ErrorCode::invalid_argument);
    CHECK(code_of(bare.repository.find("main", path)) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(check_file_path(std::string_view("a\0b", 3))) == ErrorCode::invalid_argument);
  for (const char* path : {".gitignore", "a/.gitkeep", "git", "..a", "a b", "\u00fc.md"}) must(check_file_path(path));
}

TEST_CASE("names of branches are few and plain") {
  for (const char* name : {"main", "review/web-search", "v1.0", "a/b/c"}) must(check_branch(name));
  for (const char* name : {"", "HEAD", "-x", "a..b", "a/", "/a", "a//b", ".a", "a.lock", "a b", "a:b", "a.",
                           "0123456789012345678901234567890123456789"}) {
    INFO(name);
    CHECK(code_of(check_branch(name)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("branches are made, listed and deleted; main stays") {
  const Bare bare;
  const std::string first = bare.write("a", "1");
  must(create_branch(bare.repository, "review/a", "main"));
  CHECK(code_of(create_branch(bare.repository, "review/a", "main")) == ErrorCode::conflict);
  bare.write("a", "2");
  CHECK(bare.read("review/a", "a") == "1");
  const auto branches = must(bare.repository.branches());
  REQUIRE(branches.size() == 2);
  CHECK(branches[1].name == "review/a");
  CHECK(branches[1].tip == first);
  CHECK(code_of(put_branch(bare.repository, "review/a", bare.write("a", "3"), {})) == ErrorCode::conflict);
  must(put_branch(bare.repository, "review/a", first, {}));
  CHECK(must(bare.repository.branches()).size() == 1);
  CHECK(code_of(put_branch(bare.repository, "main", first, {})) == ErrorCode::denied);
  bare.check();
}

TEST_CASE("what is no repository is told and left as it is") {
  const Scratch scratch;
  const std::string path = scratch / "x.git";
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  must(sys::write_file_atomic(path + "/mine", "keep"));
  const auto opened = Repository::open_or_create(path);
  CHECK(code_of(opened) == ErrorCode::corrupt);
  CHECK(opened.error().hint.find("fsck") != std::string::npos);
  CHECK(must(sys::list_directory(path)).size() == 1);
  CHECK(code_of(Repository::open(scratch / "none.git")) == ErrorCode::not_found);
}

TEST_CASE("a damaged object is told as such") {
  const Bare bare;
  bare.write("a", "1");
  const std::string id = must(content_id("1"));
  const std::string object = bare.path + "/objects/" + id.substr(0, 2) + "/" + id.substr(2);
  REQUIRE(::chmod(object.c_str(), 0600) == 0);
  must(sys::write_file_atomic(object, "no object"));
  const Repository again = must(Repository::open(bare.path));
  CHECK(code_of(again.read("main", "a", 10)) == ErrorCode::corrupt);
}

TEST_CASE("many who make a repository at once get the same one") {
  const Scratch scratch;
  const std::string path = scratch / "deep/x.git";
  std::vector<pid_t> children;
  for (int i = 0; i < 40; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto made = Repository::open_or_create(path);
      const bool done = made && commit(*made, kMain, {{.path = "a" + std::to_string(i), .bytes = "x"}}, kRemark);
      ::_exit(done ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(must(must(Repository::open(path)).list("main")).size() == 40);
  CHECK(must(sys::list_directory(scratch / "deep")).size() == 1);
}

TEST_CASE("what a killed writer left is in nobody's way") {
  const Bare bare;
  bare.write("a", "1");
  for (const char* left : {"lilux.busy", "refs/heads/main.lock", "packed-refs.lock", "objects/tmp_object_git2_abcdef"})
    must(sys::write_file_atomic(bare.path + "/" + left, ""));
  // The name of an object reached the disk, its content did not.
  const std::string id = must(content_id("2"));
  must(sys::make_directories(bare.path + "/objects/" + id.substr(0, 2)));
  must(sys::write_file_atomic(bare.path + "/objects/" + id.substr(0, 2) + "/" + id.substr(2), ""));
  bare.write("a", "2");
  CHECK(bare.read("main", "a") == "2");
  CHECK_FALSE(sys::exists(bare.path + "/packed-refs.lock"));
  CHECK_FALSE(sys::exists(bare.path + "/objects/tmp_object_git2_abcdef"));
  bare.check();
}

TEST_CASE("a lock of another git program is respected while it is young") {
  const Bare bare;
  bare.write("a", "1");
  must(sys::write_file_atomic(bare.path + "/refs/heads/main.lock", ""));
  const auto failed = commit(bare.repository, kMain, {{.path = "a", .bytes = "2"}}, kRemark);
  CHECK(code_of(failed) == ErrorCode::unavailable);
  CHECK(failed.error().hint.find("rm ") != std::string::npos);
  CHECK(sys::exists(bare.path + "/refs/heads/main.lock"));
}

TEST_CASE("names and messages from outside stay within their lines") {
  const Bare bare;
  const Remark remark{.author = {.name = "a\nparent 0000", .email = "<x>\n"}, .message = std::string("m\0x\x1b[1m", 7)};
  must(commit(bare.repository, kMain, {{.path = "a", .bytes = "1"}}, remark));
  must(commit(bare.repository, kMain, {{.path = "a", .bytes = "2"}}, {}));
  bare.check();
}

}  // namespace lilux::git
