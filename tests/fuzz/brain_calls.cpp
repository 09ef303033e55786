// Sentences, tools and cases from outside: whatever they are, reading them ends, values lie inside the text, the same
// words give the same calls, and a call has what its tool requires.

#include <algorithm>
#include <string>
#include <tuple>

#include "brain/caller.h"
#include "brain/caller_cases.h"
#include "brain/dispatch.h"
#include "brain/extract.h"
#include "brain/retrieve.h"
#include "brain/split.h"
#include "tests/fuzz/input.h"

using namespace lilux;
using lilux::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string tools(input.line());
  const std::string_view text = input.rest();
  search::Words words;
  const brain::Reading reading = brain::read(text, {}, words);
  for (const brain::Quantity& one : reading.quantities)
    require(one.begin < one.end && one.end <= one.unit_end && one.unit_end <= text.size());
  for (const brain::Sum& one : reading.sums) require(one.first < one.last && one.last < reading.quantities.size());
  for (const brain::Moment& one : reading.moments) {
    require(one.begin < one.end && one.end <= text.size());
    require(one.date.end <= text.size() && one.clock.end <= text.size());
  }
  for (const brain::Literal& one : reading.literals) require(one.begin < one.end && one.end <= text.size());
  for (const brain::Span& one : reading.spans) require(one.first <= one.last && one.last < reading.text.tokens.size());
  for (const std::string_view part : brain::split_request(text)) require(part.size() <= text.size());
  if (const auto found = brain::dispatch(text)) require(!found->verb.empty());
  std::ignore = brain::parse_cases(text, "cases");
  const auto parsed = base::parse_json(tools);
  if (!parsed) return 0;
  const auto set = brain::ToolSet::compile(*parsed);
  if (!set) {
    require(!set.error().message.empty());
    return 0;
  }
  const brain::Proposal one = brain::calls_for(text, *set);
  const brain::Proposal two = brain::calls_for(text, *set);
  require(one.calls.size() == two.calls.size() && one.confidence == two.confidence);
  for (std::size_t i = 0; i < one.calls.size(); ++i) {
    require(one.calls[i].arguments == two.calls[i].arguments);
    const auto tool = std::ranges::find(set->tools(), one.calls[i].name, &brain::Tool::name);
    require(tool->limits.hold(one.calls[i].arguments));
  }
  std::ignore = brain::Retriever(*set).rank(text, 5);
  return 0;
}
