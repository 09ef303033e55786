#pragma once

// A copy of a tree for a command to work on, where the machine has no overlays, and what each of its entries was when
// it was made. What the command has not touched since is known by that, whatever has become of the tree. Any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "sys/place.h"

namespace lilux::sandbox {

struct CopyLimits {
  std::uint64_t entries = 100'000;  // files, folders and links
  std::uint64_t bytes = std::uint64_t{1} << 30;
};

// Of the copy. Nobody can set the time of the last change, so with the inode it says whether the entry was touched.
struct CopiedEntry {
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0;
  std::uint32_t mode = 0;
};
using CopiedFolder = std::map<std::string, CopiedEntry>;  // by name
using Copied = std::map<std::string, CopiedFolder>;       // by folder: "/" is the tree itself, "/a/b" one below

inline constexpr int kCopiedDepthMax = 200;

struct CopyTerms {
  CopyLimits limits;
  std::set<std::string> left_out = {};  // absolute; an empty file or folder without rights stands there instead
};

// Copies what the folder `tree` holds to the empty folder `to` and writes what that was to the file `record`: files,
// folders and symlinks with modes and times. Sockets, fifos, devices and mounted filesystems are left out, and bits
// that lend rights. What is done to the copy afterwards shows. `over_budget` when there is more than the limits or the
// disk allow, before anything is copied; `conflict` when a file changes while it is copied.
base::Result<void> copy_tree(const std::string& tree, const std::string& to, const std::string& record,
                             const CopyTerms& terms, const std::stop_token& stop);
// Nullopt where there is no record.
base::Result<std::optional<Copied>> copied_in(const std::string& record);

// Copies the content of a regular file to a new one, as it was at one instant; what that was. `conflict` when it keeps
// changing; `over_budget` beyond `bytes_max`.
base::Result<sys::Stat> copy_unchanging(const sys::Place& from, const sys::Place& to, std::uint64_t bytes_max);

}  // namespace lilux::sandbox
