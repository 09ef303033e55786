#include "sys/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <tuple>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

namespace {

constexpr std::size_t kReadyMax = 256;

Result<void> control(int poller, int operation, int fd, Interest interest, std::uint64_t key) {
  epoll_event event{};
  event.events = (interest.read ? EPOLLIN | EPOLLRDHUP : 0U) | (interest.write ? EPOLLOUT : 0U);
  event.data.u64 = key;
  if (::epoll_ctl(poller, operation, fd, &event) != 0) return fail_errno(errno, "watch a descriptor");
  return {};
}

}  // namespace

Result<Poller> Poller::create() {
  Fd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) return fail_errno(errno, "make a poller");
  return Poller(std::move(fd));
}

Result<void> Poller::add(int fd, Interest interest, std::uint64_t key) {
  return control(fd_.get(), EPOLL_CTL_ADD, fd, interest, key);
}

Result<void> Poller::change(int fd, Interest interest, std::uint64_t key) {
  return control(fd_.get(), EPOLL_CTL_MOD, fd, interest, key);
}

Result<void> Poller::remove(int fd) {
  return control(fd_.get(), EPOLL_CTL_DEL, fd, {}, 0);
}

Result<void> Poller::wait(std::vector<Ready>& ready, std::chrono::milliseconds timeout, std::size_t most) {
  std::array<epoll_event, kReadyMax> events;
  ready.clear();
  const int room = static_cast<int>(std::clamp<std::size_t>(most, 1, kReadyMax));
  const int time = static_cast<int>(std::clamp<std::int64_t>(timeout.count(), -1, INT_MAX));
  const int count = ::epoll_wait(fd_.get(), events.data(), room, time);
  if (count < 0 && errno == EINTR) return {};  // a handled signal: the caller looks at its state and comes back
  if (count < 0) return fail_errno(errno, "wait for events");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const bool is_closed = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    ready.push_back({.key = event.data.u64,
                     .read = is_closed || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                     .write = is_closed || (event.events & EPOLLOUT) != 0,
                     .closed = is_closed});
  }
  return {};
}

Result<Wake> Wake::create() {
  Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return fail_errno(errno, "make an event descriptor");
  return Wake(std::move(fd));
}

void Wake::raise() const {
  const std::uint64_t one = 1;
  std::ignore = retry([&] { return ::write(fd_.get(), &one, sizeof one); });  // a full counter is raised already
}

void Wake::clear() const {
  std::uint64_t count = 0;
  std::ignore = retry([&] { return ::read(fd_.get(), &count, sizeof count); });  // nothing to read is as good
}

Result<Signals> Signals::create(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  if (const int error_number = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error_number != 0) {
    return fail_errno(error_number, "hold signals back");
  }
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno(errno, "take signals as events");
  return Signals(std::move(fd));
}

std::optional<int> Signals::next() const {
  signalfd_siginfo signal{};
  const ssize_t size = retry([&] { return ::read(fd_.get(), &signal, sizeof signal); });
  if (size != static_cast<ssize_t>(sizeof signal)) return std::nullopt;
  return static_cast<int>(signal.ssi_signo);
}

}  // namespace lilux::sys
