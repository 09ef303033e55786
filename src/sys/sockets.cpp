#include "sys/sockets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/retry.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77  // Linux 6.5; older headers lack it
#endif

namespace lilux::sys {

using base::ErrorCode;
using base::Result;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

Result<Fd> make_socket(int domain) {
  const int fd = ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_errno(errno, "make a socket");
  return Fd(fd);
}

Result<sockaddr_un> unix_address(const std::string& path) {
  TRY(check_path(path));
  sockaddr_un address{};
  static_assert(sizeof address.sun_path == kUnixPathMax + 1);
  if (path.size() > kUnixPathMax) {
    return base::fail(ErrorCode::invalid_argument,
                      "socket path " + quoted(path) + " is " + std::to_string(path.size()) +
                          " bytes long, the limit is " + std::to_string(kUnixPathMax),
                      "set XDG_RUNTIME_DIR to a folder with a shorter name");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

template <class Address>
int bind_to(int fd, const Address& address) {
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// A connect that gives up: the send timeout of a socket bounds connect too.
int connect_within(int fd, const sockaddr* address, socklen_t size, milliseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const auto rest = std::chrono::microseconds(timeout - seconds);
  timeval limit{.tv_sec = seconds.count(), .tv_usec = std::max<suseconds_t>(rest.count(), 1)};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int result = retry([&] { return ::connect(fd, address, size); });
  const int error_number = errno;
  limit = {};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  errno = error_number == EAGAIN || error_number == EINPROGRESS ? ETIMEDOUT : error_number;
  return result;
}

template <class Address>
int connect_within(int fd, const Address& address, milliseconds timeout) {
  return connect_within(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address, timeout);
}

template <class Use>
auto with_loopback(std::uint16_t port, Family family, const Use& use) {
  if (family == Family::v6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return use(address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return use(address);
}

std::string loopback_name(std::uint16_t port, Family family) {
  return (family == Family::v6 ? "[::1]:" : "127.0.0.1:") + std::to_string(port);
}

Result<void> remove_stale_socket(const std::string& path) {
  auto found = lstat(path);
  if (!found && found.error().code == ErrorCode::not_found) return {};
  if (!found) return std::unexpected(std::move(found).error());
  if (found->type == FileType::socket) return remove_file(path);
  return base::fail(ErrorCode::conflict, "cannot listen at " + quoted(path) + ": a " +
                                             std::string(type_name(found->type)) + " stands there");
}

Result<bool> wait_for(int fd, short events, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    const int time = timeout.count() < 0 ? -1 : static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
    pollfd wanted{.fd = fd, .events = events, .revents = 0};
    const int count = ::poll(&wanted, 1, time);
    if (count > 0) return true;
    if (count == 0) return false;
    if (errno != EINTR) return fail_errno(errno, "wait for a descriptor");
  }
}

milliseconds left_until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(0));
}

// Looking up a name knows no deadline. While this lives the resolver of this thread asks each server once, for a
// second.
class BriefLookUp {
 public:
  BriefLookUp() : is_ready_((_res.options & RES_INIT) != 0 || ::res_init() == 0) {
    if (!is_ready_) return;
    usual_ = {_res.retrans, _res.retry};
    _res.retrans = 1;
    _res.retry = 1;
  }
  BriefLookUp(const BriefLookUp&) = delete;
  BriefLookUp& operator=(const BriefLookUp&) = delete;
  ~BriefLookUp() {
    if (is_ready_) std::tie(_res.retrans, _res.retry) = usual_;
  }

 private:
  bool is_ready_;
  std::pair<int, int> usual_;
};

struct FreeAddresses {
  void operator()(addrinfo* first) const { ::freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> look_up(const std::string& host, std::uint16_t port) {
  const BriefLookUp brief;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (result == 0) return Addresses(found);
  const bool is_none = result == EAI_NONAME || result == EAI_NODATA;
  return base::fail(is_none ? ErrorCode::not_found : ErrorCode::unavailable,
                    "cannot look up " + quoted(host) + ": " + ::gai_strerror(result),
                    is_none ? "is its name right?" : "is this machine connected?");
}

}  // namespace

Result<Fd> listen_unix(const std::string& path, int backlog) {
  const sockaddr_un address = TRY(unix_address(path));
  TRY(remove_stale_socket(path));
  Fd fd = TRY(make_socket(AF_UNIX));
  // The file gets the mode of the socket, so there is no moment in which others could connect.
  if (::fchmod(fd.get(), 0600) != 0) return fail_errno(errno, "protect", path);
  if (bind_to(fd.get(), address) != 0 || ::listen(fd.get(), backlog) != 0) return fail_errno(errno, "listen at", path);
  return fd;
}

Result<Fd> connect_unix(const std::string& path, milliseconds timeout) {
  const sockaddr_un address = TRY(unix_address(path));
  Fd fd = TRY(make_socket(AF_UNIX));
  if (connect_within(fd.get(), address, timeout) != 0) return fail_errno(errno, "connect to", path);
  if (TRY(peer_of(fd.get())).uid != ::geteuid())
    return base::fail(ErrorCode::denied, "another user serves " + quoted(path),
                      "set XDG_RUNTIME_DIR to your own folder");
  return fd;
}

Result<Fd> listen_loopback(std::uint16_t port, Family family, int backlog) {
  Fd fd = TRY(make_socket(family == Family::v6 ? AF_INET6 : AF_INET));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a restart need not wait for old connections
  const int bound = with_loopback(port, family, [&](const auto& address) { return bind_to(fd.get(), address); });
  if (bound != 0 || ::listen(fd.get(), backlog) != 0) {
    return fail_errno(errno, "listen at", loopback_name(port, family));
  }
  return fd;
}

Result<Fd> connect_loopback(std::uint16_t port, milliseconds timeout, Family family) {
  Fd fd = TRY(make_socket(family == Family::v6 ? AF_INET6 : AF_INET));
  const int connected =
      with_loopback(port, family, [&](const auto& address) { return connect_within(fd.get(), address, timeout); });
  if (connected != 0) return fail_errno(errno, "connect to", loopback_name(port, family));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Result<Fd> connect_host(const std::string& host, std::uint16_t port, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  const Addresses found = TRY(look_up(host, port));
  int left = 0;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) ++left;
  Result<Fd> last = base::fail(ErrorCode::not_found, quoted(host) + " has no address");
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next, --left) {
    Fd fd = TRY(make_socket(one->ai_family));
    if (connect_within(fd.get(), one->ai_addr, one->ai_addrlen, left_until(deadline) / left) != 0) {
      last = fail_errno(errno, "connect to", host + ":" + std::to_string(port));
      continue;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  return last;
}

Result<std::uint16_t> local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail_errno(errno, "tell the port of a socket");
  }
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  return base::fail(ErrorCode::invalid_argument, "the socket has no port");
}

Result<std::optional<Fd>> accept(int listener, Blocking connection) {
  const int flags = SOCK_CLOEXEC | (connection == Blocking::no ? SOCK_NONBLOCK : 0);
  const int fd = retry([&] { return ::accept4(listener, nullptr, nullptr, flags); });
  if (fd >= 0) return Fd(fd);
  if (errno == EAGAIN || errno == ECONNABORTED) return std::nullopt;
  return fail_errno(errno, "accept a connection");
}

Result<Peer> peer_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail_errno(errno, "tell who is at the other end");
  }
  Peer peer{.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid, .pidfd = {}};
  int pidfd = -1;
  size = sizeof pidfd;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0)
    peer.pidfd = Fd(pidfd);
  else if (errno == ENOPROTOOPT)  // before Linux 6.5 the number is all there is
    peer.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0)));
  return peer;
}

