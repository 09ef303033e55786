#pragma once

// Whether files are still what they were when a person was asked about them: which file each is, its size, and when it
// changed last, which nobody can set. A part of what previews say, so that what is approved does not meet other files.

#include <string>
#include <vector>

namespace lilux::tools {

// A short digest over these paths, and of folders over everything below them; that one is not there, or cannot be
// looked at, is told too.
std::string file_states(const std::vector<std::string>& paths);

// Those files that words of a command line in that folder name.
std::vector<std::string> files_named(const std::vector<std::string>& words, const std::string& cwd);
// The files that lie in that folder itself, where programs find what nobody named: a Makefile, a package.json.
std::vector<std::string> files_in(const std::string& folder);

}  // namespace lilux::tools
