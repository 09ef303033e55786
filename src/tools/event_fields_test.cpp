#include "tools/event_fields.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace lilux::tools {
namespace {

std::string wrong_with(std::string_view where) {
  const std::string text =
      "[[rule]]\nname = 'r'\nwhen = 'call.*'\nthen = 'fs.list'\nwhere = { " + std::string(where) + " }\n";
  const auto file = brain::parse_rules(text, "rules.toml", nullptr);
  REQUIRE(file);
  REQUIRE(file->rules.size() == 1);
  return unknown_field(file->rules.front()).value_or("");
}

TEST_CASE("a condition on a field that no event has is told, with those that there are") {
  const std::string wrong = wrong_with("toool = 'fs.read'");
  CHECK(wrong.starts_with("it never fires: an event has no field 'toool'; did you mean 'tool'? there are after, "));
  CHECK(wrong.contains(", sequence, "));
  CHECK_FALSE(wrong.contains("changes"));
  CHECK(wrong_with("toool = '!fs.read'").starts_with("a condition always holds: "));
  CHECK(wrong_with("'error.kode' = 'conflict'").contains("'error' has no field 'kode'; did you mean 'code'?"));
}

TEST_CASE("an argument is one of the one tool that is asked for, and of any tool otherwise") {
  CHECK(wrong_with("tool = 'fs.read', 'arguments.paht' = 'a'")
            .contains("fs.read has no field 'paht'; did you mean 'path'?"));
  CHECK(wrong_with("tool = 'fs.read', 'arguments.path' = 'a'") == "");
  CHECK(wrong_with("tool = 'fs.*', 'arguments.paht' = 'a'") == "");
  CHECK(wrong_with("tool = 'fs.write', 'arguments.digest' = '*'") == "");  // of a long one
}

TEST_CASE("fields that events have are not told of") {
  for (const char* where :
       {"project = '/a'", "sequence = '> 5'", "'error.code' = 'conflict'", "'cost.wall_us' = '> 5'", "'data.pid' = 4",
        "'output.entries' = 'x'", "'caller.cwd' = '/a'", "result = 'ok'", "task = 't'", "time = '2026*'"})
    CHECK_MESSAGE(wrong_with(where) == "", where);
}

}  // namespace
}  // namespace lilux::tools
