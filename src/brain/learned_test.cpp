#include "brain/learned.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

using base::Json;
using base::JsonObject;

Experience example(const std::string& text, const std::string& tool, JsonObject arguments = {},
                   Answer answer = Answer::accepted) {
  return {.text = text, .answer = answer, .tool = tool, .arguments = std::move(arguments)};
}

std::string called(const std::optional<Proposal>& proposal) {
  if (!proposal) return "none";
  return proposal->calls.front().name + base::to_text(proposal->calls.front().arguments);
}

TEST_CASE("a sentence that was answered is known again, whatever its case and marks") {
  const Learned learned = Learned::of({example("Tidy up, please!", "memory.optimize")});
  const auto found = learned.recall("tidy up please");
  CHECK(called(found) == "memory.optimize{}");
  CHECK(found->confidence == doctest::Approx(kSameAgain));
  CHECK(called(learned.recall("tidy up")) == "none");
  CHECK(called(learned.recall("")) == "none");
}

TEST_CASE("answers to proposals move the bands, whatever was meant instead") {
  std::vector<Experience> answered;
  for (int i = 0; i < 60; ++i) answered.push_back(example("say " + std::to_string(i), "fs.read"));
  CHECK(Learned::of(answered).bands(0.02).answers == 0);  // none had been proposed
  for (Experience& one : answered) one.confidence = 0.8;
  answered.push_back(example("say it", "fs.stat", {}, Answer::corrected));
  answered.back().confidence = 0.8;
  const Bands bands = Learned::of(answered).bands(0.02);
  CHECK(bands.answers == 60);
  CHECK(bands.execute_from == 0.8);
}

TEST_CASE("other values of the same kind take the place of those of the call") {
  const Learned learned = Learned::of(
      {example("peek at the top 5 of notes.txt", "fs.read", {{"path", "notes.txt"}, {"limit", 5}, {"offset", 0}})});
  const auto found = learned.recall("Peek at the top 12 of src/main.cpp.");
  CHECK(called(found) == "fs.read{\"path\":\"src/main.cpp\",\"limit\":12,\"offset\":0}");
  CHECK(found->confidence == doctest::Approx(kVariedOnce));
  CHECK(called(learned.recall("peek at the top five of notes.txt")) == "none");
  CHECK(called(learned.recall("peek at the top 5 of my worries")) == "none");
  CHECK(called(learned.recall("peek at the top 5 of it all.")) == "none");
}

TEST_CASE("a value keeps its case, and a sentence that quotes a gap's braces is only known whole") {
  const Learned learned = Learned::of({example("peek at Notes.txt", "fs.read", {{"path", "Notes.txt"}}),
                                       example("say {{x}}", "memory.write", {{"value", "{{x}}"}})});
  CHECK(called(learned.recall("peek at NOTES.txt")) == "fs.read{\"path\":\"NOTES.txt\"}");
  CHECK(called(learned.recall("say {{x}}")) == "memory.write{\"value\":\"{{x}}\"}");
  CHECK(called(learned.recall("say {{y}}")) == "none");
}

TEST_CASE("what was answered twice with other values is surer; with different tools it is not") {
  const Learned twice = Learned::of({example("peek at a.txt", "fs.read", {{"path", "a.txt"}}),
                                     example("peek at b.txt", "fs.read", {{"path", "b.txt"}})});
  CHECK(twice.recall("peek at c.txt")->confidence == doctest::Approx(kVariedOften));
  const Learned differ = Learned::of({example("peek at a.txt", "fs.read", {{"path", "a.txt"}}),
                                      example("peek at b.txt", "fs.stat", {{"path", "b.txt"}})});
  CHECK(called(differ.recall("peek at c.txt")) == "fs.stat{\"path\":\"c.txt\"}");
  CHECK(differ.recall("peek at c.txt")->confidence == doctest::Approx(kVariedOnce));
  CHECK(called(differ.recall("peek at a.txt")) == "fs.read{\"path\":\"a.txt\"}");
}

TEST_CASE("a refusal takes confidence away until the call is accepted again") {
  std::vector<Experience> all{example("tidy up", "memory.optimize"),
                              example("tidy up", "memory.optimize", {}, Answer::refused)};
  CHECK(Learned::of(all).recall("tidy up")->confidence == doctest::Approx(kSameAgain * kRefusalFactor));
  CHECK(Learned::of(all).doubt("Tidy up!", "memory.optimize") == doctest::Approx(kRefusalFactor));
  CHECK(Learned::of(all).doubt("tidy up", "fs.delete") == 1);
  CHECK(Learned::of(all).doubt("tidy down", "memory.optimize") == 1);
  all.push_back(example("tidy up", "memory.optimize"));
  CHECK(Learned::of(all).recall("tidy up")->confidence == doctest::Approx(kSameAgain));
  CHECK(Learned::of({example("tidy up", "fs.delete", {}, Answer::refused)}).recall("tidy up") == std::nullopt);
}

std::vector<Experience> habits(int count) {
  std::vector<Experience> all;
  for (int i = 0; i < count; ++i) {
    const std::string name = "n" + std::to_string(i);
    all.push_back(example("please brew coffee number " + name, "coffee.brew"));
    all.push_back(example("kindly water the plants of room " + name, "plants.water"));
  }
  return all;
}

TEST_CASE("what is like many examples gets their tool, as sure as they are among themselves") {
  const Learned many = Learned::of(habits(20));
  const auto found = many.nearest("please brew coffee for anna");
  REQUIRE(found);
  CHECK(found->tool == "coffee.brew");
  CHECK(found->confidence > kVerifyFrom);
  CHECK(found->pairs >= 20);
  CHECK(many.nearest("colourless green ideas sleep furiously") == std::nullopt);
  CHECK(many.nearest("") == std::nullopt);
}

TEST_CASE("a few examples are no measure") {
  const auto found = Learned::of(habits(1)).nearest("please brew coffee number two");
  REQUIRE(found);
  CHECK(found->confidence < kVerifyFrom);
}

TEST_CASE("tells which words spoke for an example") {
  const Learned learned = Learned::of(habits(3));
  const std::vector<Alike> alike = learned.alike("brew tea", 5);
  REQUIRE_FALSE(alike.empty());
  for (const WordWeight& word : learned.words("brew tea", alike.front().example))
    CHECK((word.word == "brew") == (word.weight > 0));
}

TEST_CASE("examples are written and read the same, and a bad line is named") {
  std::vector<Experience> all{example("a \"b\"\nc", "fs.read", {{"path", "a"}})};
  const std::string text = lines_of(all);
  const auto read = parse_experiences(text + text, "file");
  REQUIRE(read);
  CHECK(lines_of(*read) == text + text);
  for (const std::string bad : {"{}", "", "x", "{\"text\":", "[1]"}) {
    const auto refused = parse_experiences(text + bad + "\n", "file");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("file:2: "));
  }
  std::string list = text;
  list.replace(list.find("{\"path\":\"a\"}"), 12, "[]");
  CHECK_FALSE(parse_experiences(list, "file"));
}

}  // namespace
}  // namespace lilux::brain
