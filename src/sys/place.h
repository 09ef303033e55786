#pragma once

// A place in the file tree held by its open parent folder: what is done there cannot be led astray by somebody who
// swaps a component for a symlink after the path was checked. No operation follows a symlink at the place itself. A
// Place has one owner; different places may be used from different threads.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace lilux::sys {

struct Place {
  Fd parent;         // O_PATH
  std::string name;  // one component; "." stands for the root folder itself
  std::string path;  // canonical, for messages
};

// Opens the parent of a canonical path (see resolve). `not_found` when the parent is not there; `conflict` when a
// component has become a symlink since.
base::Result<Place> open_parent(const std::string& canonical_path);
// A name in an open folder.
base::Result<Place> place_in(const Fd& directory, const std::string& directory_path, const std::string& name);

// openat with O_NOFOLLOW, O_CLOEXEC and O_NOCTTY added. O_NONBLOCK keeps a fifo from blocking the opener.
base::Result<Fd> open(const Place& place, int flags, std::uint32_t mode = 0666);
// Opens a regular file for reading; `invalid_argument` for anything else, without touching fifos and devices.
base::Result<Fd> open_regular(const Place& place);
base::Result<Fd> open_directory(const Place& place);
base::Result<void> check_readable(const Place& place);  // by its permissions, without opening it

base::Result<Stat> stat(const Place& place);
base::Result<std::optional<Stat>> stat_if_there(const Place& place);
// When it was made, since 1970; nothing can set that. Nullopt where the filesystem does not keep it.
base::Result<std::optional<std::int64_t>> made_ns(const Place& place);
base::Result<std::vector<Entry>> list(const Place& place, std::size_t entries_max = kEntriesMax);
base::Result<std::string> read_link(const Place& place);

// The mode is exact: the umask has no say.
base::Result<void> make_directory(const Place& place, std::uint32_t mode);
base::Result<void> make_symlink(const std::string& target, const Place& place);
base::Result<void> make_hard_link(const Place& from, const Place& to);
base::Result<void> remove_file(const Place& place);
base::Result<void> remove_directory(const Place& place);
base::Result<void> rename(const Place& from, const Place& to, Replace replace);

base::Result<void> set_mode(const Place& place, std::uint32_t mode);  // symlinks have none: `invalid_argument`
struct Owner {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};
base::Result<void> set_owner(const Place& place, Owner owner);
base::Result<void> set_times(const Place& place, Times times);
// Makes what was done at this place durable: syncs the parent folder.
base::Result<void> sync_parent(const Place& place);

struct Attribute {
  std::string name;
  std::string value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};
// Extended attributes, sorted by name. Empty where the filesystem has none.
base::Result<std::vector<Attribute>> attributes(const Place& place);
base::Result<void> set_attribute(const Place& place, const Attribute& attribute);
base::Result<void> remove_attribute(const Place& place, const std::string& name);

}  // namespace lilux::sys
