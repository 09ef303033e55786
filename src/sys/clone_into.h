#pragma once

// Of spawn(): what the C library's clone cannot do.

#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/types.h>

namespace lilux::sys {

// clone3(2) of a child that begins in this control group, and so need not be moved there, for which the system waits
// for all processors. It runs the function on that stack and must not return; -1 with errno.
pid_t clone_into(int group, std::uint64_t flags, std::span<std::byte> stack, int (*function)(void*), void* argument,
                 int* pidfd);

}  // namespace lilux::sys