bool has_ended(const Fd& pidfd) {
  pollfd wanted{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return retry([&] { return ::poll(&wanted, 1, 0); }) != 0;
}

Result<void> send_all(int fd, std::string_view bytes, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (!bytes.empty()) {
    const ssize_t count = retry([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT); });
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EAGAIN) {
      return fail_errno(errno, "send");
    } else if (!TRY(wait_writable(fd, left_until(deadline)))) {
      return base::fail(ErrorCode::timeout,
                        "cannot send: the other side has not read for " + std::to_string(timeout.count()) + " ms");
    }
  }
  return {};
}

Result<std::size_t> receive_some(int fd, std::span<char> into, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    const ssize_t count = retry([&] { return ::recv(fd, into.data(), into.size(), MSG_DONTWAIT); });
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EAGAIN) return fail_errno(errno, "receive");
    if (!TRY(wait_readable(fd, left_until(deadline)))) {
      return base::fail(ErrorCode::timeout, "nothing received for " + std::to_string(timeout.count()) + " ms");
    }
  }
}

Result<void> shutdown_sending(int fd) {
  if (::shutdown(fd, SHUT_WR) != 0) return fail_errno(errno, "end sending");
  return {};
}

Result<bool> wait_readable(int fd, milliseconds timeout) {
  return wait_for(fd, POLLIN, timeout);
}
Result<bool> wait_readable(int fd, const Wake& wake) {
  while (true) {
    std::array<pollfd, 2> wanted{pollfd{.fd = fd, .events = POLLIN, .revents = 0},
                                 pollfd{.fd = wake.fd(), .events = POLLIN, .revents = 0}};
    if (::poll(wanted.data(), wanted.size(), -1) > 0) return wanted[1].revents == 0;
    if (errno != EINTR) return fail_errno(errno, "wait for a descriptor");
  }
}

Result<bool> wait_writable(int fd, milliseconds timeout) {
  return wait_for(fd, POLLOUT, timeout);
}

}  // namespace lilux::sys
