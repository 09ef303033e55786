#include "brain/retrieve.h"

#include <doctest/doctest.h>

#include "brain/retrieve_cases.h"

using namespace lilux::brain;

namespace {

ToolSet pool() {
  auto tools = parse_pool(
      R"({"WeatherTool":"Tells the weather of a place","currency_convert":"Converts money into another currency",
    "sendMail":"Sends an e-mail message","PhotoEdit":"Edits pictures with filters"})",
      "pool.json");
  REQUIRE(tools);
  auto set = ToolSet::compile(*tools);
  REQUIRE(set);
  return *set;
}

std::string first(const ToolSet& tools, std::string_view text) {
  const auto ranked = Retriever(tools).rank(text, 5);
  return ranked.empty() ? "-" : tools.tools()[ranked.front().tool].name;
}

}  // namespace

TEST_CASE("tools are found by the parts of their names and the words of their descriptions") {
  const ToolSet tools = pool();
  CHECK(first(tools, "what's the weather in Rome?") == "WeatherTool");
  CHECK(first(tools, "converting dollars to other currencies") == "currency_convert");
  CHECK(first(tools, "mail this to Bob") == "sendMail");
  CHECK(first(tools, "put a filter on my photos") == "PhotoEdit");
  CHECK(first(tools, "zzz") == "-");
  CHECK(first(tools, "") == "-");
}

TEST_CASE("tools are found by what they mean where no word is shared") {
  const auto tools = parse_pool(
      R"({"tripTool":"Travel planning, accommodation and transportation","financeTool":"The latest financial updates",
    "petTool":"Advice on keeping animals"})",
      "pool.json");
  const auto set = ToolSet::compile(*tools);
  REQUIRE(set);
  const Meanings none(MeaningTable{.dimensions = 2, .unknown_rarity = 6});
  CHECK(Retriever(*set, none).rank("transportation", 3).front().tool == 0);
  for (const auto& [asked, tool] : {std::pair("which ferry goes to Dover", 0U),
                                    std::pair("what did my shares earn", 1U), std::pair("my puppy is sick", 2U)}) {
    CHECK(Retriever(*set, none).rank(asked, 3).empty());
    const auto ranked = Retriever(*set).rank(asked, 3);
    REQUIRE_FALSE(ranked.empty());
    CHECK(ranked.front().tool == tool);
  }
}

TEST_CASE("the same pool ranks the same") {
  const ToolSet tools = pool();
  const Retriever left(tools);
  const Retriever right(tools);
  const auto one = left.rank("edit the message of a place", 9);
  const auto two = right.rank("edit the message of a place", 9);
  REQUIRE(one.size() == two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].tool == two[i].tool);
    CHECK(one[i].score == two[i].score);
  }
}

TEST_CASE("queries that ask for nothing that can be read are refused with their line") {
  for (const char* bad : {"", "{}", "{\"query\":{}}", "{\"query\":\"a\"}\n{\"query\":[]}"})
    CHECK_FALSE(parse_queries(bad, "q"));
  CHECK(parse_queries("{\"query\":\"a\"}\n{\"query\":[]}", "q").error().message.starts_with("q:2: \"query\" is "));
  CHECK(parse_queries("{\"query\":\"\"}", "q"));
}

TEST_CASE("a ranking is measured by what the queries say is right") {
  const auto queries = parse_queries(
      "{\"query\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"answers\":[{\"name\":\"y\"},{\"name\":\"z\"}]}\n{\"query\":"
      "\"c\"}\n",
      "q");
  REQUIRE(queries);
  const std::vector<std::vector<std::string>> ranked{{"x"}, {"w", "y"}, {"x"}};
  const RetrieveMeasures measures = measure_ranking(*queries, ranked);
  CHECK(measures.judged == 2);
  CHECK(measures.recall_1 == 0.5);
  CHECK(measures.recall_5 == 0.75);
}

TEST_CASE("broken pools and queries are refused with their place") {
  CHECK(parse_pool("{\"name\":\"a\"}\n{", "p").error().message.starts_with("p:2"));
  CHECK_FALSE(parse_pool("{\"a\":3}", "p"));
  CHECK(parse_queries("{\"label\":\"x\"}", "q").error().message.starts_with("q:1"));
  CHECK(parse_queries("{\"query\":\"\",\"label\":\"x\"}", "q")->front().text.empty());
  CHECK(parse_queries("3", "q").error().message.starts_with("q:1"));
}
