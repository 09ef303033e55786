#include "brain/slots.h"

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> words;
  for (const SlotPiece& piece : slot_pieces_of(text)) {
    words.push_back(piece.word);
    CHECK(piece.begin < piece.end);
    CHECK(piece.end <= text.size());
  }
  return words;
}

// "name=value name=value", or "-" where the row tells nothing.
std::string told(std::string_view row, std::string_view text) {
  const auto slots = told_slots(*lilux::base::parse_json(row), text);
  if (!slots) return "-";
  std::string all;
  for (const Slot& slot : *slots) {
    if (!all.empty()) all += ' ';
    all += slot.name + "=" + std::string(text.substr(slot.begin, slot.end - slot.begin));
  }
  return all;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("signs at a word's border are pieces of their own, those within belong to it") {
  CHECK(words("Call Mum, at 9:30!") == Words{"call", "mum", ",", "at", "9:30", "!"});
  CHECK(words("open \"a.txt\" (now).") == Words{"open", "\"", "a.txt", "\"", "(", "now", ")", "."});
  CHECK(words("Ann's list and don't") == Words{"ann", "'s", "list", "and", "don't"});
  CHECK(words("Ann's, 's ?! '") == Words{"ann", "'s", ",", "'", "s", "?", "!", "'"});
  CHECK(words("ÄRGER in Zürich") == Words{"ärger", "in", "zürich"});
  CHECK(words("").empty());
  CHECK(words(" \t\n").empty());
  CHECK(words(std::string(100'000, 'a')).front().size() == 4096);
  CHECK(words("\xff\xfe a\xc3").size() == 2);
}

TEST_CASE("a row tells its slots by a tag for each word") {
  const std::string_view text = "play x  y by mum.";
  CHECK(told(R"({"bio": ["O", "B-song", "I-song", "O", "B-who"]})", text) == "song=x  y who=mum.");
  CHECK(told(R"({"bio": ["O", "I-song", "B-song", "O", "I-who"]})", text) == "song=x song=y who=mum.");
  CHECK(told(R"({"bio": ["O", "B-song", "I-who", "O", "O"]})", text) == "song=x who=y");
  CHECK(told(R"({"bio": ["O", "O", "O", "O", "O"]})", text).empty());
  for (const char* other : {R"({"bio": ["O"]})", R"({"bio": 7})", R"({"bio": ["O", 1, "O", "O", "O"]})",
                            R"({"bio": ["O", "B-", "O", "O", "O"]})", R"({"bio": ["O", "S-x", "O", "O", "O"]})"})
    CHECK(told(other, text) == "-");
}

TEST_CASE("a row tells its slots by their values, as far as these stand in the text") {
  const std::string_view text = "Book a table for Two in New York, for two";
  CHECK(told(R"({"slots": {"city": "new york", "size": "two"}})", text) == "size=Two city=New York");
  CHECK(told(R"({"slots": {"size": ["two", "TWO", "two"]}})", text) == "size=Two size=two");
  CHECK(told(R"({"slots": [{"name": "city", "value": "York"}, {"name": "none", "value": 3}]})", text) == "city=York");
  CHECK(told(R"({"slots": {"city": "Yor", "": "table", "x": "", "y": null, "z": "new new"}})", text).empty());
  CHECK(told(R"({"slots": [{"name": "a", "value": "new york"}, {"name": "b", "value": "york"}]})", text) ==
        "a=New York");
  for (const char* other :
       {R"({})", R"({"slots": 1})", R"({"slots": ["city"]})", R"({"slots": [{"name": 1, "value": "two"}]})"})
    CHECK(told(other, text) == "-");
}
