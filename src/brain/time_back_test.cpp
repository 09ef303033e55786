#include "brain/time_back.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

using namespace std::chrono_literals;

// Thursday, 5 March 2026, 14:30, two hours before UTC.
std::optional<std::string> back(std::string_view said) {
  const auto day = std::chrono::local_days(std::chrono::year(2026) / 3 / 5);
  return time_back(said, std::chrono::local_seconds(day) + 14h + 30min, 2h);
}

TEST_CASE("days are told from now, by the clocks of the place") {
  CHECK(back("today") == "2026-03-05T00:00:00+02:00");
  CHECK(back("this morning") == "2026-03-05T00:00:00+02:00");
  CHECK(back("Yesterday.") == "2026-03-04T00:00:00+02:00");
  CHECK(back("this week") == "2026-03-02T00:00:00+02:00");
  CHECK(back("last week") == "2026-02-26T00:00:00+02:00");
  CHECK(time_back("today", {}, 0s) == std::nullopt);
}

TEST_CASE("a day of the week is the last one") {
  CHECK(back("monday") == "2026-03-02T00:00:00+02:00");
  CHECK(back("on Friday") == "2026-02-27T00:00:00+02:00");
  CHECK(back("thursday") == "2026-03-05T00:00:00+02:00");
  CHECK(back("last sunday") == "2026-03-01T00:00:00+02:00");
  CHECK(time_back("monday", {}, 0s) == std::nullopt);
}

TEST_CASE("lengths of time are what tools read") {
  CHECK(back("the last hour") == "1h");
  CHECK(back("last 10 minutes") == "10m");
  CHECK(back("two days ago") == "2d");
  CHECK(back("the past couple of weeks") == "14d");
  CHECK(back("2h") == "2h");
  CHECK(back("2026-03-01") == "2026-03-01");
}

TEST_CASE("what is no time is none") {
  CHECK(back("the meeting") == std::nullopt);
  CHECK(back("") == std::nullopt);
  CHECK(back("0 hours") == std::nullopt);
  CHECK(back("three files ago") == std::nullopt);
  CHECK(back("the last everything") == std::nullopt);
}

}  // namespace
}  // namespace lilux::brain
