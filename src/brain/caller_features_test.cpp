#include "brain/caller_features.h"

#include <cstdint>

#include <doctest/doctest.h>

#include "brain/caller_choose.h"
#include "brain/caller_fill.h"
#include "tests/support/tool_set.h"

using namespace lilux::brain;
using lilux::test::compiled;

namespace {

void fold(const Features& features, std::uint64_t& sum) {
  for (const auto feature : features) sum = (sum ^ feature) * 1099511628211U;
}

// Of all that is seen of a sentence and a tool.
std::uint64_t print_of(std::string_view text, const ToolSet& tools) {
  lilux::search::Words words;
  const Reading reading = read(text, {}, words);
  const Tool& tool = tools.tools().front();
  std::uint64_t sum = 14695981039346656037U;
  Features features;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const FillView view(reading, tool, i);
    for (const Candidate& candidate : candidates_for(tool.parameters[i], reading)) {
      view.see(candidate, features);
      fold(features, sum);
    }
  }
  const Fit fit = fits_of(reading, tools).front();
  see_tool(reading, tools, fit, fill(reading, tool, shipped_weights()), {.sum = 0, .tools = 1}, features);
  fold(features, sum);
  return sum;
}

}  // namespace

// What is learned for one feature says nothing of another: where this fails on purpose, learn the table anew and
// measure it (docs/brain-calls.md), then write down the new number.
TEST_CASE("the features are those that the shipped table was measured with") {
  const ToolSet tools = compiled(R"([{"name":"book_table","description":"Book a table at a restaurant","parameters":
  {"type":"object","properties":{"restaurant":{"type":"string","description":"Name of the restaurant"},
  "people":{"type":"integer","description":"Number of people"},
  "day":{"type":"string","description":"Day as YYYY-MM-DD"},
  "seat":{"type":"string","enum":["inside","outside"]},
  "dogs":{"type":"boolean","description":"Whether dogs come along"},
  "wishes":{"type":"array","items":{"type":"string"}}},"required":["restaurant","people"]}}])");
  std::uint64_t all = 0;
  for (const char* text : {"book a table for 4 people at Luigi's on 2024-03-05, outside please",
                           "reserve the restaurant \"Blue Door\" for two and a half hours, with dogs",
                           "a table, a chair and a view of the sea for ana@example.org"})
    all ^= print_of(text, tools);
  CHECK(all == 8095284153931810302U);
}
