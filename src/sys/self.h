#pragma once

// Facts about this very process. Any thread.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace lilux::sys {

pid_t process_id();
std::uint32_t user_id();
std::uint32_t group_id();
// "NAME=value" as the process was started with, later changes included.
std::vector<std::string> own_environment();
// The umask, as /proc tells it; asking by umask(2) would change it for a moment. 022 where /proc does not tell.
std::uint32_t own_umask();
void set_own_umask(std::uint32_t mask);

// From here on large blocks of memory go back to the system when they are freed; else a few of them, such as the bodies
// of requests, make the C library keep the next ones for good.
void give_back_large_blocks();

// From here on this thread, when it has something to do, waits for less of what others are about: it asks for a short
// time at once, and more often. What it starts does not. Linux 6.12; elsewhere nothing changes.
void answer_soon();

}  // namespace lilux::sys
