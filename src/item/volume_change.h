#pragma once

// One change of a volume, in folder and branch, that is whole or not at all. For item/ itself.
//
// The commit is built, and its id noted down in the repository; files are written beside the places they go to; all
// that reaches the disk. Then the files are put in place, the branch moves, and when that is on the disk the note is
// removed. Whoever finds a note finishes the change: the folder shows what the branch says again.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "git/turn.h"
#include "item/volume_folder.h"

namespace lilux::item {

// Builds a commit on top of one, or on nothing ("").
using Build = std::function<base::Result<std::string>(const std::string& base)>;

// In one turn: finishes what was cut off, commits what people changed at `paths` and at whatever the built commit
// changes, puts that commit's files into the folder and moves the branch. Gives the newest commit; "" when there is
// none. A `build` that gives "" changes nothing.
base::Result<std::string> advance(const git::Repository& repository, const Folder& folder,
                                  const std::vector<std::string>& paths, const Build& build);

// Finishes what was cut off, if anything was, in the repository at `path`.
base::Result<void> settle(const std::string& path, const Folder& folder);

}  // namespace lilux::item
