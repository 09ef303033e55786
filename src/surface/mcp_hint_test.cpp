#include "surface/mcp_hint.h"

#include <doctest/doctest.h>

#include "tools/table.h"

namespace lilux::surface {
namespace {

std::string told(std::string_view text, std::string_view expose = "four") {
  const auto offer = Offer::make(tools::table(), own_resources(), expose);
  REQUIRE(offer);
  return as_calls(text, *offer);
}

std::string run(std::string_view tool, std::string_view parameters) {
  return R"(execute {"item_type": "tool", "action": "run", "item_id": ")" + std::string(tool) + R"(", "parameters": )" +
         std::string(parameters) + "}";
}

TEST_CASE("a client is told calls where a person is told commands") {
  CHECK(told("see what there is: lilux item list") == "see what there is: " + run("item.list", "{}"));
  CHECK(told("lilux item which directive a") == run("item.which", R"({"kind": "directive", "name": "a"})"));
  CHECK(told("`lilux call task.wait --task t1` waits, `lilux why c1` tells") ==
        run("task.wait", R"({"task": "t1"})") + " waits, " + run("ledger.why", R"({"call": "c1"})") + " tells");
  CHECK(told("`lilux undo <call>` puts it back") == run("undo.apply", R"({"call": "<call>"})") + " puts it back");
  CHECK(told("`lilux call item.answer --task t --step 's 1' --output '{\"a\": 1}'`") ==
        run("item.answer", R"({"task": "t", "step": "s 1", "output": {"a": 1}})"));
  CHECK(told("`lilux item update skill review --location team:web` stamps it") ==
        run("item.update", R"({"kind": "skill", "name": "review", "location": "team:web"})") + " stamps it");
  CHECK(told("`lilux item list`", "all") == "item_list {}");
}

TEST_CASE("what only a person does, or is no command, stays as it is") {
  for (const std::string text :
       {"", "change it with item.update", "`lilux policy trust /p`", "`lilux approve c1`", "`lilux up` first",
        "an open `lilux item list", "`ls -l`", "lilux undo <call>, lilux undo --since 10m", "`lilux item nothing`",
        "`lilux call task.wait --tusk t`"})
    CHECK(told(text) == text);
  CHECK(told("`lilux item list`", "fs.*") == "`lilux item list`");
}

}  // namespace
}  // namespace lilux::surface
