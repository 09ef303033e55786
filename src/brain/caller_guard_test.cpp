#include "brain/caller_guard.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "brain/caller.h"
#include "tests/support/tool_set.h"

using namespace lilux::brain;
using lilux::test::compiled;

namespace {

Effect effect_of(const std::string& name, const std::string& annotations) {
  const std::string hints = annotations.empty() ? "" : R"(,"annotations":)" + annotations;
  return compiled(R"([{"name":")" + name + "\"" + hints + "}]").tools().front().effect;
}

// One tool without any hint, whose act stands in the sentence before what it is done to.
struct Act {
  const char* tools;
  const char* verb;
  const char* past;
  const char* rest;
};
constexpr std::array<Act, 4> kActs{{
    {R"([{"name":"delete_file","description":"Delete a file permanently","parameters":{"type":"object",
    "properties":{"path":{"type":"string","description":"Path of the file"}},"required":["path"]}}])",
     "delete", "deleted", " /tmp/a.txt"},
    {R"([{"name":"transfer_money","description":"Transfer money to an account","parameters":{"type":"object","properties":{
    "amount":{"type":"number","description":"Amount in EUR"},"iban":{"type":"string","description":"IBAN of the recipient"}},
    "required":["amount","iban"]}}])",
     "transfer", "transferred", " 50 euros to DE89370400440532013000"},
    {R"([{"name":"send_message","description":"Send a message to a person","parameters":{"type":"object","properties":{
    "to":{"type":"string","description":"Name of the person"}},"required":["to"]}}])",
     "send", "sent", " a message to Ana"},
    {R"([{"name":"book_flight","description":"Book a flight","parameters":{"type":"object","properties":{
    "destination":{"type":"string","description":"Where to"}},"required":["destination"]}}])",
     "book", "booked", " a flight to Oslo"},
}};

}  // namespace

TEST_CASE("what a tool does is told by its hints, and by its verb where there are none") {
  CHECK(effect_of("get_weather", "") == Effect::looks);
  CHECK(effect_of("delete_file", "") == Effect::destructive);
  CHECK(effect_of("file.delete", "") == Effect::destructive);
  CHECK(effect_of("file_delete", "") == Effect::destructive);
  CHECK(effect_of("send_message", "") == Effect::changes);
  CHECK(effect_of("delete_file", R"({"readOnlyHint":true})") == Effect::looks);
  CHECK(effect_of("delete_file", R"({"destructiveHint":false})") == Effect::changes);
  CHECK(effect_of("get_weather", R"({"destructiveHint":true})") == Effect::destructive);
  CHECK(effect_of("get_weather", R"({"readOnlyHint":false})") == Effect::destructive);
  CHECK(effect_of("propertyTransferredToBuilder", "") == Effect::changes);
}

TEST_CASE("what is denied, told of or asked about calls no tool that changes something, hints or none") {
  for (const Act& act : kActs) {
    const ToolSet tools = compiled(act.tools);
    const std::string verb = act.verb;
    const std::string past = act.past;
    CHECK_MESSAGE(calls_for(verb + act.rest, tools).calls.size() == 1, verb);
    for (const std::string& text :
         {"do not " + verb + act.rest, "don't " + verb + act.rest, "never " + verb + act.rest,
          "please do not ever " + verb + act.rest, "you must not " + verb + act.rest, "he " + past + act.rest,
          "Tom " + past + act.rest, "I " + past + act.rest + " yesterday", "what happens if I " + verb + act.rest,
          "should I " + verb + act.rest + "?"})
      CHECK_MESSAGE(calls_for(text, tools).calls.empty(), text);
  }
}

TEST_CASE("a tool that only looks is called for questions, and not where that is denied") {
  const ToolSet weather = compiled(R"([{"name":"get_weather","description":"Get the weather of a city","parameters":{
    "type":"object","properties":{"city":{"type":"string","description":"The name of the city"}},"required":["city"]}}])");
  CHECK(calls_for("How can I get the weather in Paris?", weather).calls.size() == 1);
  CHECK(calls_for("do not get the weather in Paris", weather).calls.empty());
}

