#include "tools/said_places.h"

#include <doctest/doctest.h>

namespace lilux::tools {
namespace {

using Names = std::vector<std::string>;

Names there(std::string_view folder) {
  if (folder == "docs/") return {"Guide.md"};
  return {"README.md", "Makefile", "notes.txt", "notes.md", ".bashrc", "b.txt"};
}

TEST_CASE("this folder is where one stands, and that folder is not") {
  CHECK(with_here("how big is this folder?") == "how big is .");
  CHECK(with_here("find *.md here") == "find *.md in .");
  CHECK(with_here("list the current directory now") == "list . now");
  CHECK(with_here("how big is that folder") == "how big is that folder");
  CHECK(with_here("here") == "here");
}

TEST_CASE("a list is taken apart, a name is not") {
  CHECK(listed("a.txt and b.txt") == Names{"a.txt", "b.txt"});
  CHECK(listed("a.txt, b.txt, and c.txt") == Names{"a.txt", "b.txt", "c.txt"});
  CHECK(listed("a.txt") == Names{"a.txt"});
  CHECK(listed("and") == Names{"and"});
  CHECK(listed("a.txt and") == Names{"a.txt and"});
  CHECK(listed("") == Names{""});
}

TEST_CASE("what is there may be said without its ending and in small letters") {
  CHECK(meant_by("readme", there) == Names{"README.md"});
  CHECK(meant_by("the README", there) == Names{"README.md"});
  CHECK(meant_by("makefile", there) == Names{"Makefile"});
  CHECK(meant_by("docs/guide", there) == Names{"docs/Guide.md"});
}

TEST_CASE("nothing is guessed where two fit, or too little is said") {
  CHECK(meant_by("notes", there).empty());
  CHECK(meant_by("b", there).empty());
  CHECK(meant_by("the other one", there).empty());
  CHECK(meant_by("readme", {}).empty());
}

TEST_CASE("a pattern means all that it fits but what is hidden") {
  CHECK(meant_by("*.txt", there) == Names{"b.txt", "notes.txt"});
  CHECK(meant_by("*.pdf", there).empty());
}

}  // namespace
}  // namespace lilux::tools
