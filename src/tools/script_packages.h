#pragma once

// What a script of Python needs of packages, held against what is locked in the `requirements.lock` of its folder of
// scripts and what is installed in the `.venv` there. Nothing is ever installed. Any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "item/script.h"

namespace lilux::tools {

// `unavailable` when the Python that it runs with is none that it asks for. `unavailable` with the command that mends
// it when a package that the script declares is not locked, or one that is locked is not installed in that version.
// What it only imports is looked for when it runs, unless it is locked.
base::Result<void> check_packages(const item::Script& script, const std::string& folder);

// Of a script that ended because a module is not there: which one, and the command that installs it.
std::optional<std::string> missing_package(std::string_view standard_error, const std::string& project,
                                           const std::vector<item::Dependency>& wanted);

}  // namespace lilux::tools