TEST_CASE("what cannot be taken back is called where a part of the sentence begins with it, and nowhere else") {
  const ToolSet file = compiled(kActs[0].tools);
  for (const std::string text : {"delete /tmp/a.txt", "please remove /tmp/a.txt", "could you erase /tmp/a.txt for me",
                                 "I want to delete /tmp/a.txt", "go ahead and delete the file /tmp/a.txt"})
    CHECK_MESSAGE(calls_for(text, file).calls.size() == 1, text);
  for (const std::string text : {"restore the deleted file /tmp/a.txt", "back up /tmp/a.txt before anyone deletes it",
                                 "refrain from deleting /tmp/a.txt", "make sure nobody deletes /tmp/a.txt",
                                 "protect /tmp/a.txt from being deleted", "simulate deleting /tmp/a.txt",
                                 "block anyone trying to delete /tmp/a.txt", "deleting /tmp/a.txt failed",
                                 "the removal of /tmp/a.txt worked", "somebody deletes /tmp/a.txt every night"})
    CHECK_MESSAGE(calls_for(text, file).calls.empty(), text);
  const ToolSet table =
      compiled(R"([{"name":"drop_table","description":"Drops a table","annotations":{"destructiveHint":true},
    "parameters":{"type":"object","properties":{"table":{"type":"string","description":"Name of the table"}},
    "required":["table"]}}])");
  CHECK(calls_for("drop the table users", table).calls.size() == 1);
  for (const std::string text : {"nobody may drop the table users", "recover the table users that was dropped",
                                 "simulate dropping the table users", "is the table users dropped"})
    CHECK_MESSAGE(calls_for(text, table).calls.empty(), text);
}

TEST_CASE("what is switched off is not on") {
  const auto switched = [](const std::string& text, const std::string& tool, const std::string& name) {
    const ToolSet tools = compiled(R"([{"name":")" + tool + R"(","parameters":{"type":"object","properties":{"room":
      {"type":"string","description":"Name of the room"},")" +
                                   name + R"(":{"type":"boolean","description":"Whether it is )" + name +
                                   R"("}},"required":["room",")" + name + R"("]}}])");
    const Proposal made = calls_for(text, tools);
    if (made.calls.empty()) return std::string("none");
    return lilux::base::to_text(*made.calls.front().arguments.find(name));
  };
  CHECK(switched("turn the light in the kitchen off", "set_light", "on") == "false");
  CHECK(switched("turn on the light in the kitchen", "set_light", "on") == "true");
  CHECK(switched("disable the light in the kitchen", "set_light", "enabled") == "false");
  CHECK(switched("enable the light in the kitchen", "set_light", "enabled") == "true");
  CHECK(switched("unlock the door of the kitchen", "set_door", "locked") == "false");
  CHECK(switched("lock the door of the kitchen", "set_door", "locked") == "true");
  CHECK(switched("disarm the alarm of the kitchen", "set_alarm", "armed") == "false");
}

TEST_CASE("what a person has made is asked for by a request that begins with its act") {
  const ToolSet tools = compiled(R"([{"name":"print_document","description":"Prints a document"}])");
  const auto is_held = [&](std::string_view text) {
    lilux::search::Words words;
    return !held_back_from_own(read(text, {}, words), tools.tools().front()).empty();
  };
  CHECK_FALSE(is_held("print the document contract.pdf"));
  CHECK_FALSE(is_held("please print 'see you soon'"));
  CHECK(is_held("do not print the document"));
  CHECK(is_held("print nothing and never print the document"));
  CHECK(is_held("how do I print a document"));
  CHECK(is_held("the document that was printed yesterday"));
  CHECK(is_held("he said print the document"));
}
