#pragma once

// Why a script failed, where its own declaration is to blame: Python and others only say that a file is not there.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item/script.h"
#include "tools/run_rights.h"

namespace lilux::tools {

// A file or folder of the project that is there, that what the script said in the end complains about, and that its
// rights do not show; relative to the project.
std::optional<std::string> unseen_path(std::string_view said, const RunRights& rights, const std::string& project,
                                       const std::string& cwd);

// What to write into the head of the script so that it declares this too: one line, or the whole block where it has
// none.
std::string head_with(const item::Script& script, const std::string& permission);

}  // namespace lilux::tools
