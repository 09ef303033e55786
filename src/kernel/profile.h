#pragma once

// Resource profiles: how much of a machine Lilux takes. The largest that fits the machine is taken unless the
// configuration names one. Values; pure; any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lilux::kernel {

struct Profile {
  std::string name;
  std::uint64_t memory_bytes = 0;  // of a machine it is for, and the most that one process gets
  std::int64_t cores_min = 1;      // a machine with fewer gets a smaller profile
  std::int64_t agents_max = 1;     // alive at once
  std::int64_t tasks_max = 1;      // running at once
  std::int64_t context_tokens = 2048;
  std::int64_t workers = 2;             // threads that run calls
  std::int64_t queue_max = 1000;        // calls waiting for a worker before callers are turned away
  std::int64_t processes_max = 1000;    // and threads, of a confined command
  std::int64_t descriptors_max = 4096;  // of each of them
  friend bool operator==(const Profile&, const Profile&) = default;
};

// minimal, standard and performance, smallest first.
std::span<const Profile> profiles();
std::optional<Profile> find_profile(std::string_view name);

// What a machine has.
struct Capacity {
  std::uint64_t memory_bytes = 0;
  std::int64_t cores = 1;
};
// The largest profile that fits; the smallest one on a machine that is too small for all. Machines report somewhat less
// memory than they were sold with, so an eighth may be missing.
Profile detect_profile(const Capacity& capacity);

}  // namespace lilux::kernel
