// A regular expression from outside on the first line and a text behind it: what compiles also compiles as a part of a
// larger one, and then means the same.

#include <string>

#include "base/encoding.h"
#include "base/pattern.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lilux::base::Pattern;
  using lilux::fuzz::require;
  lilux::fuzz::Input input(data, size);
  const std::string expression(input.line());
  const auto pattern = Pattern::compile(expression);
  if (!pattern) {
    require(!pattern.error().message.empty());
    require(!lilux::base::is_utf8(expression) || lilux::base::is_utf8(pattern.error().message));
    return 0;
  }
  require(pattern->instructions() > 0);
  const bool is_found = pattern->is_found_in(input.rest());
  if (const auto grouped = Pattern::compile("(?:" + expression + ")")) {
    require(grouped->is_found_in(input.rest()) == is_found);
  }
  if (const auto repeated = Pattern::compile("(?:" + expression + ")?")) {
    require(repeated->is_found_in(input.rest()) || !lilux::base::is_utf8(input.rest()));
  }
  return 0;
}
