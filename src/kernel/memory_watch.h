#pragma once

// What whole trees of processes hold in memory: a limit of the system's is for each process alone. Any thread.

#include <cstdint>
#include <map>
#include <set>

#include <sys/types.h>

namespace lilux::kernel {

// Of these roots of trees, those whose tree holds more than its bytes; what its processes share counts once.
std::set<pid_t> holding_more(const std::map<pid_t, std::uint64_t>& limits);

}  // namespace lilux::kernel
