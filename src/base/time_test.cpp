#include "base/time.h"

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

constexpr std::int64_t kNow = 1'772'366'400'123'456;  // 2026-03-01T12:00:00.123456Z

TEST_CASE("times are written in UTC to the millisecond") {
  CHECK(format_time(kNow) == "2026-03-01T12:00:00.123Z");
  CHECK(format_time(0) == "1970-01-01T00:00:00.000Z");
  CHECK(format_time(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("times are read with Z, with an offset, as a day, or as how long ago") {
  CHECK(parse_time("2026-03-01T12:00:00.123456Z", 0).value() == kNow);
  CHECK(parse_time("2026-03-01t12:00:00.123456789z", 0).value() == kNow);
  CHECK(parse_time("2026-03-01 13:30:00+01:30", 0).value() == kNow - 123'456);
  CHECK(parse_time("2026-03-01T12:00Z", 0).value() == kNow - 123'456);
  CHECK(parse_time("2026-03-01", 0).value() == kNow - 123'456 - 12 * 3'600'000'000);
  CHECK(parse_time("10m", kNow).value() == kNow - 600'000'000);
  CHECK(parse_time(format_time(kNow), 0).value() == kNow - 456);
  for (const char* text : {"", "yesterday", "2026-02-30", "2026-13-01", "2026-03-01T", "2026-03-01T24:00:00Z",
                           "2026-03-01T12:60:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00.Z",
                           "2026-03-01T12:00:00+24:00", "2026-03-01Z", "26-03-01", "-5m", "2026-03-01T12:00:00Zx"}) {
    CAPTURE(text);
    const Result<std::int64_t> time = parse_time(text, kNow);
    REQUIRE_FALSE(time);
    CHECK(time.error().code == ErrorCode::invalid_argument);
  }
}

TEST_CASE("durations have a unit, seconds when none is written, and an end") {
  using std::chrono::milliseconds;
  CHECK(parse_duration("250ms").value() == milliseconds(250));
  CHECK(parse_duration("10").value() == milliseconds(10'000));
  CHECK(parse_duration("10s").value() == milliseconds(10'000));
  CHECK(parse_duration("10m").value() == milliseconds(600'000));
  CHECK(parse_duration("2h").value() == milliseconds(7'200'000));
  CHECK(parse_duration("7d").value() == milliseconds(604'800'000));
  CHECK(parse_duration("0").value() == milliseconds(0));
  for (const char* text :
       {"", "m", "-1m", "1.5h", "10 m", "10M", "1w", "99999999999999999999s", "40000d", "1h30m", "+5m"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("the clocks go forward") {
  const std::int64_t steady = steady_us();
  CHECK(steady_us() >= steady);
  CHECK(now_us() > kNow - std::int64_t{400} * 86'400'000'000);
}

}  // namespace
}  // namespace lilux::base
