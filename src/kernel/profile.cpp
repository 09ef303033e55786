#include "kernel/profile.h"

#include <algorithm>
#include <array>

namespace lilux::kernel {

namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

const std::array<Profile, 3>& table() {
  static const std::array<Profile, 3> kProfiles{
      Profile{.name = "minimal",
              .memory_bytes = 1 * kGigabyte,
              .cores_min = 1,
              .agents_max = 1,
              .tasks_max = 1,
              .context_tokens = 2048,
              .workers = 2,
              .queue_max = 1000},
      Profile{.name = "standard",
              .memory_bytes = 4 * kGigabyte,
              .cores_min = 2,
              .agents_max = 3,
              .tasks_max = 2,
              .context_tokens = 8192,
              .workers = 4,
              .queue_max = 4000},
      Profile{.name = "performance",
              .memory_bytes = 16 * kGigabyte,
              .cores_min = 4,
              .agents_max = 8,
              .tasks_max = 6,
              .context_tokens = 32768,
              .workers = 8,
              .queue_max = 16000},
  };
  return kProfiles;
}

bool fits(const Profile& profile, const Capacity& capacity) {
  return capacity.cores >= profile.cores_min &&
         capacity.memory_bytes >= profile.memory_bytes - profile.memory_bytes / 8;
}

}  // namespace

std::span<const Profile> profiles() {
  return table();
}

std::optional<Profile> find_profile(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &Profile::name);
  return found == table().end() ? std::nullopt : std::optional(*found);
}

Profile detect_profile(const Capacity& capacity) {
  for (std::size_t i = table().size() - 1; i > 0; --i) {
    if (fits(table()[i], capacity)) return table()[i];
  }
  return table().front();
}

}  // namespace lilux::kernel
