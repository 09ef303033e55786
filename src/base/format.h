#pragma once

// The formats that JSON Schema names: date-time, email, uri, ... Checks are values without state that changes; any
// thread.

#include <functional>
#include <string_view>

namespace lilux::base {

using FormatCheck = std::function<bool(std::string_view text)>;

// Tells whether a text is of that format. Empty when there is no such format.
FormatCheck format_check(std::string_view name);

}  // namespace lilux::base
