#pragma once

// Taking back what a call did only in part, after a crash or a failure. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "objects/store.h"

namespace lilux::kernel {

// Removes temporary names and, where the world is not as it was, restores the image taken before.
base::Result<void> take_back_half(const objects::Store& store, const std::vector<std::string>& scratch,
                                  const std::optional<std::string>& before);

}  // namespace lilux::kernel
