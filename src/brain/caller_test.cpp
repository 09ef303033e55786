#include "brain/caller.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "brain/caller_guard.h"
#include "brain/caller_measure.h"
#include "brain/retrieve.h"
#include "sys/file.h"
#include "tests/support/tool_set.h"

using namespace lilux::brain;
using lilux::base::Json;
using lilux::base::parse_json;
using lilux::test::compiled;

namespace {

const char* const kWeather = R"([{"name":"get_weather","description":"Get the current weather of a city",
  "parameters":{"type":"object","properties":{"city":{"type":"string","description":"The name of the city"},
  "unit":{"type":"string","enum":["celsius","fahrenheit"],"description":"Unit of temperature"}},"required":["city"]}},
  {"name":"convert_currency","description":"Convert an amount of money from one currency to another",
  "parameters":{"type":"object","properties":{"amount":{"type":"number","description":"The amount to convert"},
  "from_currency":{"type":"string","description":"The currency to convert from"},
  "to_currency":{"type":"string","description":"The currency to convert to"}},"required":["amount","from_currency","to_currency"]}}])";

const char* const kFiles =
    R"([{"type":"function","function":{"name":"read_file","description":"Read the contents of a file",
  "parameters":{"type":"object","properties":{"path":{"type":"string","description":"Path of the file to read"}},"required":["path"]}}},
  {"name":"delete_file","description":"Delete a file from the disk","annotations":{"destructiveHint":true},
  "inputSchema":{"type":"object","properties":{"path":{"type":"string","description":"Path of the file to delete"}},"required":["path"]}}])";

std::string called(const Proposal& decision) {
  std::string text;
  for (const ProposedCall& call : decision.calls)
    text += (text.empty() ? "" : "; ") + call.name + lilux::base::canonical_text(call.arguments);
  return text;
}

}  // namespace

TEST_CASE("a tool is chosen and its arguments are filled from its schema alone") {
  const ToolSet weather = compiled(kWeather);
  CHECK(called(calls_for("What is the weather in Paris?", weather)) == R"(get_weather{"city":"Paris"})");
  CHECK(called(calls_for("Convert 250 dollars to euros", weather)) ==
        R"(convert_currency{"amount":250,"from_currency":"dollars","to_currency":"euros"})");
  const ToolSet files = compiled(kFiles);
  CHECK(called(calls_for("Read the file /etc/hosts", files)) == R"(read_file{"path":"/etc/hosts"})");
}

TEST_CASE("a request that no tool serves gets no call") {
  const ToolSet weather = compiled(kWeather);
  for (const char* text :
       {"Who wrote Hamlet?", "Play some jazz", "Translate this into Latin", "", "?!", "\x01\xff\xfe"})
    CHECK_MESSAGE(calls_for(text, weather).calls.empty(), text);
  CHECK(calls_for("anything", compiled("[]")).calls.empty());
}

TEST_CASE("what is required and not said is asked for and not made up") {
  const Proposal decision = calls_for("Convert currency", compiled(kWeather));
  CHECK(decision.calls.empty());
  CHECK(decision.tool == "convert_currency");
  CHECK_FALSE(decision.missing.empty());
}

TEST_CASE("what is required and has no property of its own is asked for") {
  for (const char* properties :
       {R"("properties":{"city":{"type":"string","description":"The name of the city"}},)", ""}) {
    const ToolSet tools = compiled(R"([{"name":"get_weather","description":"Get the current weather of a city",
      "parameters":{"type":"object",)" +
                                   std::string(properties) + R"("required":["key"]}}])");
    const Proposal decision = calls_for("What is the weather in Paris?", tools);
    CHECK(decision.calls.empty());
    CHECK(decision.missing == std::vector<std::string>{"key"});
  }
}

TEST_CASE("the same sentence and tools give the same decision") {
  const ToolSet weather = compiled(kWeather);
  const Proposal one = calls_for("weather of Oslo and Rome in celsius", weather);
  const Proposal two = calls_for("weather of Oslo and Rome in celsius", weather);
  CHECK(called(one) == called(two));
  CHECK(one.confidence == two.confidence);
}

