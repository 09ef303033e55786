#pragma once

// The items that the program carries: what the folder items/ held when it was built, which fills the system volume.

#include <span>
#include <string_view>

namespace lilux::tools {

struct SystemItem {
  std::string_view path;  // relative to the volume
  std::string_view text;
};
std::span<const SystemItem> system_items();  // sorted by path

}  // namespace lilux::tools
