#pragma once

// Whether control groups limit what runs here. Any thread.

#include <string>

#include "base/result.h"

namespace lilux::sandbox {

// The group below which they can be made, after real programs have met their limits in one; `unavailable` with the
// reason else.
base::Result<std::string> find_groups();

}  // namespace lilux::sandbox
