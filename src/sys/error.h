#pragma once

// Turns errno into the program's Error. Nothing outside sys/ reads errno. Values, any thread.

#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::sys {

base::ErrorCode code_of_errno(int error_number);

// "permission denied": lower case, the same words on every C library.
std::string errno_text(int error_number);

// Text between quotes for a message; control characters and invalid bytes are escaped and long text is cut.
std::string quoted(std::string_view text);

// fail_errno(EACCES, "open '/etc/x'") gives `denied` with "cannot open '/etc/x': permission denied" and a hint.
std::unexpected<base::Error> fail_errno(int error_number, std::string_view what);
// The same with the thing quoted: fail_errno(EACCES, "open", "/etc/x").
std::unexpected<base::Error> fail_errno(int error_number, std::string_view verb, std::string_view thing);

}  // namespace lilux::sys
