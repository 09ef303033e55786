#pragma once

// What fuzz targets share: the bytes they are given, taken apart by line, and the promise that is checked.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/result.h"

namespace lilux::fuzz {

inline constexpr std::size_t kInputBytesMax = 4096;

inline void require(bool condition) {
  if (!condition) std::abort();
}

// Whether there is a result and it is this.
template <class T>
bool gives(const base::Result<T>& result, const T& wanted) {
  return result.has_value() && *result == wanted;
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), std::min(size, kInputBytesMax)) {}

  bool is_empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  // Up to the next line end, which is dropped.
  std::string_view line() {
    const std::string_view taken = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(taken.size() + 1, rest_.size()));
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace lilux::fuzz
