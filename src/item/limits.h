#pragma once

// How many parts of one sort an item may have: keys of its head, steps, inputs, imports. What has more is broken, so
// that reading what somebody else wrote takes nobody's time. Any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace lilux::item {

inline constexpr std::size_t kPartsMax = 1000;
// Of what another language says within it: the block of a script, the mapping of a component.
inline constexpr std::size_t kInnerBytesMax = std::size_t{256} << 10;

inline std::string too_many(std::size_t count, std::string_view what) {
  return "it has " + std::to_string(count) + " " + std::string(what) + ", more than " + std::to_string(kPartsMax);
}

}  // namespace lilux::item
