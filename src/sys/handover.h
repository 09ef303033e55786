#pragma once

// Pairs of Unix sockets, and descriptors handed over by them. Any thread.

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

base::Result<std::pair<Fd, Fd>> socket_pair();

// All bytes; the other side gets copies of the descriptors with the first of them.
base::Result<void> hand_over(int socket, std::string_view bytes, std::span<const int> descriptors);

struct Handed {
  std::int32_t number = 0;
  Fd descriptor;  // when there was one
};
// A number of 32 bits, with a descriptor or without.
base::Result<Handed> take_over(int socket, std::chrono::milliseconds timeout);

}  // namespace lilux::sys
