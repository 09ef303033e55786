#pragma once

// Which names branches and files may have. Pure; any thread.

#include <string_view>

#include "base/result.h"

namespace lilux::git {

// `invalid_argument` unless it may be the name of a branch: letters, digits, '.', '_', '-' and '/', at most 128 bytes.
base::Result<void> check_branch(std::string_view name);
// `invalid_argument` unless it may lie in a work tree: relative, no "." and "..", no ".git" in any disguise.
base::Result<void> check_file_path(std::string_view path);

}  // namespace lilux::git
