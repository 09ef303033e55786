#pragma once

// How much a command may write to what is kept apart for it. Any thread.

#include <cstdint>
#include <string>

namespace lilux::kernel {

inline constexpr std::uint64_t kWrittenBytesMax = std::uint64_t{4} << 30;
inline constexpr std::uint64_t kWrittenEntriesMax = 500'000;

// What is too much in that folder, for people; empty when it is not, or cannot be seen.
std::string excess_of(const std::string& folder);

}  // namespace lilux::kernel
