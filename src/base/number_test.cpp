#include "base/number.h"

#include <cstdint>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

TEST_CASE("a number is the whole text or there is none") {
  CHECK(number_from<int>("-12") == -12);
  CHECK(number_from<std::uint32_t>("fF", 16) == 255);
  CHECK(number_from<std::uint8_t>("255") == std::uint8_t{255});
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "-1", "256", "1.0"}) {
    CAPTURE(text);
    CHECK_FALSE(number_from<std::uint8_t>(text));
  }
}

}  // namespace
}  // namespace lilux::base
