#pragma once

// A repository in a folder of its own, for tests of git/.

#include <cstdlib>
#include <string>

#include "git/commit.h"
#include "git/repository.h"
#include "tests/support/scratch.h"

namespace lilux::git {

inline const Remark kRemark{.author = {.name = "Ada", .email = "ada@example.org"}, .message = "a change"};

struct Bare {
  test::Scratch scratch;
  std::string path = scratch / "x.git";
  Repository repository = test::must(Repository::open_or_create(path));

  std::string write(const std::string& file, const std::string& bytes, std::string_view branch = kMain) const {
    return test::must(commit(repository, branch, {{.path = file, .bytes = bytes}}, kRemark));
  }
  std::string remove(const std::string& file, std::string_view branch = kMain) const {
    return test::must(commit(repository, branch, {{.path = file}}, kRemark));
  }
  std::string read(std::string_view where, std::string_view file) const {
    return test::must(repository.read(where, file, 1 << 20)).value_or("(nothing)");
  }
  // What git itself says.
  void check() const {
    const std::string command = "git --git-dir='" + path + "' fsck --strict --no-dangling --no-progress >&2";
    CHECK(std::system(command.c_str()) == 0);
  }
};

}  // namespace lilux::git