TEST_CASE("tools without a name and lists that are none are refused") {
  for (const char* bad : {"{}", "3", "[3]", "[{}]", "[{\"description\":\"x\"}]"}) {
    const auto refused = ToolSet::compile(*parse_json(bad));
    REQUIRE_MESSAGE(!refused, bad);
    CHECK(!refused.error().message.empty());
  }
}

TEST_CASE("sentences that only name a tool whose effect cannot be taken back do not call it") {
  const ToolSet files = compiled(kFiles);
  const char* const frames[] = {"don't delete %",
                                "do not delete the file %",
                                "never delete %",
                                "please don't ever delete the file %",
                                "you must not delete %",
                                "I would rather not delete %",
                                "read % without deleting the file",
                                "avoid deleting the file %",
                                "keep the file %, delete nothing",
                                "how do I delete the file %?",
                                "how can the file % be deleted?",
                                "what happens if I delete the file %?",
                                "what does delete file % do?",
                                "should I delete the file %?",
                                "can I delete the file % safely?",
                                "is it safe to delete the file %?",
                                "why would anyone delete the file %?",
                                "who deleted the file %?",
                                "when was the file % deleted?",
                                "did you delete the file %?",
                                "he said \"delete the file %\"",
                                "translate 'delete the file %' into French",
                                "explain the command \"delete file %\"",
                                "write a note called 'delete the file %'",
                                "tell me about deleting the file %"};
  for (const char* frame : frames) {
    for (const char* path : {"/tmp/a.txt", "~/notes.md", "report.pdf", "/home/me/photos"}) {
      std::string text = frame;
      text.replace(text.find('%'), 1, path);
      const std::string made = called(calls_for(text, files));
      CHECK_MESSAGE(made.find("delete_file") == std::string::npos, text);
    }
  }
}

TEST_CASE("several values are several calls, and what belongs together stays one") {
  const ToolSet weather = compiled(kWeather);
  CHECK(called(calls_for("What is the weather in Paris, Oslo and Rome?", weather)) ==
        R"(get_weather{"city":"Paris"}; get_weather{"city":"Oslo"}; get_weather{"city":"Rome"})");
  CHECK(called(calls_for("Convert 250 dollars to euros and 30 pounds to francs", weather)) ==
        R"(convert_currency{"amount":250,"from_currency":"dollars","to_currency":"euros"}; )"
        R"(convert_currency{"amount":30,"from_currency":"pounds","to_currency":"francs"})");
  CHECK(calls_for("What is the weather in Lyon, France?", weather).calls.size() == 1);
}

TEST_CASE("a value that the description has as its example stands in lists with others") {
  const ToolSet weather = compiled(R"([{"name":"get_weather","description":"Get the weather of a city","parameters":{
    "type":"object","properties":{"city":{"type":"string","description":"City name, e.g. Paris"}},"required":["city"]}}])");
  for (const char* text : {"weather in Rome, Paris and Oslo", "get the weather of Rome, Paris, and Oslo"})
    CHECK_MESSAGE(called(calls_for(text, weather)) ==
                      R"(get_weather{"city":"Rome"}; get_weather{"city":"Paris"}; get_weather{"city":"Oslo"})",
                  text);
}

TEST_CASE("what a part takes from one before it holds against its own schema") {
  const ToolSet towns = compiled(
      R"([{"name":"get_weather","description":"Get the current weather of a city","parameters":{"type":"object",
    "properties":{"city":{"type":"integer","description":"The number of the city"}},"required":["city"]}},
    {"name":"find_hotels","description":"Find hotels in a city","parameters":{"type":"object",
    "properties":{"city":{"type":"integer","description":"The number of the city","maximum":4}},"required":["city"]}}])");
  CHECK(called(calls_for("Get the weather of city 3 and then find hotels", towns)) ==
        R"(get_weather{"city":3}; find_hotels{"city":3})");
  CHECK(called(calls_for("Get the weather of city 5 and then find hotels", towns)).find("find_hotels") ==
        std::string::npos);
}

TEST_CASE("what a part calls it is what the call before it is about") {
  const ToolSet files = compiled(R"([{"name":"read_file","description":"Read a file","parameters":{"type":"object",
    "properties":{"path":{"type":"string","description":"Path"}},"required":["path"]}},
    {"name":"move_file","description":"Move or rename a file","parameters":{"type":"object","properties":{
    "source":{"type":"string","description":"Source path"},"destination":{"type":"string","description":"Destination path"}},
    "required":["source","destination"]}}])");
  CHECK(called(calls_for("read /tmp/a.txt and then move it to /tmp/c.txt", files)) ==
        R"(read_file{"path":"/tmp/a.txt"}; move_file{"destination":"/tmp/c.txt","source":"/tmp/a.txt"})");
}

