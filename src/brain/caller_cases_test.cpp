#include "brain/caller_cases.h"

#include <doctest/doctest.h>

using namespace lilux::brain;
using lilux::base::Json;
using lilux::base::parse_json;

namespace {

Json json(std::string_view text) {
  auto parsed = parse_json(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

ToolSet tools() {
  auto set = ToolSet::compile(json(R"([{"name":"f","parameters":{"type":"object","properties":{
    "n":{"type":"integer"},"x":{"type":"number"},"s":{"type":"string"},"l":{"type":"array","items":{"type":"integer"}},
    "b":{"type":"boolean"},"o":{"type":"object"}}}}])"));
  REQUIRE(set);
  return *set;
}

// Whether one call of f with these arguments is right.
bool right(std::string_view arguments, std::string_view answer) {
  return are_right({{.name = "f", .arguments = json(arguments)}},
                   json(R"([{"name":"f","arguments":)" + std::string(answer) + "}]").as_array(), tools());
}

}  // namespace

TEST_CASE("arguments are judged by type and by lists of right values") {
  CHECK(right(R"({"n":5})", R"({"n":[5]})"));
  CHECK_FALSE(right(R"({"n":5.5})", R"({"n":[5.5]})"));  // no integer
  CHECK_FALSE(right(R"({"n":"5"})", R"({"n":[5]})"));
  CHECK(right(R"({"x":5})", R"({"x":[5.0]})"));
  CHECK(right(R"({"s":"New York, NY"})", R"({"s":["newyork ny","NYC"]})"));
  CHECK_FALSE(right(R"({"s":"Boston"})", R"({"s":["New York"]})"));
  CHECK(right(R"({"l":[1,2]})", R"({"l":[[1,2]]})"));
  CHECK_FALSE(right(R"({"l":[2,1]})", R"({"l":[[1,2]]})"));
  CHECK(right(R"({"l":[1,2]})", R"({"l":[1,2]})"));  // the list itself
  CHECK_FALSE(right(R"({"b":1})", R"({"b":[true]})"));
  CHECK(right(R"({"o":{"a":1}})", R"({"o":[{"a":[1,2],"c":["",3]}]})"));
  CHECK_FALSE(right(R"({"o":{"a":1}})", R"({"o":[{"a":[1],"c":[3]}]})"));
}

TEST_CASE("what may be left out may, and nothing may be made up") {
  CHECK(right(R"({"n":5})", R"({"n":[5],"s":["","x"]})"));
  CHECK_FALSE(right(R"({"n":5})", R"({"n":[5],"s":["x"]})"));
  CHECK_FALSE(right(R"({"n":5,"s":"x"})", R"({"n":[5]})"));
}

TEST_CASE("several calls are right in any order, and only all of them") {
  const auto answers = json(R"([{"name":"f","arguments":{"n":[1]}},{"name":"f","arguments":{"n":[2]}}])").as_array();
  const Call one{.name = "f", .arguments = json(R"({"n":1})")};
  const Call two{.name = "f", .arguments = json(R"({"n":2})")};
  CHECK(are_right({two, one}, answers, tools()));
  CHECK_FALSE(are_right({one, one}, answers, tools()));
  CHECK_FALSE(are_right({one}, answers, tools()));
  CHECK(names_are_right({one, one}, answers));
  CHECK_FALSE(names_are_right({one}, answers));
}

TEST_CASE("cases are read in each of their forms, and faults are told with their line") {
  const auto cases = parse_cases(
      "{\"id\":\"a\",\"query\":\"q\",\"tools\":[]}\n\n"
      "{\"messages\":[{\"role\":\"user\",\"content\":\"m\"}],\"tools\":[],\"expect\":\"none\"}\n"
      "{\"id\":7,\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
      "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"in parts\"},{\"type\":\"image\"}]},"
      "{\"role\":\"User\",\"content\":\"more\"}],\"tools\":[]}\n"
      "{\"messages\":[[{\"role\":\"user\",\"content\":\"within\"}],[]],\"tools\":[]}\n",
      "f.jsonl");
  REQUIRE(cases);
  REQUIRE(cases->size() == 4);
  CHECK(cases->at(0).id == Json("a"));
  CHECK(cases->at(1).id == Json("3"));  // its line
  CHECK(cases->at(2).id == Json(7));
  CHECK(cases->at(2).text == "in parts\nmore");
  CHECK(cases->at(3).text == "within");
  CHECK(cases->at(0).text == "q");
  CHECK_FALSE(cases->at(0).answers);
  CHECK(cases->at(1).text == "m");
  CHECK(cases->at(1).answers->empty());
  for (const char* bad : {"{", "[]", "{\"tools\":[]}", "{\"query\":\"q\",\"tools\":3}", "{\"query\":5,\"tools\":[]}",
                          "{\"messages\":\"m\",\"tools\":[]}", "{\"messages\":[5],\"tools\":[]}",
                          "{\"messages\":[{\"role\":\"user\",\"content\":5}],\"tools\":[]}"}) {
    const auto refused = parse_cases("{\"query\":\"q\",\"tools\":[]}\n" + std::string(bad), "f.jsonl");
    REQUIRE_MESSAGE(!refused, bad);
    CHECK(refused.error().message.starts_with("f.jsonl:2"));
  }
  CHECK_FALSE(parse_cases("\n \n", "f.jsonl"));
}

TEST_CASE("a row without tools has those of the row before it, and the first one must have its own") {
  const auto cases = parse_cases("{\"query\":\"a\",\"tools\":[{\"name\":\"f\"}]}\n{\"query\":\"b\"}\n", "f.jsonl");
  REQUIRE(cases);
  CHECK(cases->at(1).tools == cases->at(0).tools);
  const auto refused = parse_cases("{\"query\":\"q\"}\n", "f.jsonl");
  REQUIRE(!refused);
  CHECK(refused.error().message.starts_with("f.jsonl:1"));
}
