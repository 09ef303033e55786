#include "tools/said_programs.h"

#include <doctest/doctest.h>

namespace lilux::tools {
namespace {

std::string typed(std::string_view text) {
  const auto advice = program_advice(text, [](std::string_view path) { return path == "notes"; });
  return advice ? advice->substr(advice->find('`')) : "";
}

TEST_CASE("a command line of a program that is there is told from English") {
  CHECK(typed("sort a.txt") == "`!sort a.txt`");
  CHECK(typed("sort notes") == "`!sort notes`");
  CHECK(typed("run env -i") == "`!env -i`");
  CHECK(typed("basename /a/b") == "`!basename /a/b`");
  for (const char* text : {"", "sort the list", "who is the president", "time flies", "no-such-program a.txt",
                           "make tea", "Sort a.txt", "look at me", "run away", "make a copy of a.txt"})
    CHECK_MESSAGE(typed(text) == "", text);
}

}  // namespace
}  // namespace lilux::tools
