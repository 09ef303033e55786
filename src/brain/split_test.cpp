#include "brain/split.h"

#include <string>

#include <doctest/doctest.h>

using namespace lilux::brain;

namespace {

std::vector<std::string> parts(std::string_view text) {
  const auto found = split_request(text);
  return {found.begin(), found.end()};
}

using Parts = std::vector<std::string>;

// What stands between the cuts.
Parts cut(std::string_view text) {
  Parts pieces;
  std::size_t begin = 0;
  for (const Cut& one : cuts_of(text)) {
    pieces.emplace_back(text.substr(begin, one.begin - begin));
    begin = one.end;
  }
  pieces.emplace_back(text.substr(begin));
  return pieces;
}

}  // namespace

TEST_CASE("a request is split where another one begins") {
  CHECK(parts("Read a.txt and then delete it") == Parts{"Read a.txt", "delete it"});
  CHECK(parts("Find the tax rate. What is the weather?") == Parts{"Find the tax rate", "What is the weather?"});
  CHECK(parts("play jazz, also set an alarm") == Parts{"play jazz", "set an alarm"});
  CHECK(parts("get the price and send it to Bob") == Parts{"get the price", "send it to Bob"});
}

TEST_CASE("what belongs together stays together") {
  for (const char* text : {"", "the weather in Rome and Paris", "buy apples, rice and salt",
                           "see Washington D.C. today", "say 'go home. then sleep' to Bob", "a 3.5 rate"})
    CHECK_MESSAGE(parts(text).size() == 1, text);
}

TEST_CASE("a request is cut where a second set of values may begin") {
  CHECK(cut("Transfer 20 to Ben and 35 to Lea") == Parts{"Transfer 20 to Ben", "35 to Lea"});
  CHECK(cut("base 3, height 4. The second has 5.5 and 6") == Parts{"base 3", "height 4", "The second has 5.5", "6"});
  for (const char* text :
       {"", ".", "say 'one and two' to Bob", "the point (3, 4)", "4,500 units", "3000 sq ft. in size"})
    CHECK_MESSAGE(cut(text).size() == 1, text);
}
