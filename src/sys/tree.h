#pragma once

// Whole trees held by places: removing and copying that never follow a symlink, never cross into another mounted
// filesystem and never leave the tree, whatever happens around them. Any thread.

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "sys/place.h"

namespace lilux::sys {

inline constexpr int kTreeDepthMax = 1000;  // one open folder per level; what is removed may be deeper

struct TreeSize {
  std::uint64_t entries = 0;  // the root counts
  std::uint64_t bytes = 0;    // of regular files
};

// Removes whatever is at the place, folders with all they hold. `not_found` when nothing is there; `conflict` at a
// mount point. A failure leaves the rest standing and names the path it stopped at.
base::Result<TreeSize> remove_tree(const Place& place);

// Calls `visit` for the place and then everything below it, folders before what they hold, entries sorted. It says
// whether to go into a folder; an error from it ends the walk. Mounted filesystems are visited and not entered.
// `over_budget` when there are more than `entries_max` entries.
enum class Descend : std::uint8_t { yes, no };
using Visit = std::function<base::Result<Descend>(const Place&, const Stat&)>;
base::Result<TreeSize> walk_tree(const Place& place, std::uint64_t entries_max, const Visit& visit);

// Copies one regular file: content (cloned where the filesystem can), mode and times; owner and attributes as far as
// permitted. Written beside `to` and renamed; with Replace::no `conflict` when `to` exists. Gives the size.
base::Result<std::uint64_t> copy_file(const Place& from, const Place& to, Replace replace);

}  // namespace lilux::sys
