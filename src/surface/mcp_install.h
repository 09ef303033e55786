#pragma once

// `lilux mcp install`: writes the configuration of an MCP client so that it starts `lilux mcp serve`. The diff is shown
// first, a person says yes, and the write is a call like any other, which undo takes back. One thread.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> mcp_install_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
