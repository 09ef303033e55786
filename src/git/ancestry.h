#pragma once

// What work a commit has in it. A merge that was taken back counts as not made: who merges the same work again gets all
// of it, and who has that work keeps it. The commit that takes a merge back names what had been merged; one that makes
// it again has that as its parent once more.

#include <optional>
#include <string>

#include "base/result.h"
#include "git/repository.h"

namespace lilux::git {

struct Meeting {
  bool has_all = false;                  // all of theirs is in ours
  bool is_as_git_sees_it = true;         // no merge that was taken back lies between them
  std::optional<std::string> base = {};  // where both part, when one does; nullopt when they have nothing in common
};
// `over_budget` when more than a hundred thousand commits would have to be looked at.
base::Result<Meeting> meeting_of(const Repository& repository, const std::string& ours, const std::string& theirs);

}  // namespace lilux::git
