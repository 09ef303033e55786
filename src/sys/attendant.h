#pragma once

// Sets modes, owners and times of files for a program that is kept in by Landlock, which knows nothing of them: the
// filter refuses such calls to the program and asks here instead, while it waits. The target is looked up anew from the
// trees that the program may write, never leaves them, and belongs to this user; what the program says is read once. A
// program with several threads may swap what it said: that changes which of its own files is meant, and nothing else.
// One thread for each program, which ends with it; when there is none the program's calls fail.

#include <memory>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

// Answers until the last process that asks by `listener` has ended, or what is returned is gone. Only folders among
// `trees`, which are open and canonical, are places where something is set.
base::Result<std::shared_ptr<void>> attend(Fd listener, std::vector<Fd> trees);

}  // namespace lilux::sys
