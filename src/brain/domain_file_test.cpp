#include "brain/domain_file.h"

#include <doctest/doctest.h>

using namespace lilux::brain;
using lilux::base::JsonObject;

namespace {

const char* const kRows = R"({"text": "play jazz", "label": "play", "slots": {"genre": "jazz"}}
{"text": "play rock", "label": "play", "call": {"tool": "item.run", "arguments": {"name": "{{genre}}"}}}
{"text": "silence", "label": "stop", "call": {"tool": "task.list"}}
)";

DomainFile music() {
  auto calls = calls_of_labels(kRows, "rows");
  REQUIRE(calls);
  auto classifier = Classifier::train(*parse_examples(kRows, "rows"));
  REQUIRE(classifier);
  return {.calls = std::move(*calls), .examples = 3, .classifier = std::move(*classifier)};
}

}  // namespace

TEST_CASE("a row of examples may say what its label calls, the same one each time") {
  const auto calls = calls_of_labels(kRows, "rows");
  REQUIRE(calls);
  REQUIRE(calls->size() == 2);
  CHECK(calls->at("play") == LabelCall{.tool = "item.run", .arguments = JsonObject{{"name", "{{genre}}"}}});
  CHECK(calls->at("stop") == LabelCall{.tool = "task.list"});
  const auto refused = [](const char* rows) { return calls_of_labels(rows, "rows").error().message; };
  CHECK(refused("{\"label\":\"a\",\"call\":{\"tool\":\"x\"}}\n{\"label\":\"a\",\"call\":{\"tool\":\"y\"}}") ==
        "rows:2: label 'a' means another call in a line before");
  CHECK(refused("{\"label\":\"a\",\"call\":7}").starts_with("rows:1: its call"));
  CHECK(refused("{\"label\":\"a\",\"call\":{\"tool\":\"x\",\"arguments\":[]}}").starts_with("rows:1: its call"));
}

TEST_CASE("a domain is in its file all that it was, and what is damaged is none") {
  const DomainFile domain = music();
  const std::string bytes = save(domain);
  const auto read = load_domain(bytes);
  REQUIRE(read);
  CHECK(read->calls == domain.calls);
  CHECK(read->examples == 3);
  CHECK(read->classifier.decide("play blues").label == "play");
  CHECK(save(*read) == bytes);
  for (const std::string& damaged :
       {std::string(), std::string("x\n"), bytes.substr(0, bytes.size() / 2), bytes.substr(1),
        "{\"lilux_domain\": 2, \"examples\": 1, \"calls\": {}}\n" + bytes.substr(bytes.find('\n') + 1)})
    CHECK(load_domain(damaged).error().code == lilux::base::ErrorCode::corrupt);
}
