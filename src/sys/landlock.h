#pragma once

// Landlock: rules about files and networks that a process lays on itself and all it starts, for good. The headers of
// the system this is built on may be older than the system it runs on, so the numbers stand here. Any thread.

#include <cstdint>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

// What may be done with a file; the version of the interface that knows it stands behind.
enum FileRight : std::uint64_t {
  kExecute = 1U << 0,
  kWriteFile = 1U << 1,
  kReadFile = 1U << 2,
  kReadFolder = 1U << 3,
  kRemoveFolder = 1U << 4,
  kRemoveFile = 1U << 5,
  kMakeDevice = 1U << 6,
  kMakeFolder = 1U << 7,
  kMakeRegular = 1U << 8,
  kMakeSocket = 1U << 9,
  kMakeFifo = 1U << 10,
  kMakeBlock = 1U << 11,
  kMakeSymlink = 1U << 12,
  kRefer = 1U << 13,         // 2: link and rename between folders
  kTruncate = 1U << 14,      // 3
  kDeviceControl = 1U << 15  // 5
};
// What the system is given for allow_beneath(), for those who cannot call that.
struct [[gnu::packed]] PathBeneath {
  std::uint64_t rights = 0;
  std::int32_t parent = -1;
};
inline constexpr int kPathBeneath = 1;

inline constexpr std::uint64_t kRightsOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceControl;

// 0 where there is none.
base::Result<int> landlock_version();

struct Restriction {
  std::uint64_t files = 0;    // every right that only rules give
  std::uint64_t network = 0;  // 4: 1 to bind TCP, 2 to connect
  std::uint64_t scope = 0;    // 6: 1 no abstract sockets of others, 2 no signals to others
};
base::Result<Fd> make_ruleset(const Restriction& restriction);
base::Result<void> allow_beneath(const Fd& ruleset, int path, std::uint64_t rights);

}  // namespace lilux::sys
