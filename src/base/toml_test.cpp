#include "base/toml.h"

#include <doctest/doctest.h>

using lilux::base::parse_toml;

TEST_CASE("TOML is read") {
  const toml::parse_result read = parse_toml("a = 1\n[b]\nc = 'x'\n");
  REQUIRE(read);
  CHECK(read.table()["b"]["c"].value<std::string_view>() == "x");
}

TEST_CASE("what is no TOML is an error with its line, also where the library asserts") {
  for (const char* text :
       {"a = 1\n\n[!]\n", "a = 1\n\n[[ =]]", "a = 1\n\n[\x14\nb = 2\n", "a = 1\n\n[\xc3\xa9]\n\n\n", "a = 1\n\nb ="}) {
    CAPTURE(text);
    const toml::parse_result read = parse_toml(text, "f.toml");
    REQUIRE_FALSE(read);
    CHECK(read.error().source().begin.line == 3);
    CHECK_FALSE(read.error().description().empty());
  }
}
