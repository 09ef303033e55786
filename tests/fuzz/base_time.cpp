// Times and durations from outside: a time that is read is written and read as the same, and a duration is never less
// than nothing.

#include <string>

#include "base/time.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::base;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  constexpr std::int64_t kNow = 1'800'000'000'000'000;
  if (const auto duration = parse_duration(text)) {
    require(duration->count() >= 0);
    require(lilux::fuzz::gives(parse_duration(std::to_string(duration->count()) + "ms"), *duration));
  }
  if (const auto time = parse_time(text, kNow)) {
    const std::string written = format_time(*time);
    const auto again = parse_time(written, kNow);
    require(again && format_time(*again) == written);
    require(*again <= *time && *time - *again < 1000);  // written to the millisecond
  }
  return 0;
}
