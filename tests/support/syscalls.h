#pragma once

// What the tracer knows about system calls: which of them change something that outlives the process, which file they
// are about, and how to change one that is about to happen. Linux on x86-64 and aarch64.

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include <sys/types.h>

namespace lilux::test {

// Why a system call matters after a crash. Everything else (reading, mapping, waiting) leaves no trace.
enum class SyscallKind : std::uint8_t { write, sync, create, rename, remove, resize, attribute, process };

struct SyscallRow {
  long number = 0;
  const char* name = "";
  SyscallKind kind = SyscallKind::write;
  int fd = -1;          // index of the argument that is the file, or the folder a relative path starts from
  int path = -1;        // index of the argument that is a path
  int flags = -1;       // index of the open flags; the call counts only when they create or truncate
  int byte_count = -1;  // index of the argument that can be lowered for a short write
};

// Every row for this machine.
std::span<const SyscallRow> syscall_rows();
// nullptr for calls that change nothing lasting.
const SyscallRow* find_syscall(long number);

// A system call some thread is about to make.
struct PendingSyscall {
  pid_t thread = 0;
  long number = 0;
  std::array<std::uint64_t, 6> arguments{};
};

// Absolute path of the file the call is about; "" when it is about no file that has one (a pipe, a socket).
std::string path_of(const PendingSyscall& call, const SyscallRow& row);
// The path given to open, openat or openat2 as written; "" for every other call.
std::string opened_path(const PendingSyscall& call);
std::span<const long> open_numbers();

// To be used while the thread is stopped before the call: makes it return `result` without happening.
void skip_syscall(pid_t thread, std::int64_t result);
void set_argument(pid_t thread, int index, std::uint64_t value);

}  // namespace lilux::test
