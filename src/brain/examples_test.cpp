#include "brain/examples.h"

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;

std::string refusal(std::string_view text) {
  const auto examples = parse_examples(text, "x.jsonl");
  return examples ? "" : examples.error().message;
}

}  // namespace

TEST_CASE("examples stand one on a line, whatever else the line says") {
  const auto examples = parse_examples(
      "\xef\xbb\xbf{\"text\": \"a\", \"label\": \"x\", \"split\": 1}\r\n\n"
      "{\"label\":\"y\",\"text\":\"\"}",
      "x.jsonl");
  REQUIRE(examples.has_value());
  REQUIRE(examples->size() == 2);
  CHECK((*examples)[0].text == "a");
  CHECK((*examples)[1].label == "y");
}

TEST_CASE("a label that is an integer or a truth value is its text") {
  const auto examples = parse_examples("{\"text\":\"a\",\"label\":7}\n{\"text\":\"b\",\"label\":false}", "x.jsonl");
  REQUIRE(examples.has_value());
  CHECK((*examples)[0].label == "7");
  CHECK((*examples)[1].label == "false");
  CHECK(refusal("{\"text\":\"a\",\"label\":1.5}") == "'x.jsonl' line 1: \"label\" is the number 1.5");
  CHECK(refusal("{\"text\":\"a\",\"label\":null}") == "'x.jsonl' line 1: \"label\" is null");
}

TEST_CASE("what is no example is refused with its line") {
  CHECK(refusal("") == "'x.jsonl' has no examples");
  CHECK(refusal("\n \n") == "'x.jsonl' has no examples");
  const std::string good = "{\"text\":\"a\",\"label\":\"x\"}\n";
  CHECK(refusal(good + "[]").starts_with("'x.jsonl' line 2: "));
  CHECK(refusal(good + "\n{\"text\":\"a\"}") == "'x.jsonl' line 3: no \"label\"");
  CHECK(refusal("{\"text\":1,\"label\":\"x\"}") == "'x.jsonl' line 1: \"text\" is the integer 1");
  CHECK(refusal("{\"text\":\"a\",\"label\":\"\"}") == "'x.jsonl' line 1: \"label\" is empty");
  CHECK(refusal("{\"text\":\"a\",\"label\":\"" + std::string(300, 'l') + "\"}").find("more than 256 bytes") !=
        std::string::npos);
  CHECK(refusal(std::string("{\"text\":\"a\0\",\"label\":\"x\"}", 25)) != "");
  CHECK(refusal("{\"text\":\"\xff\",\"label\":\"x\"}") != "");
  CHECK(refusal("garbage") != "");
}

TEST_CASE("long texts are taken") {
  const auto examples = parse_examples("{\"text\":\"" + std::string(5'000'000, 'a') + "\",\"label\":\"x\"}", "x.jsonl");
  CHECK(examples.has_value());
}
