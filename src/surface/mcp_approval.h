#pragma once

// A call that waits for a person, asked about through the form of the person's own client. What is of high or critical
// risk is not: a form is quickly clicked away, and it is answered where nothing else can write. Any thread.

#include <optional>
#include <stop_token>
#include <string>

#include "mcp/host.h"

namespace lilux::kernel {
class Kernel;
}

namespace lilux::surface {

// The question about that call, when its risk lets a client ask it.
std::optional<mcp::Needed> approval_form(kernel::Kernel& kernel, const std::string& call);
// Passes what the person said on to the kernel; an approved call runs before this returns. False when nothing was
// decided, or the question has changed since.
bool take_approval(kernel::Kernel& kernel, const mcp::Host::Call& answered);
// Whether this is a request that comes back with such an answer.
bool is_approval(const mcp::Host::Call& call);

}  // namespace lilux::surface
