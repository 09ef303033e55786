#include "brain/thesaurus.h"

#include <string>

#include <doctest/doctest.h>

using namespace lilux::brain;

namespace {

constexpr auto kNear = Thesaurus::kNear;

Thesaurus small() {
  return *Thesaurus::of({{"big", {7}},
                         {"larg", {7, 9}},
                         {"enorm", {3, 7 | kNear}},
                         {"huge", {7 | kNear}},
                         {"live room", {20}},
                         {"parlor", {20, 21}}});
}

}  // namespace

TEST_CASE("words of one group are the same, one that comes near it is near, and two of those are nothing") {
  const Thesaurus words = small();
  CHECK(words.size() == 6);
  CHECK(words.kin("big", "larg") == Kin::same);
  CHECK(words.kin("live room", "parlor") == Kin::same);
  CHECK(words.kin("larg", "enorm") == Kin::near);
  CHECK(words.kin("enorm", "larg") == Kin::near);
  CHECK(words.kin("enorm", "huge") == Kin::none);
  CHECK(words.kin("big", "parlor") == Kin::none);
  CHECK(words.kin("unheard", "unheard") == Kin::same);
  CHECK(words.kin("unheard", "big") == Kin::none);
  CHECK(words.groups_of("unheard").empty());
  CHECK(words.groups_of("larg").size() == 2);
}

TEST_CASE("what is near a group and in it is in it") {
  const Thesaurus words = *Thesaurus::of({{"a", {5 | kNear, 5}}, {"b", {5 | kNear}}});
  CHECK(words.kin("a", "b") == Kin::near);
  CHECK(words.groups_of("a").size() == 1);
}

TEST_CASE("a thesaurus is read as it was written") {
  const std::string bytes = small().save();
  const auto loaded = Thesaurus::load(bytes);
  REQUIRE(loaded);
  CHECK(loaded->save() == bytes);
  CHECK(loaded->kin("big", "larg") == Kin::same);
}

TEST_CASE("a thesaurus that is cut, longer or out of order is refused") {
  const std::string bytes = small().save();
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(Thesaurus::load(bytes.substr(0, size)));
  CHECK_FALSE(Thesaurus::load(bytes + "x"));
  const auto with = [&](std::size_t at, char value) {
    std::string damaged = bytes;
    damaged[at] = value;
    return Thesaurus::load(damaged);
  };
  CHECK(with(0, 'x').error().message == "the thesaurus has another beginning");
  CHECK_FALSE(with(4, 5));                // words
  CHECK_FALSE(with(8, 1));                // members
  CHECK_FALSE(with(15, '\xff'));          // the first word behind the others
  CHECK_FALSE(with(12 + 6 * 4, '\x7f'));  // an end beyond them
  CHECK_FALSE(with(12 + 6 * 4, 0));       // a word without a group
}

TEST_CASE("too many groups are refused") {
  Thesaurus::Groups groups;
  for (int word = 0; word < 5; ++word)
    for (std::uint16_t group = 0; group < 14'000; ++group) groups["w" + std::to_string(word)].push_back(group);
  CHECK(Thesaurus::of(groups).error().message == "more than 65535 members of groups");
}

TEST_CASE("the shipped thesaurus has what is said for the same, is small, and keeps apart what is not") {
  const Thesaurus& words = shipped_thesaurus();
  CHECK(words.save().size() < 300'000);
  CHECK(words.size() > 20'000);
  for (const auto& [one, other] : {std::pair{"buy", "purchas"},
                                   {"sofa", "couch"},
                                   {"begin", "start"},
                                   {"eras", "delet"},
                                   {"live room", "parlor"},
                                   {"repair", "fix"},
                                   {"bought", "buy"}})
    CHECK_MESSAGE(words.kin(one, other) == Kin::same, one << " " << other);
  CHECK(words.kin("enorm", "larg") == Kin::near);
  for (const auto& [one, other] :
       {std::pair{"enorm", "tini"}, {"buy", "sell"}, {"start", "stop"}, {"kitchen", "bathroom"}})
    CHECK_MESSAGE(words.kin(one, other) == Kin::none, one << " " << other);
}
