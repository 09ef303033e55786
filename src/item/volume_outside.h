#pragma once

// What people changed in a volume's folder since its last commit. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "item/volume.h"

namespace lilux::item {

// The files that are not as the branch says, or only that one; sorted. Items and what was committed once are looked at:
// not a file that is new beside a skill. What cannot be read differs.
base::Result<std::vector<std::string>> uncommitted(const Volume& volume, const std::optional<std::string>& path);

}  // namespace lilux::item
