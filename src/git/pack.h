#pragma once

// Every change of a volume leaves a handful of small files; when there are many they become one. Nothing is ever thrown
// away: what no branch shows may be what somebody wants back.

#include <cstddef>

#include "base/result.h"
#include "git/repository.h"
#include "git/turn.h"

namespace lilux::git {

// Packs all loose objects, and removes each when it is readable in the pack on the disk; how many there were. Killed
// anywhere, an object is in one place or in both.
base::Result<std::size_t> pack(const Turn& turn, const Repository& repository);

// The same when there are about two thousand; looks at one folder of 256 to tell.
base::Result<std::size_t> pack_when_many(const Turn& turn, const Repository& repository);

}  // namespace lilux::git
