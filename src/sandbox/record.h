#pragma once

// Paths with a few numbers each, kept in a file beside what they are about. A path may hold any byte but NUL. Any
// thread.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace lilux::sandbox {

struct RecordLine {
  std::array<std::uint64_t, 4> numbers{};
  std::string path;
};

enum class Outlives : std::uint8_t { process, power_loss };  // the second waits for the disk
// `over_budget` when it would be too large to be read again.
base::Result<void> write_record(const std::string& file, std::span<const RecordLine> lines, Outlives what);
// Nullopt when there is no such file; `corrupt` when it is not as it was written.
base::Result<std::optional<std::vector<RecordLine>>> read_record(const std::string& file);

}  // namespace lilux::sandbox
