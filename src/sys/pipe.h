#pragma once

// A pipe of this process's own. Any thread.

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

struct Pipe {
  Fd out;  // what is written into `in` is read here
  Fd in;
};
base::Result<Pipe> make_pipe();

}  // namespace lilux::sys
