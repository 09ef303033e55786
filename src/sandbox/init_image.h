#pragma once

// The program init/init.cpp, as an open file that can be run. Made once and kept; any thread.

#include "base/result.h"

namespace lilux::sandbox {

base::Result<int> init_program();

}  // namespace lilux::sandbox
