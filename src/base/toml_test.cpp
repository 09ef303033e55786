#include "base/toml.h"

#include <doctest/doctest.h>

using lilux::base::parse_toml;

TEST_CASE("TOML is read") {
  const toml::parse_result read = parse_toml("a = 1\n[b]\nc = 'x'\n");
  REQUIRE(read);
  CHECK(read.table()["b"]["c"].value<std::string_view>() == "x");
}

// The library makes tables within tables of it, and takes them apart one within the other.
TEST_CASE("keys that are deeper than anybody writes are refused with their line, wherever they stand") {
  std::string deep = "a";
  for (int i = 0; i < 100'000; ++i) deep += ".a";
  std::string nested = "x = 1";
  for (int i = 0; i < 20; ++i) nested = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o = {" + nested + "}";
  for (const std::string& text : {deep + " = 1", "[" + deep + "]", "[[" + deep + "]]", "x = [{" + deep + " = 1}]",
                                  "x = ['''\n''', {" + deep + " = 1}]", "x = \"\"\"a\\\"\"\"\"\"\"\n" + deep + " = 1",
                                  nested, "x = " + std::string(100'000, '[')}) {
    CAPTURE(text.substr(0, 60));
    CHECK_FALSE(parse_toml(text));
  }
  const toml::parse_result third = parse_toml("a = 1\n\n" + deep + " = 1");
  REQUIRE_FALSE(third);
  CHECK(third.error().description() == "keys and brackets are more than 256 deep");
  CHECK(third.error().source().begin.line == 3);
  const std::string dots(1000, '.');
  std::string numbers;
  for (int i = 0; i < 1000; ++i) numbers += "1.5, ";
  CHECK(parse_toml("a.b.c = '" + dots + "' # " + dots + "\nd = \"\"\"" + dots + "\"\"\"\"\nx = [" + numbers +
                   "]\n[e.f]\n"));
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
