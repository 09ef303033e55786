#pragma once

// A repository of others is a folder that anybody who can write there may have arranged. For git/ itself.

#include <string>

#include "base/result.h"

namespace lilux::git {

// `denied`, naming it, for what has libgit2 read or write elsewhere when it works in the repository at this canonical
// path, or in the .git folder there: a symbolic link, alternates, another repository's folder or configuration.
// `over_budget` beyond half a million files. Where there is nothing, all is well.
base::Result<void> check_enclosed(const std::string& path);

}  // namespace lilux::git
