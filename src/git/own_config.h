#pragma once

// The configuration of a repository is a file that anybody who can write there may have written. Nothing of it is
// listened to but which remotes there are, by name and URL; libgit2 works with none. For git/ itself.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "git/handles.h"
#include "git/remote.h"

namespace lilux::git {

// `denied` when it would have libgit2 read other files, as soon as that opens the repository at `path`.
base::Result<void> check_config(const std::string& path);
// What is wrong with one of them is told when it is used.
base::Result<std::vector<Remote>> remotes_in_config(const std::string& path);
// Changes it whole or not at all.
base::Result<void> change_config(const Repository& repository, const std::function<int(git_config*)>& change);

}  // namespace lilux::git
