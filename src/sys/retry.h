#pragma once

// Repeats a system call that a signal interrupted. For sys/*.cpp only.

#include <cerrno>

namespace lilux::sys {

template <class Call>
auto retry(Call&& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace lilux::sys
