#pragma once

// What a killed writer or a power cut leaves in a repository is taken away. For git/ itself.

#include <cstdint>

#include "base/result.h"
#include "git/repository.h"

namespace lilux::git {

// For the one whose turn it is, after a turn that began at `since_ns` and did not end: locks of git, unfinished files,
// and objects since then whose name reached the disk and whose content did not, which would be taken for the real ones
// when they are written again.
base::Result<void> sweep(const Repository& repository, std::int64_t since_ns);

}  // namespace lilux::git
