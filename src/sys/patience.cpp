#include "sys/patience.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace lilux::sys {

namespace {

constexpr int kSliceMs = 50;  // after which it is looked whether to stop

thread_local const Patience* t_patience = nullptr;

bool waits_by_itself(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return t_patience != nullptr && flags >= 0 && (flags & O_NONBLOCK) == 0;
}

}  // namespace

Patience::Patience(std::chrono::steady_clock::time_point until, std::stop_token stop)
    : until_(until), stop_(std::move(stop)) {
  assert(t_patience == nullptr);
  t_patience = this;
}

Patience::~Patience() {
  t_patience = nullptr;
}

bool Patience::is_over() const {
  return stop_.stop_requested() || std::chrono::steady_clock::now() >= until_;
}

}  // namespace lilux::sys

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {

int __real_connect(int fd, const sockaddr* address, socklen_t size);
ssize_t __real_recv(int fd, void* to, std::size_t size, int flags);
ssize_t __real_send(int fd, const void* from, std::size_t size, int flags);
int __real_poll(pollfd* fds, nfds_t count, int timeout_ms);

int __wrap_poll(pollfd* fds, nfds_t count, int timeout_ms) {
  const lilux::sys::Patience* patience = lilux::sys::t_patience;
  if (patience == nullptr) return __real_poll(fds, count, timeout_ms);
  for (int left = timeout_ms;; left -= left > 0 ? std::min(left, lilux::sys::kSliceMs) : 0) {
    if (patience->is_over()) return 0;
    const int slice = left < 0 ? lilux::sys::kSliceMs : std::min(left, lilux::sys::kSliceMs);
    const int ready = __real_poll(fds, count, slice);
    if (ready != 0 || left == 0) return ready;
  }
}

// 0 when it is ready; else errno says why not.
static int wait_until(int fd, short events) {
  pollfd one{.fd = fd, .events = events, .revents = 0};
  const int ready = __wrap_poll(&one, 1, -1);
  if (ready == 0) errno = ETIMEDOUT;
  return ready > 0 ? 0 : -1;
}

int __wrap_connect(int fd, const sockaddr* address, socklen_t size) {
  if (!lilux::sys::waits_by_itself(fd)) return __real_connect(fd, address, size);
  const int flags = ::fcntl(fd, F_GETFL);
  if (::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -1;
  int result = __real_connect(fd, address, size);
  if (result < 0 && errno == EINPROGRESS) {
    result = wait_until(fd, POLLOUT);
    int cause = 0;
    socklen_t length = sizeof cause;
    if (result == 0) result = ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &length);
    if (result == 0 && cause != 0) {
      errno = cause;
      result = -1;
    }
  }
  const int why = errno;
  if (::fcntl(fd, F_SETFL, flags) < 0) return -1;
  errno = why;
  return result;
}

ssize_t __wrap_recv(int fd, void* to, std::size_t size, int flags) {
  if (lilux::sys::waits_by_itself(fd) && wait_until(fd, POLLIN) < 0) return -1;
  return __real_recv(fd, to, size, flags);
}

ssize_t __wrap_send(int fd, const void* from, std::size_t size, int flags) {
  if (!lilux::sys::waits_by_itself(fd)) return __real_send(fd, from, size, flags);
  for (;;) {
    if (wait_until(fd, POLLOUT) < 0) return -1;
    const ssize_t sent = __real_send(fd, from, size, flags | MSG_DONTWAIT);
    if (sent >= 0 || (errno != EAGAIN && errno != EINTR)) return sent;
  }
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