TEST_CASE("no half of a request is made where the other half lacks something") {
  const ToolSet shop = compiled(R"([{"name":"find_customer","description":"Find a customer by name","parameters":{
    "type":"object","properties":{"name":{"type":"string","description":"Customer name"}},"required":["name"]}},
    {"name":"get_orders","description":"Get orders of a customer","parameters":{"type":"object","properties":{
    "customer_id":{"type":"string","description":"Customer id"}},"required":["customer_id"]}}])");
  const Proposal made = calls_for("find the customer named Ana Lopez and get her orders", shop);
  CHECK(made.calls.empty());
  CHECK(made.tool == "get_orders");
  CHECK(made.missing == std::vector<std::string>{"customer_id"});
}

TEST_CASE("what only an earlier call can tell is asked for and not made up") {
  const ToolSet flights = compiled(R"([{"name":"find_flight","description":"Find flights to a city",
    "parameters":{"type":"object","properties":{"city":{"type":"string","description":"destination city"}},"required":["city"]}},
    {"name":"book_flight","description":"Book a flight",
    "parameters":{"type":"object","properties":{"flight_id":{"type":"string","description":"id of the flight"}},"required":["flight_id"]}}])");
  const Proposal booked = calls_for("find the cheapest flight to Rome, then book it", flights);
  CHECK(called(booked) == "");
  CHECK(booked.tool == "book_flight");
  CHECK(booked.missing == std::vector<std::string>{"flight_id"});
  CHECK(called(calls_for("find a flight to Rome, then book the flight AZ204", flights)) ==
        R"(find_flight{"city":"Rome"}; book_flight{"flight_id":"AZ204"})");
  const ToolSet words = compiled(R"([{"name":"translate","description":"Translate a text",
    "parameters":{"type":"object","properties":{"text":{"type":"string","description":"the text"},
    "language":{"type":"string","description":"target language"}},"required":["text","language"]}},
    {"name":"send_message","description":"Send a message to somebody",
    "parameters":{"type":"object","properties":{"to":{"type":"string","description":"recipient"},
    "text":{"type":"string","description":"text of the message"}},"required":["to","text"]}}])");
  const Proposal sent = calls_for("translate 'good morning' to French and send the result to nina", words);
  CHECK(called(sent) == "");
  CHECK(sent.missing == std::vector<std::string>{"text"});
}

TEST_CASE("what is asked about a thing is no part of its name") {
  const ToolSet ping = compiled(R"([{"name":"ping_host","description":"Ping a host to see if it is reachable",
    "parameters":{"type":"object","properties":{"host":{"type":"string","description":"host name"}},"required":["host"]}}])");
  CHECK(called(calls_for("Is the host db01 reachable?", ping)) == R"(ping_host{"host":"db01"})");
}

TEST_CASE("a part takes from one before it what it lacks, where that is of its type") {
  const auto towns = [](const char* type) {
    std::string text =
        R"([{"name":"get_weather","description":"Get the current weather of a city","parameters":{"type":"object",
    "properties":{"city":{"type":"integer","description":"The number of the city"}},"required":["city"]}},
    {"name":"find_hotels","description":"Find hotels in a city","parameters":{"type":"object",
    "properties":{"city":{"type":"%","description":"The number of the city"}},"required":["city"]}}])";
    return compiled(text.replace(text.find('%'), 1, type));
  };
  const char* const text = "Get the weather of city 5 and then find hotels";
  for (const char* type : {"integer", "number"})
    CHECK(called(calls_for(text, towns(type))) == R"(get_weather{"city":5}; find_hotels{"city":5})");
  for (const char* type : {"boolean", "array", "object", "string"}) {
    const std::string made = called(calls_for(text, towns(type)));
    CHECK_MESSAGE(made.find(R"(find_hotels{"city":5})") == std::string::npos, type << ": " << made);
  }
  const Proposal made = calls_for(
      "Get the weather in Paris. Find hotels.",
      compiled(
          R"([{"name":"get_weather","description":"Get the current weather of a city","parameters":{"type":"object",
    "properties":{"city":{"type":"string","description":"The name of the city"}},"required":["city"]}},
    {"name":"find_hotels","description":"Find hotels in a city","parameters":{"type":"object",
    "properties":{"city":{"type":"integer","description":"The number of the city"}},"required":["city"]}}])"));
  CHECK(made.calls.empty());
  CHECK(made.missing == std::vector<std::string>{"city"});
}

