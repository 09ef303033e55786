#pragma once

// What people say to a new system, as rules: docs/rules.md has the format, and a person's own rules come before these.

#include <string_view>

namespace lilux::tools {

std::string_view sentences();

}  // namespace lilux::tools
