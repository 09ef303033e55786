#include "sys/fd.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "sys/error.h"

namespace lilux::sys {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

// Linux frees the number whatever close answers, so there is nothing to repeat; what must be durable was synced before.
void Fd::close() {
  const int saved = errno;
  if (number_ >= 0) ::close(release());
  errno = saved;
}

base::Result<Fd> duplicate(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return fail_errno(errno, "duplicate a file descriptor");
  return Fd(copy);
}

base::Result<void> set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return fail_errno(errno, "make a descriptor non-blocking");
  }
  return {};
}

}  // namespace lilux::sys
