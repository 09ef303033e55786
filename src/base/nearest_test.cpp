#include "base/nearest.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

constexpr std::array<std::string_view, 6> kNames{"read", "write", "delete", "list", "emergency_stop", "x"};

TEST_CASE("slips of the finger find the name that was meant") {
  CHECK(nearest("raed", kNames) == "read");
  CHECK(nearest("wrte", kNames) == "write");
  CHECK(nearest("deletee", kNames) == "delete");
  CHECK(nearest("lits", kNames) == "list");
  CHECK(nearest("emergncy-stop", kNames) == "emergency_stop");
  CHECK(nearest("read", kNames) == "read");
}

TEST_CASE("what is like none of them finds none") {
  CHECK(nearest("mount", kNames) == std::nullopt);
  CHECK(nearest("dream", std::array<std::string_view, 0>{}) == std::nullopt);
  CHECK(nearest(std::string(1000, 'r'), kNames) == std::nullopt);
  CHECK(nearest("qqqq", kNames) == std::nullopt);
}

}  // namespace
}  // namespace lilux::base
