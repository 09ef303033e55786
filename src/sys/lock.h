#pragma once

// A lock on a folder between processes (flock): held while the Lock lives, dropped by the kernel when the process dies,
// however it dies. Advisory. The folder itself, and no file in it that somebody could take away. Any thread.

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

class Lock {
 public:
  // nullopt when somebody else holds it; never waits.
  static base::Result<std::optional<Lock>> try_lock(const std::string& folder);
  // Who does; nullopt when nobody does, or a process that cannot be seen from here.
  static std::optional<pid_t> holder(const std::string& folder);

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace lilux::sys
