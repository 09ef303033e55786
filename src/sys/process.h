#pragma once

// Starting and reaping children. A child is held by a pidfd, which never names a stranger that got the same number. Any
// thread may use a Child, one at a time.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

struct sock_fprog;

#include "base/result.h"
#include "sys/control_group.h"
#include "sys/fd.h"
#include "sys/process_table.h"

namespace lilux::sys {

enum class ProcessGroup : std::uint8_t { inherited, own_group, own_session };

struct ResourceLimit {
  int resource = 0;  // RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

// What a child does to itself before it runs its program, besides giving up all privileges for good: made by sandbox/,
// and by nobody else. Everything it names lives until spawn() returns.
struct Confinement {
  std::uint64_t namespaces = 0;  // CLONE_NEW*
  // In the child, before it enters its folder, in memory shared with us: no allocation, no locks. Null when done, else
  // what failed, with errno set.
  const char* (*enter)(const void* plan) = nullptr;
  const void* plan = nullptr;
  int ruleset_fd = -1;                 // Landlock: the files it may touch
  const sock_fprog* filter = nullptr;  // seccomp: the system calls it may make
  bool is_attended = false;            // the filter leaves some to whoever has Child::listener; not with an init
  int init_fd = -1;                    // runs the program as its child, see sandbox/init_image.h
  bool helps_with_renames = false;     // the init does, see sandbox/init/renames.h
  // Instead of all of these, for a program that makes the sandbox and has the init run `inner` in it: what it gets as
  // descriptors 4 and up; 3 is for the init.
  std::vector<int> handed;
  std::string inner;
};

struct SpawnOptions {
  std::string program;                   // absolute path, see resolve_program
  std::vector<std::string> arguments;    // argv, the name included
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string cwd;                       // empty: ours
  int stdin_fd = -1;                     // -1: /dev/null; not taken over
  int stdout_fd = -1;
  int stderr_fd = -1;
  ProcessGroup group = ProcessGroup::own_group;
  std::vector<ResourceLimit> limits;
  std::optional<std::uint32_t> umask;
  int niceness = 0;  // beyond ours; above 0 it is work in the background as well, which interrupts nobody (SCHED_BATCH)
  // SIGKILL for the child when the *thread* that spawned it ends: set it only in threads that live as long as we do.
  bool dies_with_thread = false;
  std::uint64_t mark = 0;  // see mark_of()
  int group_fd = -1;       // of the control group in which it begins; -1: ours
  const Confinement* confinement = nullptr;
};

struct Child {
  pid_t pid = -1;
  Fd pidfd;     // readable when the child has ended
  Fd report;    // of one with an init: readable when the program runs, and when it has ended
  Fd listener;  // of one that is attended: what it asks for, seccomp_unotify(2); when it is closed that fails
  std::shared_ptr<void> attendant;    // who answers instead, for as long as this is kept; shared as its type is unknown
  std::optional<ControlGroup> group;  // its own, when it has one
  std::uint64_t start_ticks = 0;
  ProcessId id() const { return {.pid = pid, .start_ticks = start_ticks}; }
};

struct Exit {
  std::optional<int> code;    // when it ended by itself
  std::optional<int> signal;  // when a signal ended it
  std::chrono::microseconds user_time{};
  std::chrono::microseconds system_time{};
  std::uint64_t resident_bytes_max = 0;  // never less than ours when it was started
};

// The child has only the three descriptors, default signal handling and an empty signal mask. When the program cannot
// be run, or its folder not entered, that is the error here and no child is left.
base::Result<Child> spawn(const SpawnOptions& options);

// Of a process that was kept ready and has been told what to become. On its report it says numbers of 32 bits: that it
// goes on when only the program is left to be run, and then 0, or the errno. When this fails nothing is left of it, and
// the program has not run; `timeout` when that is not sure.
inline constexpr std::int32_t kPreparedGoesOn = -1;
base::Result<void> await_prepared(const Child& child);
// Kills it, if it still lives, and reaps it.
void end_child(const Child& child);

// A program that lies in memory alone, as a file that can be run.
base::Result<Fd> memory_program(const char* name, std::string_view image);

// The mark that a process, or what it descends from, was started with, however often it has run another program, left
// its session or lost its parent; 0 when there is none. It can be made smaller but not taken off, except by root, and
// outlives us; one in a sandbox cannot touch it.
base::Result<std::uint64_t> mark_of(pid_t pid);

// Reaps it when it has ended; nullopt before.
base::Result<std::optional<Exit>> try_wait(const Child& child);
// The same, once it has ended or the time is over.
base::Result<std::optional<Exit>> wait_for(const Child& child, std::chrono::milliseconds timeout);

// Where `program` is: as it is when it has a slash (relative ones from `cwd`), else the first executable file of that
// name in the folders of `search_path` (the value of PATH; empty entries are skipped). `not_found`, or `denied` when
// the only candidates cannot be executed.
base::Result<std::string> resolve_program(const std::string& program, std::string_view search_path,
                                          const std::string& cwd);

// Orphans below us become our children instead of init's.
base::Result<void> become_subreaper();

// A child that has ended and was not reaped; it stays so.
std::optional<pid_t> ended_child();

// Whether there is any, ended or not.
bool has_children();
// SIGKILL for every child, and for those alone: what they started falls to a subreaper, and is killed the next time.
// Nothing may be reaped meanwhile, so that no number is another's.
void kill_children();

// Reaps a child that `spawn` did not return, an adopted orphan, when it has ended.
base::Result<std::optional<Exit>> reap_orphan(pid_t pid);

}  // namespace lilux::sys
