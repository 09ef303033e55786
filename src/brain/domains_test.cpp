#include "brain/domains.h"

#include <algorithm>
#include <map>

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;

const std::map<std::string, std::vector<Example>>& texts() {
  static const std::map<std::string, std::vector<Example>> all{
      {"home",
       {{"turn the light on", "light"},
        {"lamp on in the hall", "light"},
        {"it is too dark in here", "light"},
        {"make the room warmer", "heat"},
        {"heating to twenty degrees", "heat"},
        {"it is cold in the hall", "heat"}}},
      {"music",
       {{"play some jazz", "play"},
        {"put on the new album", "play"},
        {"i want to hear a song", "play"},
        {"stop the song", "stop"},
        {"no more music please", "stop"},
        {"pause the album", "stop"}}},
      {"mail",
       {{"send a mail to ann", "send"},
        {"write ann that i am late", "send"},
        {"answer the letter of the bank", "send"},
        {"any new letters", "read"},
        {"read my mail to me", "read"},
        {"what did the bank write", "read"}}},
  };
  return all;
}

Classifier learned(const std::string& domain) {
  return *Classifier::train(texts().at(domain), {.threads = 1});
}

const Domains& all_three() {
  static const Domains domains = [] {
    std::map<std::string, Classifier> classifiers;
    for (const auto& [name, examples] : texts()) classifiers.emplace(name, learned(name));
    return Domains(std::move(classifiers));
  }();
  return domains;
}

}  // namespace

TEST_CASE("each domain finds its own texts among all") {
  for (const auto& [name, examples] : texts()) {
    for (const Example& example : examples) {
      const DomainDecision made = all_three().decide(example.text);
      CHECK_MESSAGE(made.domain == name, example.text);
      CHECK_MESSAGE(made.decision.label == example.label, example.text);
      CHECK(made.decision.others.size() == 2);
      CHECK((made.decision.confidence > 0 && made.decision.confidence < 1));
    }
  }
  CHECK(all_three().decide("is there a letter from ann").domain == "mail");
  CHECK(all_three().decide("the lamp please").decision.label == "light");
}

TEST_CASE("a domain that is added or removed leaves the others as they were") {
  Domains grown;
  CHECK(grown.decide("play some jazz").domain.empty());
  grown.add("music", learned("music"));
  const Decision alone = learned("music").decide("play some jazz");
  CHECK(grown.decide("play some jazz").decision.confidence == alone.confidence);
  grown.add("mail", learned("mail"));
  grown.add("home", learned("home"));
  const auto same = [](const Domains& one, const Domains& other) {
    for (const auto& [name, examples] : texts()) {
      for (const Example& example : examples) {
        const DomainDecision made = one.decide(example.text);
        const DomainDecision again = other.decide(example.text);
        CHECK(made.domain == again.domain);
        CHECK(made.decision.confidence == again.decision.confidence);
      }
    }
  };
  same(grown, all_three());
  CHECK(grown.remove("home"));
  CHECK_FALSE(grown.remove("home"));
  CHECK(grown.find("home") == nullptr);
  CHECK(grown.size() == 2);
  CHECK(grown.decide("turn the light on").domain != "home");
  grown.add("home", learned("home"));
  grown.add("home", learned("home"));
  CHECK(grown.size() == 3);
  same(grown, all_three());
}

TEST_CASE("what is for none of them gets less confidence than what is for one") {
  double least = 1;
  for (const auto& [name, examples] : texts()) {
    for (const Example& example : examples)
      least = std::min(least, all_three().decide(example.text).decision.confidence);
  }
  for (const char* text : {"", "who was the first man on the moon", "xq zzk", "\xff\xfe"})
    CHECK_MESSAGE(all_three().decide(text).decision.confidence < least, text);
}

TEST_CASE("a stored classifier weighs as the one it was") {
  Domains stored;
  for (const auto& [name, examples] : texts()) stored.add(name, *Classifier::load(learned(name).save()));
  CHECK(stored.decide("play the letter").decision.confidence ==
        all_three().decide("play the letter").decision.confidence);
  const Classifier music = learned("music");
  const Vocabulary& vocabulary = music.vocabulary();
  CHECK(vocabulary.texts() >= 8);  // with the names of two labels, and what is foreign
  const auto song = std::ranges::find_if(
      vocabulary.entries(), [&](const Vocabulary::Entry& entry) { return vocabulary.texts_with(entry) == 2; });
  CHECK(song != vocabulary.entries().end());
}
