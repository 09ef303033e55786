// What people say: what is taken off politely leaves words of theirs alone, mentions of what came before lie in the
// text and in order, and a time that is found is one that tools read.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include "base/time.h"
#include "brain/polite.h"
#include "brain/reference.h"
#include "brain/time_back.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux;
  using fuzz::require;
  const std::string text(fuzz::Input(data, size).rest());
  require(brain::plainly(text).size() <= text.size() + 8);  // "whats" is two words
  std::size_t end = 0;
  for (const brain::Mention& mention : brain::find_mentions(text)) {
    require(mention.begin >= end && mention.begin < mention.end && mention.end <= text.size());
    require(mention.said == text.substr(mention.begin, mention.end - mention.begin));
    end = mention.end;
  }
  std::ignore = brain::loosely(text);
  const auto now = std::chrono::local_seconds(std::chrono::seconds(1'700'000'000));
  if (const auto back = brain::time_back(text, now, std::chrono::hours(2))) {
    require(base::parse_time(back->from, base::now_us()).has_value());
    require(!back->to || base::parse_time(*back->to, base::now_us()).has_value());
  }
  return 0;
}
