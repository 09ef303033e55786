#include "tools/event_fields.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace lilux::tools {
namespace {

std::string wrong_with(std::string_view where, std::string_view when = "call.*", std::string_view with = "") {
  const std::string text = "[[rule]]\nname = 'r'\nwhen = '" + std::string(when) + "'\nthen = 'fs.list'\nwhere = { " +
                           std::string(where) + " }\nwith = { " + std::string(with) + " }\n";
  const auto file = brain::parse_rules(text, "rules.toml", nullptr);
  REQUIRE(file);
  REQUIRE(file->rules.size() == 1);
  return fault_of(file->rules.front()).value_or("");
}

TEST_CASE("a condition on a field that no event has is told, with those that there are") {
  const std::string wrong = wrong_with("toool = 'fs.read'");
  CHECK(wrong.starts_with("it never fires: an event has no field 'toool'; did you mean 'tool'?"));
  const std::string far = wrong_with("zebra = 'x'");
  CHECK(far.contains("; there are after, "));
  CHECK(far.contains(", sequence, "));
  CHECK_FALSE(far.contains("changes"));
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

TEST_CASE("an event that never happens is told, and a pattern that fits some is none") {
  CHECK(wrong_with("", "calls.ok") == "it never fires: no event is named 'calls.ok'; did you mean 'call.ok'?");
  CHECK(wrong_with("", "weather.rain").contains("`lilux events` shows"));
  for (const char* when : {"call.*", "task.{done,failed}", "process.exit", "*", "rule.dropped", "task.waiting"})
    CHECK_MESSAGE(wrong_with("", when) == "", when);
}

TEST_CASE("a value of another type than its field has is told") {
  CHECK(wrong_with("sequence = 'abc'") == "it never fires: 'sequence' is of type integer and never \"abc\"");
  CHECK(wrong_with("tool = 5").contains("'tool' is of type string and never 5"));
  CHECK(wrong_with("tool = '> 5'").contains("'tool' is of type string and never \"> 5\""));
  CHECK(wrong_with("'cost.wall_us' = ['fast', '> 5']").starts_with("a value of a condition is never met: "));
  CHECK(wrong_with("sequence = '!abc'").starts_with("a condition always holds: "));
  CHECK(wrong_with("tool = 'fs.list', 'arguments.limit' = true").contains("never true"));
  CHECK(wrong_with("sequence = '1*'") == "");
  CHECK(wrong_with("sequence = '12'") == "");
  CHECK(wrong_with("tool = 'fs.list', 'arguments.limit' = 5") == "");
}

TEST_CASE("what the call is to be given is there in the event") {
  CHECK(wrong_with("", "call.ok", "path = '{{argumets.path}}'")
            .starts_with("its call is never made: an event has no field 'argumets'; did you mean 'arguments'?"));
  CHECK(wrong_with("", "call.ok", "path = '{{arguments.path}}'") == "");
  CHECK(wrong_with("", "call.ok", "path = '{{event}} {{sequence}}'") == "");
}

}  // namespace
}  // namespace lilux::tools
