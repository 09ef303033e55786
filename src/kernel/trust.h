#pragma once

// Which folder is a project, and which projects a client that only names a folder may work in: those a person trusted.
// Any thread.

#include <string>
#include <vector>

#include "base/result.h"

namespace lilux::kernel {

struct Folders;

// One canonical path a line; written by policy.trust alone.
std::string trust_file(const Folders& folders);
base::Result<std::vector<std::string>> trusted_folders(const Folders& folders);
std::string trust_text(const std::vector<std::string>& folders);
bool is_trusted(const Folders& folders, const std::string& project);
// That very folder, not one around it: a project's rules act by themselves, and any folder can be made a project.
bool is_itself_trusted(const Folders& folders, const std::string& project);

// The nearest folder upward that is ours and holds a .git or .ai of ours, else `cwd` itself. Empty where that is the
// root, the home folder or something above it, which nobody means as a project, or a folder that all users write to.
std::string project_of(const std::string& cwd, const std::string& home);

}  // namespace lilux::kernel
