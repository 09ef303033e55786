#pragma once

// `lilux mcp hook`: what a client runs before it uses a tool of its own. The policy judges, the record keeps it, and
// the client is told. Whatever goes wrong blocks the tool. One thread.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

// Reads what the client says on standard input. Exit code 2, with the reason on standard error, for what cannot be
// judged: that is what blocks a tool there.
base::Result<int> mcp_hook_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
