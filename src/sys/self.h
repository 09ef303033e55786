#pragma once

// Facts about this very process, and one signal to another. Any thread.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace lilux::sys {

pid_t process_id();
std::uint32_t user_id();
// "NAME=value" as the process was started with, later changes included.
std::vector<std::string> own_environment();
// The umask; read by setting and restoring it, so only before threads are started.
std::uint32_t own_umask();

// Signals one process by its pidfd; `not_found` when there is none.
base::Result<void> signal_process(pid_t pid, int signal);

}  // namespace lilux::sys
