#include "brain/caller_doubt.h"

#include <string>

#include <doctest/doctest.h>

#include "brain/caller.h"
#include "tests/support/tool_set.h"

using namespace lilux::brain;
using lilux::test::compiled;

namespace {

// The amount and who gets it are needed, the currency is not.
ToolSet bank() {
  return compiled(
      R"([{"name":"transfer_money","description":"Transfers money to somebody.","parameters":{"type":"object",
      "properties":{"amount":{"type":"number","description":"How much"},
        "currency":{"type":"string","enum":["EUR","USD","GBP"]},
        "recipient":{"type":"string","description":"Who gets it"}},"required":["amount","recipient"]}}])");
}

ToolSet databases() {
  return compiled(R"([{"name":"delete_database","description":"Deletes a database.","parameters":{"type":"object",
      "properties":{"name":{"type":"string","description":"Name of the database"}},"required":["name"]},
      "annotations":{"destructiveHint":true,"readOnlyHint":false}},
    {"name":"list_databases","description":"Lists the databases.","annotations":{"readOnlyHint":true}}])");
}

ToolSet machines() {
  return compiled(R"([{"name":"wipe_disk","description":"Wipes a disk.","parameters":{"type":"object",
      "properties":{"disk":{"type":"string","description":"The disk to wipe"}},"required":["disk"]},
      "annotations":{"destructiveHint":true}},
    {"name":"revoke_key","description":"Revokes an API key of a user.","parameters":{"type":"object",
      "properties":{"key":{"type":"string","description":"The key"},"user":{"type":"string","description":"Whose key it is"}},
      "required":["key"]},"annotations":{"destructiveHint":true}},
    {"name":"remove_file","description":"Removes a file.","parameters":{"type":"object",
      "properties":{"path":{"type":"string","description":"Path of the file"}},"required":["path"]},
      "annotations":{"destructiveHint":true}},
    {"name":"stop_server","description":"Stops a server.","parameters":{"type":"object",
      "properties":{"server":{"type":"string","description":"Name of the server"}},"required":["server"]},
      "annotations":{"destructiveHint":true}}])");
}

ToolSet home() {
  return compiled(R"([{"name":"set_temperature","description":"Sets the temperature of a room in degrees Celsius.",
      "parameters":{"type":"object","properties":{"room":{"type":"string","enum":["bedroom","kitchen"]},
        "temperature":{"type":"number","minimum":-10,"maximum":30}},"required":["room","temperature"]}},
    {"name":"set_timer","description":"Starts a timer.","parameters":{"type":"object",
      "properties":{"seconds":{"type":"integer","description":"Duration in seconds"}},"required":["seconds"]}},
    {"name":"get_weather","description":"Current weather of a city.","parameters":{"type":"object",
      "properties":{"city":{"type":"string","description":"The city"}},"required":["city"]},
      "annotations":{"readOnlyHint":true}}])");
}

// The arguments of all calls, one behind the other; "-" where there is none.
std::string given(std::string_view text, const ToolSet& tools) {
  std::string all;
  for (const ProposedCall& call : calls_for(text, tools, {}).calls) all += lilux::base::canonical_text(call.arguments);
  return all.empty() ? "-" : all;
}

}  // namespace

TEST_CASE("what destroys is never given its verb, nor words that only describe: it asks") {
  const ToolSet tools = databases();
  for (const char* text : {"Drop the old database", "Drop the production database", "Remove the old database",
                           "delete the big old database", "Erase my other database", "drop that empty database"})
    CHECK_MESSAGE(given(text, tools) == "-", text);
  CHECK(given("Delete the database shop", tools) == R"({"name":"shop"})");
  CHECK(given("Delete the database shop_2", tools) == R"({"name":"shop_2"})");
  const ToolSet more = machines();
  for (const char* text : {"Wipe the old disk", "Remove the big file", "remove the biggest old file"})
    CHECK_MESSAGE(given(text, more) == "-", text);
  CHECK(given("Wipe the disk sdb", more) == R"({"disk":"sdb"})");
  CHECK(given("Remove the file big.txt", more) == R"({"path":"big.txt"})");
}

TEST_CASE("what destroys is not given whose a thing is, nor one of several, nor what is taken back") {
  const ToolSet tools = machines();
  for (const char* text : {"Revoke the key of anna", "Revoke anna's key", "Remove notes.md... just kidding",
                           "Remove notes.md, never mind", "Remove something"})
    CHECK_MESSAGE(given(text, tools) == "-", text);
  CHECK(given("Remove notes.md", tools) == R"({"path":"notes.md"})");
  CHECK(given("Delete the databases a and b", databases()) == "-");
}

