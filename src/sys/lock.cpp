#include "sys/lock.h"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

Result<std::optional<Lock>> Lock::try_lock(const std::string& path, LockMode mode) {
  Fd fd = TRY(open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  const int kind = mode == LockMode::exclusive ? LOCK_EX : LOCK_SH;
  // The C library declares flock in <sys/file.h>, which is our own file.h here.
  if (retry([&] { return ::syscall(SYS_flock, fd.get(), kind | LOCK_NB); }) == 0) return Lock(std::move(fd));
  if (errno == EWOULDBLOCK) return std::nullopt;
  return fail_errno(errno, "lock", path);
}

Result<Lock> Lock::lock(const std::string& path, std::chrono::milliseconds timeout, LockMode mode) {
  constexpr int kRetryMs = 5;  // flock has no timeout and tells nobody when it is dropped, so we look again
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (auto held = TRY(try_lock(path, mode))) return std::move(*held);
    if (std::chrono::steady_clock::now() >= deadline) break;
    ::poll(nullptr, 0, kRetryMs);
  }
  return base::fail(base::ErrorCode::timeout, "cannot lock " + quoted(path) +
                                                  ": held by another process for more than " +
                                                  std::to_string(timeout.count()) + " ms");
}

}  // namespace lilux::sys
