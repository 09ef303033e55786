#pragma once

// A lock on a file between processes (flock): held while the Lock lives, dropped by the kernel when the process dies,
// however it dies. Advisory; the file itself stays. Any thread.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

class Lock {
 public:
  // Creates the file (0600) when it is missing. nullopt when somebody else holds it; never waits.
  static base::Result<std::optional<Lock>> try_lock(const std::string& path);

  // The open lock file: its holder may write who it is into it.
  int fd() const { return fd_.get(); }

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace lilux::sys
