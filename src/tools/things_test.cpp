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

TEST_CASE("of what kind a list will be is known before it is there") {
  CHECK(kind_listed_by("fs.search") == Wanted::path);
  CHECK(kind_listed_by("process.list") == Wanted::process);
  CHECK(kind_listed_by("event.list_hooks") == Wanted::any);
  CHECK_FALSE(kind_listed_by("fs.read"));
}

TEST_CASE("a copy is about two files, a move about one, and neither is guessed away") {
  const JsonObject both{{"source", "a"}, {"destination", "b"}};
  CHECK(values(named_by({.tool = "fs.copy", .arguments = both})) == std::vector<std::string>{"a", "b"});
  CHECK(values(named_by({.tool = "fs.move", .arguments = both})) == std::vector<std::string>{"b"});
}

TEST_CASE("of a list the one that was said is picked, and of several none by chance") {
  const MadeCall two{.tool = "fs.search", .output = JsonObject{{"matches", JsonArray{"/a", "/b"}}}};
  CHECK(brain_tools::picked(two, {.nth = 2})->value == "/b");
  CHECK(brain_tools::picked(two, {.nth = -1})->value == "/b");
  CHECK(brain_tools::picked(two, {.nth = 3}).error().code == base::ErrorCode::not_found);
  CHECK(brain_tools::picked(two, {.nth = 0}).error().message == "'fs.search' gave 2: /a, /b");
  CHECK(!brain_tools::picked({.tool = "fs.search", .output = JsonObject{{"matches", JsonArray{}}}}, {.nth = 1}));
}

TEST_CASE("what is counted is of the kind that is said") {
  const auto item = [](std::string_view kind, std::string_view name) {
    return JsonObject{{"kind", kind}, {"name", name}};
  };
  const MadeCall items{.tool = "item.list",
                       .output = JsonObject{{"items", JsonArray{item("directive", "init"), item("directive", "sync"),
                                                                item("template", "page"), item("script", "build")}}}};
  const auto nth = [&](std::string_view kind, int place) {
    return brain_tools::picked(
        items, {.wanted = kind.empty() ? Wanted::any : Wanted::item, .item_kind = std::string(kind), .nth = place});
  };
  CHECK(nth("template", 1)->value == "page");
  CHECK(nth("directive", -1)->value == "sync");
  CHECK(nth("", 1)->value == "init");
  CHECK(nth("template", 0)->value == "page");
  CHECK(nth("template", 2).error().message == "'item.list' gave only 1: page");
  CHECK(nth("skill", 1).error().code == base::ErrorCode::not_found);
  CHECK_FALSE(brain_tools::picked(items, {.wanted = Wanted::path, .nth = 1}));
}

TEST_CASE("output of another shape than it should have is none") {
  CHECK(listed_by({.tool = "fs.search", .output = JsonObject{{"matches", "x"}}}).empty());
  CHECK(listed_by({.tool = "fs.list", .output = JsonObject{{"entries", JsonArray{1, nullptr, "x"}}}}).empty());
  CHECK(named_by({.tool = "fs.read", .arguments = JsonObject{{"path", 7}}}).empty());
  CHECK(named_by({.tool = "memory.write", .arguments = JsonObject{{"value", "x"}}}).empty());
}

}  // namespace
}  // namespace lilux::tools
