#include "brain/caller_rest.h"

#include <chrono>
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
  const Now now = std::chrono::local_days{std::chrono::year{2026} / 3 / 4} + std::chrono::hours{12};
  return calls_for(text, tools, {.now = now, .leaves_nothing = true});
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

TEST_CASE("all of them is a value, but for what cannot be taken back") {
  CHECK(given("restart all the servers", restart()) == R"({"server":"all"})");
  CHECK(given("switch off both lamps", lamp()) == R"({"room":"both","state":"off"})");
  CHECK(given("switch off all lamps in the cellar", lamp()) == R"({"room":"cellar","state":"off"})");
  const ToolSet remove = script("remove_file", "Removes a file", R"("name":{"type":"string"})");
  CHECK(asked("remove all files", remove).missing == std::vector<std::string>{"name"});
  CHECK(asked("remove every file", remove).missing == std::vector<std::string>{"name"});
  // What only looks tells of all there is anyway.
  const ToolSet todos = script("show_todos", "Shows the open tasks", R"("project":{"type":"string"})");
  CHECK(given("show all todos", todos) == "{}");
  CHECK(given("show the todos of all projects", todos) == R"({"project":"all"})");
}

TEST_CASE("a time is one value, and what stands beside it another") {
  const ToolSet meeting = script("add_appointment", "Puts an appointment in the calendar",
                                 R"("what":{"type":"string"},"when":{"type":"string"})");
  CHECK(given("add the appointment haircut tomorrow at 10", meeting) ==
        R"({"what":"haircut","when":"tomorrow at 10"})");
  CHECK(given("add the appointment dentist on june 5 at 9:15", meeting) ==
        R"({"what":"dentist","when":"june 5 at 9:15"})");
  const ToolSet weather =
      script("show_weather", "Tells the weather forecast", R"("day":{"type":"string"},"place":{"type":"string"})");
  CHECK(given("show the weather for the day after tomorrow", weather) == R"({"day":"day after tomorrow"})");
}

TEST_CASE("a number behind a noun is a name's, and a second place a call's of its own") {
  const ToolSet heating =
      script("set_heating", "Sets the heating", R"("room":{"type":"string"},"degrees":{"type":"integer"})");
  CHECK(given("set the heating in room 12 to 19 degrees", heating) == R"({"degrees":19,"room":"room 12"})");
  CHECK(given("set the heating in studio 3 to 21", heating) == R"({"degrees":21,"room":"studio 3"})");
  CHECK(asked("set the heating in the hall to 20 or 22", heating).missing == std::vector<std::string>{"degrees"});
  const ToolSet weather =
      script("show_weather", "Tells the weather forecast", R"("day":{"type":"string"},"place":{"type":"string"})");
  const Proposal made = asked("show the weather in Rome and Oslo", weather);
  REQUIRE(made.calls.size() == 2);
  CHECK(lilux::base::canonical_text(made.calls[1].arguments) == R"({"place":"Oslo"})");
}

TEST_CASE("of what kind something is says not which") {
  const ToolSet print = script("print_document", "Prints a document", R"("file":{"type":"string"})");
  CHECK(asked("print a pdf", print).missing == std::vector<std::string>{"file"});
  CHECK(given("print the document report", print) == R"({"file":"report"})");
}

TEST_CASE("without being told to, what may be left out is left out") {
  CHECK(calls_for("restart the server wiki", restart()).calls.front().arguments.as_object().empty());
}
