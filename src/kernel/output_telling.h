#pragma once

// What a child writes, told while it grows: in pieces of whole letters, and of much only the last. One thread at a
// time.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "kernel/children.h"

namespace lilux::kernel {

class OutputTelling {
 public:
  using Tell = std::function<void(std::string_view stream, const std::string& text)>;
  // What is new since the last time. A letter that is cut waits for its rest, which at the end does not come any more.
  void tell(const ChildOutput& output, bool is_last, const Tell& tell);

 private:
  std::uint64_t stdout_told_ = 0;
  std::uint64_t stderr_told_ = 0;
};

}  // namespace lilux::kernel
