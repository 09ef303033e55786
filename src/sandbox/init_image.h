#pragma once

// The program init/init.cpp, as an open file that can be run. Made once; any thread.

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sandbox {

base::Result<sys::Fd> init_program();

}  // namespace lilux::sandbox
