#pragma once

// A group of processes in the system's tree of them (cgroup v2): what a child starts stays in its group, and the system
// limits and ends all of it at once. See cgroups(7). Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

// Of all that is in it together; 0: any.
struct GroupLimits {
  std::uint64_t memory_bytes = 0;  // without swap; when there is no more, all of it ends
  std::uint64_t processes = 0;     // and threads
  std::uint64_t cpu_weight = 0;    // beside others with 100
};

class ControlGroup {
 public:
  // A new, empty one in the folder of another.
  static base::Result<ControlGroup> make(const std::string& above);
  ControlGroup(ControlGroup&& other) noexcept
      : path_(std::exchange(other.path_, {})), folder_(std::move(other.folder_)) {}
  ControlGroup& operator=(ControlGroup&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(folder_, other.folder_);
    return *this;
  }
  ~ControlGroup();  // kills what is in it; see remove_empty_groups() for what has not ended by then

  // A weight is left out where the system does not give it.
  base::Result<void> limit(const GroupLimits& limits) const;
  base::Result<void> kill() const;
  // How often a limit was met: "memory.events" and "oom_kill", for example.
  std::uint64_t count(std::string_view file, std::string_view what) const;
  int folder() const { return folder_.get(); }  // for SpawnOptions::group_fd

 private:
  ControlGroup(std::string path, Fd folder) : path_(std::move(path)), folder_(std::move(folder)) {}
  std::string path_;
  Fd folder_;
};

// The folder of a group below which this process may make others with limits of memory and of processes: its own,
// where that was given to it alone (`Delegate=` of systemd); this process then moves to a group below it, since the
// system gives a group either processes or limited groups. `unavailable` with the reason where there is none.
base::Result<std::string> claim_control_groups();

// Where the group of a process is seen: by /proc/PID/mountinfo and /proc/PID/cgroup. nullopt when it is not.
std::optional<std::string> group_folder(std::string_view mounts, std::string_view groups);

// What ended there since: those that we, or who had our place before, made.
void remove_empty_groups(const std::string& above);

}  // namespace lilux::sys
