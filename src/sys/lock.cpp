#include "sys/lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

Result<std::optional<Lock>> Lock::try_lock(const std::string& folder) {
  Fd fd = TRY(open(folder, O_RDONLY | O_DIRECTORY));
  // The C library declares flock in <sys/file.h>, which is our own file.h here.
  if (retry([&] { return ::syscall(SYS_flock, fd.get(), LOCK_EX | LOCK_NB); }) == 0) return Lock(std::move(fd));
  if (errno == EWOULDBLOCK) return std::nullopt;
  return fail_errno(errno, "lock", folder);
}

}  // namespace lilux::sys
