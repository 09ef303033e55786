#pragma once

// What a call did by other calls: item.import by one for each item, a directive by one for each step. Any thread.

#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/index.h"
#include "kernel/kernel.h"

namespace lilux::tools::undo {

// The calls below it that took effect and are not undone, newest first; none when it has its own undo, which covers
// them. `conflict` when one of them cannot be undone, or there are too many.
base::Result<std::vector<kernel::CallRow>> parts_below(const kernel::Kernel& kernel, const kernel::Index& index,
                                                       const kernel::CallRow& call);

}  // namespace lilux::tools::undo
