#pragma once

// Unix stream sockets and TCP, listened for on loopback alone. Every socket is close-on-exec; blocking unless made
// otherwise. Sending never raises SIGPIPE. Any thread. (Not called socket.h: <sys/socket.h> must stay the system's.)

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/poller.h"

namespace lilux::sys {

inline constexpr std::size_t kUnixPathMax = 107;

// Listens at `path` with mode 0600. The caller holds the lock that says whose socket this is: a socket left behind is
// removed; anything that is no socket is a `conflict`. A path that is too long is `invalid_argument` and says the
// limit.
base::Result<Fd> listen_unix(const std::string& path, int backlog = 128);
// `unavailable` when nobody listens there, `not_found` when there is no socket, `denied` when it is another user who
// listens.
base::Result<Fd> connect_unix(const std::string& path, std::chrono::milliseconds timeout);

// 127.0.0.1, or ::1 with Family::v6; port 0 picks one.
enum class Family : std::uint8_t { v4, v6 };
base::Result<Fd> listen_loopback(std::uint16_t port, Family family = Family::v4, int backlog = 1024);
base::Result<Fd> connect_loopback(std::uint16_t port, std::chrono::milliseconds timeout, Family family = Family::v4);
// Any machine by name or address: its addresses are tried one after another, each with its part of the time. The system
// looks the name up, and asks each of its servers once; `not_found` when there is none of that name.
base::Result<Fd> connect_host(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout);
base::Result<std::uint16_t> local_port(int fd);

// nullopt when the socket is non-blocking and nobody waits, or the visitor left again.
enum class Blocking : std::uint8_t { yes, no };
base::Result<std::optional<Fd>> accept(int listener, Blocking connection = Blocking::yes);

// Who is at the other end of a Unix socket, as the kernel recorded it when the connection was made.
struct Peer {
  pid_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  Fd pidfd;  // names that very process even when its number is reused; empty when it has ended
};
base::Result<Peer> peer_of(int fd);
// Whether the process of a pidfd has.
bool has_ended(const Fd& pidfd);

// All bytes or an error; the time is for the whole.
base::Result<void> send_all(int fd, std::string_view bytes, std::chrono::milliseconds timeout);
// What is there, at least one byte; 0 when the other side has closed.
base::Result<std::size_t> receive_some(int fd, std::span<char> into, std::chrono::milliseconds timeout);
// No more from us; the other side reads the end.
base::Result<void> shutdown_sending(int fd);

// Waits until the descriptor can be read (or written); false when the time is up. A negative time waits for ever.
base::Result<bool> wait_readable(int fd, std::chrono::milliseconds timeout);
base::Result<bool> wait_writable(int fd, std::chrono::milliseconds timeout);
// Waits for as long as it takes; false when what wakes can be read first.
base::Result<bool> wait_readable(int fd, const Wake& wake);

}  // namespace lilux::sys
