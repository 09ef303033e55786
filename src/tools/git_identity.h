#pragma once

// Who the user is to git, for commands that do not see the user's home. Any thread.

#include <string>

namespace lilux::tools {

// A git configuration with the name and address that the user's own has, and nothing else of it; empty when it has
// none.
std::string git_identity(const std::string& home);

}  // namespace lilux::tools
