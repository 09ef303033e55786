#pragma once

// What people changed in a volume's folder since its last commit, or since it was promoted there. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "item/volume.h"

namespace lilux::item {

// The files that are not as the branch says, or only that one; sorted. Items and what was committed once are looked at:
// not a file that is new beside a skill. What cannot be read differs.
base::Result<std::vector<std::string>> uncommitted(const Volume& volume, const std::optional<std::string>& path);

// Whose work a file would take the place of: "ann changed it at …: why". "" when nothing or the same stands there, or
// what was promoted there once.
base::Result<std::string> other_writer(const Volume& volume, const git::Change& file);

}  // namespace lilux::item
