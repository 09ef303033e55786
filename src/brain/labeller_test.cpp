#include "brain/labeller.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "brain/classifier.h"
#include "brain/measures.h"

namespace {

using namespace lilux::brain;

// Two commands with values in them: the values of odd and even numbers are apart, so that half of them are new.
std::vector<Example> rows(std::size_t from) {
  const std::vector<std::string> people{"anna", "bert", "carla", "dirk", "old emma", "frank miller", "gina", "my boss"};
  const std::vector<std::string> times{"noon", "nine", "9:30", "8 pm", "ten tonight", "7:15", "midnight", "6 pm"};
  const std::vector<std::string> rooms{"kitchen", "hall", "attic", "garage", "cellar", "bath", "guest room", "study"};
  std::vector<Example> all;
  const auto put = [&](const std::string& text, const char* label, const lilux::base::JsonObject& slots) {
    all.push_back({text, label, told_slots(lilux::base::JsonObject{{"slots", slots}}, text)});
  };
  for (std::size_t i = from; i < people.size(); i += 2) {
    for (std::size_t j = from; j < times.size(); j += 2) {
      put("Call " + people[i] + " at " + times[j] + ".", "call", {{"who", people[i]}, {"when", times[j]}});
      put("at " + times[j] + " please ring " + people[i], "call", {{"who", people[i]}, {"when", times[j]}});
    }
    put("turn the light in the " + rooms[i] + " on", "light", {{"room", rooms[i]}});
    put("make it dark in the " + rooms[i], "light", {{"room", rooms[i]}});
  }
  return all;
}

const Classifier& of_odd() {
  static const Classifier classifier = *Classifier::train(rows(1), {.threads = 1});
  return classifier;
}

std::string found(const Classifier& classifier, std::string_view text, std::string_view label) {
  std::string all;
  for (const Slot& slot : classifier.slots_in(text, label))
    all += slot.name + "=" + std::string(text.substr(slot.begin, slot.end - slot.begin)) + ";";
  return all;
}

}  // namespace

TEST_CASE("values never seen are found by what stands around them") {
  CHECK(of_odd().slots() == std::vector<std::string>{"room", "when", "who"});
  SlotMeasures measures;
  for (const Example& example : rows(0)) measures.add(*example.slots, of_odd().slots_in(example.text, example.label));
  MESSAGE("F1 " << measures.f1());
  CHECK(measures.texts == 40);
  CHECK(measures.f1() >= .85);
  CHECK(found(of_odd(), "Call Bert at 9:45.", "call") == "who=Bert;when=9:45;");
}

TEST_CASE("only slots of the label are found") {
  CHECK(found(of_odd(), "make it dark in the hall", "light") == "room=hall;");
  CHECK(found(of_odd(), "make it dark in the hall", "call").find("room") == std::string::npos);
  CHECK(found(of_odd(), "make it dark in the hall", "unknown").empty());
  CHECK(found(of_odd(), "", "light").empty());
  CHECK(found(of_odd(), std::string(50'000, '('), "light").size() < 50'000);
}

TEST_CASE("the same rows give the same labeller, and a stored one finds the same") {
  CHECK(Classifier::train(rows(1), {.threads = 2})->save() == of_odd().save());
  const auto loaded = Classifier::load(of_odd().save());
  REQUIRE(loaded.has_value());
  for (const Example& example : rows(0))
    CHECK(loaded->slots_in(example.text, example.label) == of_odd().slots_in(example.text, example.label));
}

TEST_CASE("rows that tell no slots teach none, and a label without any has none") {
  std::vector<Example> mixed = rows(1);
  mixed.push_back({"what is the time", "time"});
  mixed.push_back({"who are you at nine", "oos", std::vector<Slot>{}});
  const auto classifier = Classifier::train(mixed, {.threads = 1});
  CHECK(found(*classifier, "what is the time at nine", "time").empty());
  CHECK(found(*classifier, "who are you at nine", "oos").empty());
  for (Example& example : mixed) example.slots.reset();
  const auto without = Classifier::train(mixed, {.threads = 1});
  CHECK(without->slots().empty());
  CHECK(found(*without, "Call bert at nine.", "call").empty());
}

TEST_CASE("of very many slots the most frequent are learned") {
  std::vector<Example> many;
  for (std::size_t i = 0; i < kSlotsMax + 50; ++i) {
    const std::string name = "slot" + std::to_string(1000 + i);
    for (std::size_t again = 0; again < (i < 50 ? 1 : 2); ++again)
      many.push_back({"set " + name + " now", again == 0 ? "set" : "put", std::vector{Slot{name, 4, 12}}});
  }
  const auto classifier = Classifier::train(many, {.threads = 1});
  CHECK(classifier->slots().size() == kSlotsMax);
  CHECK(std::ranges::count(classifier->slots(), "slot1000") == 0);
  CHECK(Classifier::load(classifier->save()).has_value());
}

TEST_CASE("a labeller made by an enemy is refused or harmless") {
  const std::string good = of_odd().save();
  const auto sound = read_model(good);
  ModelWriter writer;
  sound->labeller.write(writer);
  const std::string bytes = writer.take();
  for (std::size_t at = 0; at < bytes.size(); at += at < 400 ? 1 : 37) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      ModelReader reader(changed);
      const auto labeller = Labeller::read(reader, 2);
      if (labeller) CHECK(labeller->find("Call anna at nine", 0).size() <= 4);
    }
    ModelReader cut(std::string_view(bytes).substr(0, at));
    CHECK_FALSE(Labeller::read(cut, 2).has_value());
  }
}
