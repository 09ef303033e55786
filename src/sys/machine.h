#pragma once

// What this machine is and has: cores, memory, its terminal. Read anew on every call. Any thread.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace lilux::sys {

// Cores this process may use: affinity and the cgroup's quota considered, at least 1.
unsigned cores();

struct Memory {
  std::uint64_t total_bytes = 0;      // the machine's, or the cgroup's limit when that is less
  std::uint64_t available_bytes = 0;  // before anything must be swapped or killed
};
base::Result<Memory> memory();

// Of the whole machine, whatever groups leave of it.
struct MachineMemory {
  std::uint64_t available_bytes = 0;  // with what can still be swapped out
  std::uint64_t shared_bytes = 0;     // of files that lie in memory, mapped ones and those without names too
};
base::Result<MachineMemory> machine_memory();

// Of this process.
base::Result<std::uint64_t> resident_bytes();
std::size_t descriptors_max();

std::string own_program();  // the path of the running binary; empty where /proc does not say

bool is_terminal(int fd);
// Forgets what was typed before now, at a terminal.
void drop_typed_ahead(int fd);
// Columns of the terminal, or 0.
unsigned terminal_columns(int fd);

}  // namespace lilux::sys
