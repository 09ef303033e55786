#pragma once

// Changing files in a branch: what is to change becomes a tree, the tree a commit, and the branch moves to it. Whoever
// also has other things to change builds the commit first and moves the branch when those are done.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/repository.h"

namespace lilux::git {

struct Author {
  std::string name = {};
  std::string email = {};
};

struct Change {
  std::string path = {};
  std::optional<std::string> bytes = {};  // nullopt: the file is removed
  Mode mode = Mode::plain;
  // The id of what the caller thinks stands there, "" for nothing. When something else does, it is a `conflict`.
  std::optional<std::string> expected = {};
};

// In front of the commit, in the message's last line.
inline constexpr std::string_view kTakesBack = "Takes-back-merge-of: ";
struct Remark {
  Author author = {};
  std::string message = {};
  std::string takes_back = {};  // the commit whose merge this one takes back: see ancestry.h
};

// A commit on top of `parents`, the first of which is what the changes are made to; on top of nothing when there are
// none. Nothing points to it. When nothing would change, nor be taken back, it is the first parent itself.
base::Result<std::string> build_commit(const Repository& repository, const std::vector<std::string>& parents,
                                       const std::vector<Change>& changes, const Remark& remark);
// The same for a tree that was made already.
base::Result<std::string> build_commit_of(const Repository& repository, const std::vector<std::string>& parents,
                                          const std::string& tree, const Remark& remark);

// Takes a turn, builds the commit on the branch's tip and moves the branch; all of it is on the disk then. Makes the
// branch when it is not there. Gives the commit.
base::Result<std::string> commit(const Repository& repository, std::string_view branch,
                                 const std::vector<Change>& changes, const Remark& remark);

}  // namespace lilux::git