TEST_CASE("a tool that stops something is called where a sentence begins with it") {
  const ToolSet tools = machines();
  CHECK(given("Stop the server web-3", tools) == R"({"server":"web-3"})");
  CHECK(given("please stop server db1", tools) == R"({"server":"db1"})");
  for (const char* text : {"Do not stop the server web-3", "stop the server web-3 from crashing",
                           "stop stopping the server web-3", "never stop server db1", "stop removing notes.md"})
    CHECK_MESSAGE(given(text, tools) == "-", text);
}

TEST_CASE("minus and negative in front of a number are its sign") {
  CHECK(given("Set the bedroom to minus 5 degrees", home()) == R"({"room":"bedroom","temperature":-5})");
  CHECK(given("Set the kitchen to negative three degrees", home()) == R"({"room":"kitchen","temperature":-3})");
  CHECK(given("Transfer minus 20 dollars to Tom", bank()) == R"({"amount":-20,"currency":"USD","recipient":"Tom"})");
  const auto found = find_quantities("what is 5 minus 3");
  REQUIRE(found.size() == 2);
  CHECK(found[1].value == 3);
}

TEST_CASE("a choice or a range that is left open is asked for") {
  for (const char* text : {"transfer 20 or 30 dollars to Tom", "transfer 5 to 10 dollars to Tom",
                           "transfer half of 100 dollars to Tom", "transfer a third of 90 euros to Ana",
                           "transfer 20 dollars to Tom or Ana", "transfer 20 dollars to whoever asked"})
    CHECK_MESSAGE(given(text, bank()) == "-", text);
  for (const char* text :
       {"Set the bedroom to 20 or 21 degrees", "timer for 5 to 10 minutes", "timer for 5-10 minutes"})
    CHECK_MESSAGE(given(text, home()) == "-", text);
  CHECK(given("transfer 20 dollars to Ana and 30 dollars to Tom", bank()) ==
        R"({"amount":20,"currency":"USD","recipient":"Ana"}{"amount":30,"currency":"USD","recipient":"Tom"})");
  CHECK(given("timer for 10 minutes", home()) == R"({"seconds":600})");
}

TEST_CASE("what is denied is no value") {
  CHECK(given("weather in Paris, not London", home()) == R"({"city":"Paris"})");
  CHECK(given("weather in Paris, not in London", home()) == R"({"city":"Paris"})");
  CHECK(given("weather in Paris rather than London", home()) == R"({"city":"Paris"})");
  CHECK(given("set the bedroom not to 20 but to 18 degrees", home()) == R"({"room":"bedroom","temperature":18})");
  CHECK(given("weather in Rome and Paris", home()) == R"({"city":"Rome"}{"city":"Paris"})");
}

TEST_CASE("currencies are chosen by their names and signs, and others are asked for") {
  CHECK(given("Transfer 50 euros to Maria", bank()) == R"({"amount":50,"currency":"EUR","recipient":"Maria"})");
  CHECK(given("Transfer $75 to Tom", bank()) == R"({"amount":75,"currency":"USD","recipient":"Tom"})");
  CHECK(given("transfer \u00a320 to Ana", bank()) == R"({"amount":20,"currency":"GBP","recipient":"Ana"})");
  CHECK(given("transfer 20 pounds to Ana", bank()) == R"({"amount":20,"currency":"GBP","recipient":"Ana"})");
  for (const char* text : {"Transfer 50 yen to Maria", "Transfer 50 bitcoins to Maria", "transfer \u00a550 to Maria"})
    CHECK_MESSAGE(given(text, bank()) == "-", text);
  CHECK(given("Transfer 50 yen to the euro account", bank()) == "-");
  const ToolSet change = compiled(R"([{"name":"convert_currency","description":"Converts an amount","parameters":{
      "type":"object","properties":{"amount":{"type":"number"},"from":{"type":"string","enum":["USD","EUR","GBP"]},
        "to":{"type":"string","enum":["USD","EUR","GBP"]}},"required":["amount","from","to"]}}])");
  CHECK(given("convert 50 euros to dollars", change) == R"({"amount":50,"from":"EUR","to":"USD"})");
  CHECK(given("convert 30 yen to euros", change) == "-");
  CHECK(given("transfer 20 to Tom", bank()) == R"({"amount":20,"recipient":"Tom"})");
}

TEST_CASE("what is to be told is all that stands behind that or a colon, and an address needs no scheme") {
  const ToolSet tools = compiled(R"([{"name":"send_email","description":"Sends an email.","parameters":{"type":"object",
      "properties":{"to":{"type":"string","format":"email"},"body":{"type":"string","description":"The text"}},
      "required":["to","body"]}},
    {"name":"open_page","description":"Opens a page in the browser.","parameters":{"type":"object",
      "properties":{"url":{"type":"string","format":"uri"}},"required":["url"]}}])");
  CHECK(given("Email anna@example.org that I will be late", tools) ==
        R"({"body":"I will be late","to":"anna@example.org"})");
  CHECK(given("Open example.org/docs", tools) == R"({"url":"https://example.org/docs"})");
}
