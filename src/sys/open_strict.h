#pragma once

// Opening without following any symlink on the way, in one system call where the kernel has it (openat2) and component
// by component elsewhere. For sys/ itself.

#include <cstdint>
#include <string>

#include "sys/fd.h"

namespace lilux::sys {

enum class Mounts : std::uint8_t { crossed, refused };

// The open descriptor, or an empty one with errno set: ELOOP when a component, the last one included, is a symlink
// (unless `flags` has both O_PATH and O_NOFOLLOW, which open a final symlink itself). A relative `path` starts at
// `directory` and must stay below it.
Fd open_strict(int directory, const std::string& path, int flags, Mounts mounts = Mounts::crossed);

// True when no component of the absolute path, the last one included, is a symlink; what is not there is none.
bool is_free_of_symlinks(const std::string& path);

}  // namespace lilux::sys
