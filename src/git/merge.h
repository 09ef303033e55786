#pragma once

// Bringing two lines of work together, and taking one commit back. Text is merged by lines; what cannot be is a
// conflict with all three contents, and is resolved by saying what should stand there.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/commit.h"
#include "git/repository.h"

namespace lilux::git {

struct Conflict {
  std::string path = {};
  std::optional<std::string> base = {};  // the contents; nullopt where the file is not there
  std::optional<std::string> ours = {};
  std::optional<std::string> theirs = {};
};
struct Resolution {
  std::string path = {};
  std::optional<std::string> bytes = {};  // nullopt: the file is removed
};

struct Merged {
  std::string commit = {};  // "" when there are conflicts
  std::vector<Conflict> conflicts = {};
};

// `invalid_argument` for a resolution of what is in no conflict.
base::Result<void> check_resolutions(const std::vector<Conflict>& conflicts,
                                     const std::vector<Resolution>& resolutions);

// A commit of `ours` and `theirs`, to which nothing points; `ours` itself when it has all of theirs (see ancestry.h).
// Conflicts for which there is no resolution are given back.
// `theirs` may come from anybody: what a folder of ours may not hold is `denied` by name.
base::Result<Merged> build_merge(const Repository& repository, const std::string& ours, const std::string& theirs,
                                 const std::vector<Resolution>& resolutions, const Remark& remark);

// A commit on `tip` that takes back what `commit` did. `conflict`, naming the files, when later work touched the same
// lines, or when nothing of it is left; of a merge it is what it brought into its first parent that is taken back. What
// took a merge back makes it again when it is reverted.
base::Result<std::string> build_revert(const Repository& repository, const std::string& tip, const std::string& commit,
                                       const Remark& remark);

}  // namespace lilux::git
