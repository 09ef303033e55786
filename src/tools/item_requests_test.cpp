#include "tools/item_requests.h"

#include <doctest/doctest.h>

#include "tests/support/tool_set.h"

using namespace lilux::tools;
using lilux::brain::ToolSet;

namespace {

ToolSet own() {
  return lilux::test::compiled(R"([
    {"name":"restart_server","description":"Restarts a server","inputSchema":{"type":"object","properties":{"server":{"type":"string"}}}},
    {"name":"lock_door","description":"Locks a door","inputSchema":{"type":"object","properties":{"door":{"type":"string"}}}},
    {"name":"switch_light","description":"Switches a light","inputSchema":{"type":"object","properties":
      {"room":{"type":"string"},"state":{"type":"string","enum":["on","off"]}}}},
    {"name":"write_note","description":"Writes a note","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}])");
}

std::string lost(std::string_view text, std::string name, std::string_view arguments) {
  const auto given = lilux::base::parse_json(arguments);
  REQUIRE(given);
  return not_carried(text, own(), {{.name = std::move(name), .arguments = *given}});
}

}  // namespace

TEST_CASE("what an own item begins with begins a request") {
  using Parts = std::vector<std::string_view>;
  CHECK(requests_in("restart the server wiki and lock the garage door", own()) ==
        Parts{"restart the server wiki", "lock the garage door"});
  CHECK(requests_in("lock the door, then switch the light off", own()).size() == 2);
  CHECK(requests_in("switch the kitchen and hall light off", own()).size() == 1);
}

TEST_CASE("what is written or to be done later is no request") {
  CHECK(requests_in("write a note: restart the wiki and lock the door", own()).size() == 1);
  CHECK(requests_in("write a note saying restart it and lock the door", own()).size() == 1);
  CHECK(requests_in("write a note to restart the wiki and lock the door", own()).size() == 1);
  CHECK(requests_in("lock the door and write a note: restart it and lock it", own()).size() == 2);
}

TEST_CASE("what no argument carries is told") {
  CHECK(lost("lock the garage door and mow the lawn", "lock_door", R"({"door":"garage"})") == "mow the lawn");
  CHECK(lost("restart the server wiki and the server mail2", "restart_server",
             R"({"server":"wiki and the server mail2"})") == "the server mail2");
  CHECK(lost("please lock the garage door, thanks", "lock_door", R"({"door":"garage"})") == "");
  CHECK(lost("switch the kitchen and hall light off", "switch_light", R"({"room":"kitchen and hall","state":"off"})") ==
        "");
  CHECK(lost("write a note: milk and eggs", "write_note", R"({"text":"milk and eggs"})") == "");
}
