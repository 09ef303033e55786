#include "tools/things.h"

#include <doctest/doctest.h>

#include "tools/references.h"

namespace lilux::tools {
namespace {

using base::JsonArray;
using base::JsonObject;
using brain::Wanted;

std::vector<std::string> values(const std::vector<Thing>& things) {
  std::vector<std::string> all;
  for (const Thing& thing : things) all.push_back(thing.value);
  return all;
}

TEST_CASE("a call is about what it names, and gives what its list has") {
  const MadeCall read{.tool = "fs.read",
                      .arguments = JsonObject{{"path", "a.txt"}},
                      .output = JsonObject{{"content", "one"}, {"size", 3}}};
  CHECK(values(named_by(read)) == std::vector<std::string>{"a.txt", "one"});
  const MadeCall found{.tool = "fs.search", .output = JsonObject{{"matches", JsonArray{"/x/a", "/x/b"}}}};
  CHECK(values(listed_by(found)) == std::vector<std::string>{"/x/a", "/x/b"});
  const MadeCall listed{.tool = "fs.list",
                        .arguments = JsonObject{{"path", "d"}},
                        .output = JsonObject{{"entries", JsonArray{JsonObject{{"name", "a"}}}}}};
  CHECK(values(listed_by(listed)) == std::vector<std::string>{"d/a"});
}

TEST_CASE("a copy is about two files, a move about one, and neither is guessed away") {
  const JsonObject both{{"source", "a"}, {"destination", "b"}};
  CHECK(values(named_by({.tool = "fs.copy", .arguments = both})) == std::vector<std::string>{"a", "b"});
  CHECK(values(named_by({.tool = "fs.move", .arguments = both})) == std::vector<std::string>{"b"});
}

TEST_CASE("of a list the one that was said is picked, and of several none by chance") {
  const MadeCall two{.tool = "fs.search", .output = JsonObject{{"matches", JsonArray{"/a", "/b"}}}};
  CHECK(brain_tools::picked(two, 2)->value == "/b");
  CHECK(brain_tools::picked(two, -1)->value == "/b");
  CHECK(brain_tools::picked(two, 3).error().code == base::ErrorCode::not_found);
  CHECK(brain_tools::picked(two, 0).error().message == "'fs.search' gave 2: /a, /b");
  CHECK(!brain_tools::picked({.tool = "fs.search", .output = JsonObject{{"matches", JsonArray{}}}}, 1));
}

TEST_CASE("output of another shape than it should have is none") {
  CHECK(listed_by({.tool = "fs.search", .output = JsonObject{{"matches", "x"}}}).empty());
  CHECK(listed_by({.tool = "fs.list", .output = JsonObject{{"entries", JsonArray{1, nullptr, "x"}}}}).empty());
  CHECK(named_by({.tool = "fs.read", .arguments = JsonObject{{"path", 7}}}).empty());
  CHECK(named_by({.tool = "memory.write", .arguments = JsonObject{{"value", "x"}}}).empty());
}

}  // namespace
}  // namespace lilux::tools
