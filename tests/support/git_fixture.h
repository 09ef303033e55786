#pragma once

// A repository in a folder of its own, for tests of git/.

#include <cstdlib>
#include <string>

#include "git/commit.h"
#include "git/merge.h"
#include "git/repository.h"
#include "git/turn.h"
#include "tests/support/scratch.h"

namespace lilux::git {

inline const Remark kRemark{.author = {.name = "Ada", .email = "ada@example.org"}, .message = "a change"};

// What a volume does with its folder besides, on a branch alone.
inline base::Result<Merged> merge(const Repository& repository, std::string_view branch, std::string_view theirs,
                                  const std::vector<Resolution>& resolutions, const Remark& remark) {
  const std::string other = TRY(repository.commit_at(theirs));
  Merged merged;
  merged.commit = TRY(advance(repository, branch, [&](const auto& tip) -> base::Result<std::string> {
    merged = TRY(build_merge(repository, tip.value(), other, resolutions, remark));
    return merged.commit;
  }));
  return merged;
}
inline base::Result<std::string> revert(const Repository& repository, std::string_view branch, std::string_view commit,
                                        const Remark& remark) {
  const std::string undone = TRY(repository.commit_at(commit));
  return advance(repository, branch,
                 [&](const auto& tip) { return build_revert(repository, tip.value(), undone, remark); });
}

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
