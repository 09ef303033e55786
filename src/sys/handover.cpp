#include "sys/handover.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include "sys/error.h"
#include "sys/retry.h"
#include "sys/sockets.h"

namespace lilux::sys {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kDescriptorsMax = 4;
constexpr auto kSendTime = std::chrono::seconds(5);

}  // namespace

Result<std::pair<Fd, Fd>> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail_errno(errno, "make a pair of sockets");
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

Result<void> hand_over(int socket, std::string_view bytes, std::span<const int> descriptors) {
  assert(!bytes.empty() && descriptors.size() <= kDescriptorsMax);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kDescriptorsMax * sizeof(int))> space{};
  iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};  // sendmsg does not write there
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = space.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  const ssize_t sent = retry([&] { return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT); });
  if (sent < 0) return fail_errno(errno, "hand over descriptors");
  bytes.remove_prefix(static_cast<std::size_t>(sent));
  return bytes.empty() ? Result<void>() : send_all(socket, bytes, kSendTime);
}

Result<Handed> take_over(int socket, std::chrono::milliseconds timeout) {
  if (!TRY(wait_readable(socket, timeout))) return fail(ErrorCode::timeout, "nothing was handed over in time");
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  Handed made;
  iovec piece{.iov_base = &made.number, .iov_len = sizeof made.number};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  const ssize_t got = retry([&] { return ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC); });
  if (got < 0) return fail_errno(errno, "take descriptors over");
  const cmsghdr* part = CMSG_FIRSTHDR(&message);
  if (part != nullptr && part->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
    made.descriptor = Fd(descriptor);
  }
  if (got != sizeof made.number) return fail(ErrorCode::unavailable, "the other side has ended");
  return made;
}

}  // namespace lilux::sys
