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
