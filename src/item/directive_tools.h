#pragma once

// Which tools the steps of a directive call, and where. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::item {

struct ToolUse {
  std::string step = {};
  std::string tool = {};
  std::size_t at = 0;  // of the action in the text
};
// In their order; none of a text that cannot be read.
std::vector<ToolUse> tools_of(std::string_view text);

}  // namespace lilux::item
