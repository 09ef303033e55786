#pragma once

// The machine's processes as /proc shows them, and signals to one or to whole trees of them. A snapshot: processes come
// and go while it is read. Any thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace lilux::sys {

// One process for good: the number alone may be given to another later.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // clock ticks after boot
  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

struct ProcessEntry {
  ProcessId id() const { return {.pid = pid, .start_ticks = start_ticks}; }
  // Where the first thread alone has ended the others still run.
  bool has_ended() const { return state == 'X' || (state == 'Z' && threads <= 1); }

  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  std::string name;
  std::vector<std::string> command;  // empty for kernel threads and zombies
  char state = '?';                  // R, S, D, T, Z ... as in proc(5)
  std::uint32_t uid = 0;
  std::int64_t threads = 0;
  std::uint64_t resident_bytes = 0;
  std::chrono::milliseconds cpu_time{};
  double cpu_percent = 0;  // of one core, over the life of the process
  std::uint64_t start_ticks = 0;
  std::int64_t started_us = 0;  // since 1970
};

// `not_found` when there is no such process.
base::Result<ProcessEntry> process(pid_t pid);
// Sorted by pid; those that end meanwhile are left out.
base::Result<std::vector<ProcessEntry>> processes();
// Without what takes long to find out: commands, which may be of any size, owners and shares of time.
base::Result<std::vector<ProcessEntry>> processes_without_commands();

// The full name of a process that exists now.
base::Result<ProcessId> process_id(pid_t pid);

// Signals that very process; `not_found` when it has ended, whoever has its number now.
base::Result<void> signal_process(const ProcessId& id, int signal);

// The parent, its parent and so on up to pid 1, or to the first process that is hidden from us because it is another
// user's. Either all of the line as it was at one instant, or `not_found`: when the process is gone, or the line keeps
// changing.
base::Result<std::vector<ProcessId>> ancestors(pid_t pid);
std::vector<ProcessId> children(pid_t pid);

// What it holds, its part of what it shares included; nullopt when that cannot be seen.
struct HeldMemory {
  std::uint64_t bytes = 0;
  std::uint64_t shared_bytes = 0;  // of it, files that lie in memory
};
std::optional<HeldMemory> held_memory(pid_t pid);
// The files without names that lie in memory (memfd_create(2)) and that it has open, which it holds whether it has them
// mapped or not: bytes by inode.
std::map<std::uint64_t, std::uint64_t> open_memory_files(pid_t pid);

// A tree is everything that belongs to `root`: itself, those with it among their ancestors, and those in a group or
// session that it leads or led. A process that left both its group and its dead parent is not found; with
// become_subreaper it turns up among our own children.

// SIGSTOP and SIGCONT for the whole tree; stopping repeats until a pass finds nothing running. Gives how many. The
// calling process is never touched.
base::Result<std::size_t> freeze_tree(const ProcessId& root);
base::Result<std::size_t> thaw_tree(const ProcessId& root);
// One look at what runs, whoever it seems to belong to: kills all whose mark (see mark_of()) is meant, and gives those
// marks. What was started meanwhile is found by the next look.
base::Result<std::set<std::uint64_t>> kill_marked(const std::function<bool(std::uint64_t mark)>& is_meant);
// Stops the tree, so that nothing forks away, kills it, and repeats until none is left; `timeout` when some are. Gives
// how many were killed. Reaps nothing.
base::Result<std::size_t> kill_tree(const ProcessId& root, std::chrono::milliseconds timeout);

}  // namespace lilux::sys
