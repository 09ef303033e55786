#pragma once

// A lock on a file between processes (flock): held while the Lock lives, dropped by the kernel when the process dies,
// however it dies. Advisory; the file itself stays. Any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

enum class LockMode : std::uint8_t { exclusive, shared };

class Lock {
 public:
  // Creates the file (0600) when it is missing. nullopt when somebody else holds it; never waits.
  static base::Result<std::optional<Lock>> try_lock(const std::string& path, LockMode mode = LockMode::exclusive);
  // Waits; `timeout` names the file when the time is up.
  static base::Result<Lock> lock(const std::string& path, std::chrono::milliseconds timeout,
                                 LockMode mode = LockMode::exclusive);

  // The open lock file: its holder may write who it is into it.
  int fd() const { return fd_.get(); }

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace lilux::sys