TEST_CASE("of tools that serve a request alike the best is called, but none whose effect cannot be taken back") {
  const auto twins = [](const char* hint) {
    std::string text =
        R"([{"name":"read_file","description":"Read a file","annotations":{%},"inputSchema":{"type":"object",
    "properties":{"path":{"type":"string","description":"Path of the file"}},"required":["path"]}},
    {"name":"file_read","description":"Read a file","annotations":{%},"inputSchema":{"type":"object",
    "properties":{"path":{"type":"string","description":"Path of the file"}},"required":["path"]}}])";
    while (text.find('%') != std::string::npos) text.replace(text.find('%'), 1, hint);
    return compiled(text);
  };
  const Proposal made = calls_for("Read the file /etc/hosts", twins(""));
  CHECK(made.calls.size() == 1);
  CHECK(made.confidence < kCallFrom);
  CHECK(made.confidence >= kCallFrom / 2);
  CHECK(calls_for("Read the file /etc/hosts", twins(R"("destructiveHint":true)")).calls.empty());
}

TEST_CASE("what has to be chosen is asked for where the sentence says nothing of it") {
  const ToolSet deploy = compiled(R"([{"name":"deploy_site","description":"Puts the web site online",
    "inputSchema":{"type":"object","properties":{"env":{"type":"string","enum":["test","live"]}},"required":["env"]}}])");
  CHECK(called(calls_for("deploy the site to live", deploy)) == R"(deploy_site{"env":"live"})");
  const Proposal made = calls_for("deploy the site", deploy);
  CHECK(made.calls.empty());
  CHECK(made.missing == std::vector<std::string>{"env"});
}

TEST_CASE("a sentence is about a tool by two of its words, or by all it says") {
  const ToolSet notes = compiled(R"([{"name":"memory.clear","description":"Remove notes"}])");
  const auto is_so = [&](const char* text) {
    lilux::search::Words words;
    return is_about(read(text, {}, words), notes.tools().front());
  };
  CHECK(is_so("delete all notes about Rome"));
  CHECK(is_so("clear the memory"));
  CHECK(is_so("remove it"));
  CHECK_FALSE(is_so("remove everything from src"));
  CHECK_FALSE(is_so("good morning"));
}

TEST_CASE("among thousands of tools the one that is meant is found, by words and by what they mean") {
  lilux::base::JsonArray tools = parse_json(kWeather)->as_array();
  tools.push_back(*parse_json(R"({"name":"paperTool","description":"Academic research papers and citations"})"));
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    tools.push_back(lilux::base::JsonObject{{"name", "device" + number},
                                            {"description", "Set the valve " + number + " of the plant"}});
  }
  const auto set = ToolSet::compile(tools);
  REQUIRE(set);
  const Retriever retriever(*set);
  const auto among = [&](const char* text) { return calls_for(text, *set, {.retriever = &retriever}); };
  CHECK(called(among("What is the weather in Paris?")) == R"(get_weather{"city":"Paris"})");
  CHECK(called(among("set the valve 2718 of the plant")) == "device2718{}");
  CHECK(among("scholarly articles about bees").tool == "paperTool");
  CHECK(calls_for("scholarly articles about bees", *set).tool != "paperTool");
  CHECK(among("I love you").calls.empty());
}

