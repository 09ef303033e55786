#pragma once

// What a call did by other calls: item.import by one for each item, a directive by one for each step. Any thread.

#include <map>
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

// Finds, for calls that can be undone, the outermost call that they were a part of and that can be undone as one. It
// remembers what it found out, for one listing.
class Wholes {
 public:
  Wholes(const kernel::Kernel& kernel, const kernel::Index& index) : kernel_(kernel), index_(index) {}

  // The call itself when it is a part of none; with a task, only calls of that task count. What a whole's `undo` says
  // is what holds for all of its parts.
  base::Result<kernel::CallRow> of(const kernel::CallRow& part, const std::string& task);

 private:
  // What undoing it all would be: "", exact, partial.
  std::string undo_of(const kernel::CallRow& call);

  const kernel::Kernel& kernel_;
  const kernel::Index& index_;
  std::map<std::string, std::string> undo_by_call_;
};

}  // namespace lilux::tools::undo
