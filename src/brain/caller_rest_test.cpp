#include "brain/caller_rest.h"

#include <string>

#include <doctest/doctest.h>

#include "brain/caller.h"

using namespace lilux::brain;
using lilux::base::parse_json;

namespace {

// A script, of which every input may be left out.
ToolSet script(std::string_view name, std::string_view description, std::string_view properties) {
  const auto parsed = parse_json(R"([{"name":")" + std::string(name) + R"(","description":")" +
                                 std::string(description) + R"(","inputSchema":{"type":"object","properties":{)" +
                                 std::string(properties) + R"(},"required":[]}}])");
  REQUIRE(parsed);
  auto set = ToolSet::compile(*parsed);
  REQUIRE(set);
  return *set;
}

Proposal asked(std::string_view text, const ToolSet& tools) {
  return calls_for(text, tools, {.leaves_nothing = true});
}

// The arguments of the only call; "-" where there is none.
std::string given(std::string_view text, const ToolSet& tools) {
  const Proposal made = asked(text, tools);
  return made.calls.size() == 1 ? lilux::base::canonical_text(made.calls.front().arguments) : "-";
}

ToolSet lamp() {
  return script("switch_lamp", "Switches a lamp",
                R"("room":{"type":"string"},"state":{"type":"string","enum":["on","off"]})");
}
ToolSet restart() {
  return script("restart_server", "Restarts a server", R"("server":{"type":"string"})");
}

}  // namespace

TEST_CASE("a value that is said is given to what may be left out") {
  CHECK(given("restart the server wiki", restart()) == R"({"server":"wiki"})");
  CHECK(given("please restart the server", restart()) == "{}");
  CHECK(given("switch the lamp in the cellar off", lamp()) == R"({"room":"cellar","state":"off"})");
  CHECK(given("switch the hall lamp on", lamp()) == R"({"room":"hall","state":"on"})");
  CHECK(given("switch the lamp off", lamp()) == R"({"state":"off"})");
  const ToolSet print =
      script("print_document", "Prints a document", R"("file":{"type":"string"},"copies":{"type":"integer"})");
  CHECK(given("print 3 copies of the document contract.pdf", print) == R"({"copies":3,"file":"contract.pdf"})");
}

TEST_CASE("a value is given as a whole, or to nothing") {
  const ToolSet photos = script("find_photos", "Finds photos", R"("what":{"type":"string"})");
  CHECK(given("find photos of the old bridge", photos) == R"({"what":"old bridge"})");
  const ToolSet shopping = script("add_shopping", "Puts something on the shopping list", R"("what":{"type":"string"})");
  CHECK(given("add milk and eggs to shopping", shopping) == R"({"what":"milk and eggs"})");
  const ToolSet volume = script("set_volume", "Sets the volume", R"("percent":{"type":"integer","maximum":100})");
  CHECK(given("set the volume to 40", volume) == R"({"percent":40})");
  CHECK(given("set the volume to 400", volume) == "-");
}

TEST_CASE("what may be the value of several is asked for by each of them") {
  const ToolSet mail = script("send_mail", "Sends a mail", R"("to":{"type":"string"},"text":{"type":"string"})");
  const Proposal made = asked("send a mail to nina saying I am late", mail);
  CHECK(made.calls.empty());
  CHECK(made.missing == std::vector<std::string>{"to", "text"});
  CHECK(asked("send a mail", mail).calls.size() == 1);
}

TEST_CASE("without being told to, what may be left out is left out") {
  CHECK(calls_for("restart the server wiki", restart()).calls.front().arguments.as_object().empty());
}
