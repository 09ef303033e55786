#include "brain/classifier.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "brain/measures.h"

namespace {

using namespace lilux::brain;
using lilux::base::ErrorCode;

std::vector<Example> read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  auto examples = parse_examples(text.str(), path);
  REQUIRE_MESSAGE(examples.has_value(), path);
  return *std::move(examples);
}

std::vector<Example> ours(const char* part) {
  return read(LILUX_BRAIN_TEST_DATA "/commands." + std::string(part) + ".jsonl");
}

const Classifier& of_ours() {
  static const Classifier classifier = *Classifier::train(ours("train"));
  return classifier;
}

Measures measured(const Classifier& classifier, const std::vector<Example>& examples) {
  std::vector<Judged> decisions;
  for (const Example& example : examples) {
    const Decision decision = classifier.decide(example.text);
    const bool is_in_scope = example.label != kOutOfScope;
    decisions.push_back({.is_in_scope = is_in_scope,
                         .is_right = is_in_scope && decision.label == example.label,
                         .confidence = decision.confidence});
  }
  return measure(decisions);
}

std::vector<Example> without(std::vector<Example> examples, std::string_view label) {
  std::erase_if(examples, [&](const Example& example) { return example.label == label; });
  return examples;
}

}  // namespace

TEST_CASE("a few examples of each command are enough for most others") {
  const Measures measures = measured(of_ours(), ours("test"));
  MESSAGE("accuracy " << measures.accuracy.value() << ", AUROC " << measures.oos_auroc.value_or(0));
  CHECK(measures.accuracy.value() >= .6);
  CHECK(measures.oos_auroc.value() >= .8);
}

TEST_CASE("without examples of what is out of scope it is still told apart") {
  const auto classifier = Classifier::train(without(ours("train"), kOutOfScope));
  REQUIRE(classifier.has_value());
  CHECK(classifier->labels_in_scope() == of_ours().labels_in_scope());
  std::vector<Example> asked = ours("test");
  for (const Example& example : ours("train")) {
    if (example.label == kOutOfScope) asked.push_back(example);
  }
  const Measures measures = measured(*classifier, asked);
  MESSAGE("AUROC " << measures.oos_auroc.value());
  CHECK(measures.oos_auroc.value() >= .9);
}

TEST_CASE("the same examples give the same bytes, whatever the threads") {
  const auto again = Classifier::train(ours("train"), {.threads = 1});
  REQUIRE(again.has_value());
  CHECK(again->save() == of_ours().save());
  CHECK(Classifier::train(ours("train"), {.seed = 2})->save() != of_ours().save());
}

TEST_CASE("a stored classifier decides as the one it was") {
  const auto loaded = Classifier::load(of_ours().save());
  REQUIRE(loaded.has_value());
  for (const Example& example : ours("test")) {
    const Decision one = of_ours().decide(example.text);
    const Decision other = loaded->decide(example.text);
    CHECK(one.label == other.label);
    CHECK(one.confidence == other.confidence);
  }
}

TEST_CASE("what means nothing to it gets little confidence") {
  for (const std::string& text : {std::string(), std::string("\0\xff\xfe", 3), std::string(100'000, 'z'),
                                  std::string("zxqv wqxz kjhq"), std::string("東京タワー")})
    CHECK_MESSAGE(of_ours().decide(text).confidence < .5, text.substr(0, 20));
  for (const Example& example : ours("train"))
    CHECK_MESSAGE(of_ours().decide(example.text).label != kOutOfScope, example.text);
}

TEST_CASE("the others are the next best, in order") {
  const Decision decision = of_ours().decide("kill the music app");
  REQUIRE(decision.others.size() == 4);
  CHECK(std::ranges::is_sorted(decision.others, std::greater{}, &Guess::share));
  CHECK(std::ranges::count(decision.others, decision.label, &Guess::label) == 0);
}

TEST_CASE("it says which features spoke for its choice, and which words it never saw") {
  const Explanation explanation = of_ours().explain("commit my xylophone");
  CHECK(explanation.decision.label == "git.commit");
  REQUIRE_FALSE(explanation.reasons.empty());
  CHECK(explanation.reasons.front().weight > 0);
  CHECK(explanation.reasons.front().feature.find("commit") != std::string::npos);
  CHECK(explanation.unknown_words == std::vector<std::string>{"xylophone"});
  CHECK(of_ours().explain("").reasons.size() <= 2);
}

TEST_CASE("few labels without a word of what is out of scope know what is foreign") {
  for (const std::size_t labels : {1U, 2U, 5U}) {
    std::set<std::string> kept;
    std::vector<Example> examples = without(ours("train"), kOutOfScope);
    for (const Example& example : examples)
      if (kept.size() < labels) kept.insert(example.label);
    std::erase_if(examples, [&](const Example& example) { return !kept.contains(example.label); });
    const auto classifier = Classifier::train(examples);
    REQUIRE(classifier.has_value());
    CHECK(classifier->labels_in_scope() == labels);
    std::size_t sure = 0;
    std::size_t asked = 0;
    double inside = 0;
    for (const Example& example : ours("test")) {
      const Decision decision = classifier->decide(example.text);
      CHECK(decision.label != kOutOfScope);
      if (kept.contains(example.label)) inside = std::max(inside, decision.confidence);
      if (kept.contains(example.label)) continue;
      ++asked;
      sure += decision.confidence >= .9 ? 1 : 0;
    }
    CHECK(asked >= 20);
    CHECK_MESSAGE(sure * 50 <= asked, labels << " labels: sure of " << sure << " of " << asked);
    CHECK(inside > .5);
  }
}

TEST_CASE("of many labels the ones that are given are all there are") {
  std::vector<Example> many;
  for (int i = 0; i < 30; ++i) many.push_back({"word" + std::to_string(i), "label" + std::to_string(i)});
  const auto classifier = Classifier::train(many);
  REQUIRE(classifier.has_value());
  CHECK(classifier->labels().size() == 30);
  CHECK(classifier->labels_in_scope() == 30);
}

TEST_CASE("there is nothing to learn where nothing is in scope") {
  CHECK(Classifier::train({}).error().message == "no examples");
  const std::vector<Example> outside{{"a", std::string(kOutOfScope)}, {"b", std::string(kOutOfScope)}};
  const auto refused = Classifier::train(outside);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_argument);
  CHECK(refused.error().message == "every example has the label 'oos'");
}

TEST_CASE("odd sets of examples are learned from") {
  const std::vector<Example> two{{"", "x"}, {"", "y"}};
  CHECK(Classifier::train(two).has_value());
  const std::vector<Example> with_oos{{"on", "x"}, {"who are you", "oos"}};
  CHECK(Classifier::train(with_oos)->decide("who are you").label == "x");
  std::vector<Example> many;
  for (int i = 0; i < 400; ++i) many.push_back({"word" + std::to_string(i), "label" + std::to_string(i)});
  const auto classifier = Classifier::train(many);
  REQUIRE(classifier.has_value());
  CHECK(classifier->save().size() < 16'000'000);
}
