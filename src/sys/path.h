#pragma once

// Path arguments that come from outside are made canonical here, before anybody judges them: what policy sees and what
// place.h opens is the same text. Any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::sys {

// `invalid_argument` for what the kernel would refuse or cut short as a path: empty text, NUL bytes, more than PATH_MAX
// or, in one name, NAME_MAX bytes.
base::Result<void> check_path(std::string_view path);

// What happens to a symlink that is the last component: `follow` gives its target, `keep` the link itself. A trailing
// slash or dot always follows.
enum class Final : std::uint8_t { follow, keep };

// The absolute path without ".", "..", double slashes and symlink components that `path` means for a process in `cwd`
// (absolute). ".." after a symlink leaves the link's target, as the kernel does it. A tail that does not exist is
// allowed and normalised as text; the target of a dangling symlink is such a tail. Refused: empty, NUL bytes, more than
// PATH_MAX or NAME_MAX bytes, more than 40 symlinks, a file used as a folder, and the magic links of /proc
// (/proc/self/root, /proc/self/fd/3), whose text does not say where they lead.
base::Result<std::string> resolve(std::string_view path, std::string_view cwd, Final last);

// True when canonical `path` is `root` or lies below it.
bool is_beneath(std::string_view path, std::string_view root);

}  // namespace lilux::sys
