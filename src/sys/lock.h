#pragma once

// Locks between processes (flock): held while the Lock lives, dropped by the kernel when the process dies, however it
// dies. Advisory. Any thread; within one process they keep threads apart as well.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

class Lock {
 public:
  // Of a folder itself, and no file in it that somebody could take away. nullopt when somebody else holds it; never
  // waits.
  static base::Result<std::optional<Lock>> try_lock(const std::string& folder);
  // Who does; nullopt when nobody does, or a process that cannot be seen from here.
  static std::optional<pid_t> holder(const std::string& path);

  // Of a named pipe, which is made when it is not there: who holds it keeps it open for writing, so the others are
  // woken when it closes it or dies. `timeout` with the holder's process when it takes longer than that.
  static base::Result<Lock> wait_for(const std::string& pipe, std::chrono::milliseconds timeout);

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace lilux::sys
