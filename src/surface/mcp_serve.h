#pragma once

// `lilux mcp`: serving a client on standard input and output, and what its context pays for that.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> mcp_serve_verb(std::span<const std::string_view> words);
base::Result<int> mcp_cost_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
