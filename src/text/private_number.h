#pragma once

// Numbers that are nobody else's business: of payment cards and bank accounts, which carry digits to check them by, and
// those that a line calls a pin or a code. Pure; any thread.

#include <string_view>

namespace lilux::text {

bool has_private_number(std::string_view line);

}  // namespace lilux::text
