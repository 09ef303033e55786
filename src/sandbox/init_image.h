#pragma once

// The programs that lie inside of lilux, as open files that can be run. Made once and kept; any thread.

#include <string_view>

#include "base/result.h"

namespace lilux::sandbox {

base::Result<int> init_program();     // init/init.cpp
base::Result<int> starter_program();  // starter/starter.cpp
base::Result<int> starter_library();  // the same, for an interpreter
std::string_view python_starter();    // starter/python.py

}  // namespace lilux::sandbox
