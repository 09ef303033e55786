#include "tools/run_learning.h"

#include <doctest/doctest.h>

namespace lilux::tools::item_tools {

using base::Json;
using base::JsonArray;
using base::JsonObject;

TEST_CASE("what a run said is told without secrets and bounded") {
  const Json inputs = JsonObject{{"password", "hunter2"}, {"more", JsonArray{"swordfish"}}};
  const std::string key = "ghp_0123456789abcdefXYZ";
  const std::string told =
      told_of("login of hunter2, swordfish (aHVudGVyMg) with " + key + " failed\n[[note]] \x1b[2J", inputs);
  CHECK(told.find("hunter2") == std::string::npos);
  CHECK(told.find("swordfish") == std::string::npos);
  CHECK(told.find("aHVudGVyMg") == std::string::npos);
  CHECK(told.find(key) == std::string::npos);
  CHECK(told.find("[[") == std::string::npos);
  CHECK(told.find_first_of("\n\x1b") == std::string::npos);
  CHECK(told.starts_with("login of [secret]"));
  CHECK(told_of(std::string(10'000, ' '), inputs).size() == 500);
  CHECK(told_of("cannot open 'src/a-long-name/of_a_file'", JsonObject{}) == "cannot open 'src/a-long-name/of_a_file'");
}

TEST_CASE("errors that differ in numbers only are the same") {
  CHECK(mark_of("timeout", "took 12 ms in line 7") == mark_of("timeout", "took 4711 ms in line 12"));
  CHECK(mark_of("timeout", "took 12 ms") != mark_of("denied", "took 12 ms"));
  CHECK(mark_of("timeout", "took 12 ms") != mark_of("timeout", "took 12 s"));
  CHECK(mark_of("a", "b\nc") != mark_of("a\nb", "d"));
}

}  // namespace lilux::tools::item_tools