TEST_CASE("words are towns only where their letters say so") {
  const ToolSet places = compiled(R"([{"name":"find_restaurants","description":"Find restaurants in a city",
    "parameters":{"type":"object","properties":{"city":{"type":"string",
    "description":"The city with its state or country, e.g. San Francisco, CA"}},"required":["city"]}}])");
  CHECK(called(calls_for("Find restaurants in Nice", places)) == R"(find_restaurants{"city":"Nice, France"})");
  CHECK(called(calls_for("find restaurants in boston", places)) == R"(find_restaurants{"city":"Boston, MA"})");
  for (const char* text : {"Find a nice restaurant", "find a nice restaurant", "Nice restaurants please",
                           "find restaurants at the bend", "Find a restaurant for Mary with a mountain view",
                           "Ask Anna and find a nice restaurant", "Find the restaurants of Mary in boston"}) {
    const std::string made = called(calls_for(text, places));
    CHECK_MESSAGE(made.find(", ") == std::string::npos, text << ": " << made);
  }
}

TEST_CASE("a request in quotes is read, and calls nothing that cannot be taken back") {
  CHECK(called(calls_for("\"What is the weather in Paris?\"", compiled(kWeather))) == R"(get_weather{"city":"Paris"})");
  CHECK(calls_for("\"delete the file /tmp/a.txt\"", compiled(kFiles)).calls.empty());
}

TEST_CASE("objects in lists are filled member by member") {
  const ToolSet edits =
      compiled(R"([{"name":"edit_file","description":"Replace text in a file","inputSchema":{"type":"object",
    "properties":{"path":{"type":"string"},"edits":{"type":"array","items":{"type":"object","properties":{
    "oldText":{"type":"string","description":"Text to look for"},"newText":{"type":"string","description":"Text to put there"}},
    "required":["oldText","newText"]}}},"required":["path","edits"]}}])");
  CHECK(called(calls_for("Replace 'red' with 'blue' in colors.txt", edits)) ==
        R"(edit_file{"edits":[{"newText":"blue","oldText":"red"}],"path":"colors.txt"})");
}

namespace {

struct Shares {
  double calls = 0;
  double left = 0;
};

// Of a file of cases, the shares of right calls and of rightly no call; 1 where there is none to make.
Shares measured(const std::string& path) {
  const auto text = lilux::sys::read_file(path, std::size_t{1} << 26);
  REQUIRE_MESSAGE(text, path);
  const auto cases = parse_cases(*text, path);
  REQUIRE(cases);
  const auto predicted = predict(*cases, {});
  REQUIRE(predicted);
  const auto measures = measure(*cases, *predicted);
  REQUIRE(measures);
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
  };
  return {share(measures->calls, measures->to_call), share(measures->left, measures->to_leave)};
}

}  // namespace

// The first of the files of a server of files and the requests were there to mend by, the second to measure alone.
TEST_CASE("requests to a server of files and requests of every day are called as right as they were") {
  const std::string folder = std::string(LILUX_BRAIN_TEST_DATA) + "/calls/";
  CHECK(measured(folder + "filesystem.mend.jsonl").calls >= 0.80);
  CHECK(measured(folder + "filesystem.measure.jsonl").calls >= 0.70);
  CHECK(measured(folder + "requests.jsonl").calls >= 0.75);
  CHECK(measured(folder + "requests.jsonl").left == 1);
}

// Of the choices none is said and none of its own words stands in the closed table; 28 of 100 without the thesaurus.
TEST_CASE("choices are met by what the thesaurus knows them by, and by nothing else") {
  const Shares shares = measured(std::string(LILUX_BRAIN_TEST_DATA) + "/calls/choices.jsonl");
  CHECK(shares.calls >= 0.85);
  CHECK(shares.left == 1);
}

// Floors a little under what was reached; the sets were learned from too, so they tell that nothing broke and not how
// good it is on others. docs/brain-calls.md has figures of sets that were not learned from.
TEST_CASE("calls on the cases of others are as right as they were") {
  const char* data = std::getenv("LILUX_TEST_DATA");
  if (data == nullptr) return;
  struct Floor {
    const char* file;
    double calls;
    double left;
  };
  for (const Floor& floor :
       {Floor{"free/bfcl_simple_python.jsonl", 0.60, 0}, Floor{"free/bfcl_multiple.jsonl", 0.62, 0},
        Floor{"free/bfcl_irrelevance.jsonl", 0, 0.85}, Floor{"measure-only/mcptb_browser.jsonl", 0.20, 0}}) {
    const Shares shares = measured(std::string(data) + "/" + floor.file);
    CHECK_MESSAGE(shares.calls >= floor.calls, floor.file);
    CHECK_MESSAGE(shares.left >= floor.left, floor.file);
  }
}
