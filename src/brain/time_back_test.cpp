#include "brain/time_back.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

using namespace std::chrono_literals;

// Thursday, 5 March 2026, 14:30, two hours before UTC.
std::string back(std::string_view said) {
  const auto day = std::chrono::local_days(std::chrono::year(2026) / 3 / 5);
  const auto made = time_back(said, std::chrono::local_seconds(day) + 14h + 30min, 2h);
  return made ? made->from + (made->to ? " to " + *made->to : "") : "-";
}

TEST_CASE("days and their parts are told from now, by the clocks of the place, and end where they have ended") {
  CHECK(back("today") == "2026-03-05T00:00:00+02:00");
  CHECK(back("this morning") == "2026-03-05T00:00:00+02:00 to 2026-03-05T12:00:00+02:00");
  CHECK(back("this afternoon") == "2026-03-05T12:00:00+02:00");
  CHECK(back("Yesterday.") == "2026-03-04T00:00:00+02:00 to 2026-03-05T00:00:00+02:00");
  CHECK(back("last night") == "2026-03-04T18:00:00+02:00 to 2026-03-05T06:00:00+02:00");
  CHECK(back("the day before yesterday") == "2026-03-03T00:00:00+02:00 to 2026-03-04T00:00:00+02:00");
  CHECK(back("two days ago") == "2026-03-03T00:00:00+02:00 to 2026-03-04T00:00:00+02:00");
  CHECK_FALSE(time_back("today", {}, 0s));
}

TEST_CASE("weeks, months and years are those of the calendar") {
  CHECK(back("this week") == "2026-03-02T00:00:00+02:00");
  CHECK(back("last week") == "2026-02-23T00:00:00+02:00 to 2026-03-02T00:00:00+02:00");
  CHECK(back("this month") == "2026-03-01T00:00:00+02:00");
  CHECK(back("last month") == "2026-02-01T00:00:00+02:00 to 2026-03-01T00:00:00+02:00");
  CHECK(back("last year") == "2025-01-01T00:00:00+02:00 to 2026-01-01T00:00:00+02:00");
  CHECK(back("february") == "2026-02-01T00:00:00+02:00 to 2026-03-01T00:00:00+02:00");
  CHECK(back("April") == "2025-04-01T00:00:00+02:00 to 2025-05-01T00:00:00+02:00");
  CHECK(back("march 2024") == "2024-03-01T00:00:00+02:00 to 2024-04-01T00:00:00+02:00");
}

TEST_CASE("a day of the week is the last one, and a date is that day") {
  CHECK(back("monday") == "2026-03-02T00:00:00+02:00 to 2026-03-03T00:00:00+02:00");
  CHECK(back("on Friday") == "2026-02-27T00:00:00+02:00 to 2026-02-28T00:00:00+02:00");
  CHECK(back("thursday") == "2026-03-05T00:00:00+02:00");
  CHECK(back("last sunday") == "2026-03-01T00:00:00+02:00 to 2026-03-02T00:00:00+02:00");
  CHECK(back("2026-03-01") == "2026-03-01T00:00:00+02:00 to 2026-03-02T00:00:00+02:00");
  CHECK(back("2026-03-01T10:00:00Z") == "2026-03-01T10:00:00Z");
  CHECK_FALSE(time_back("monday", {}, 0s));
}

TEST_CASE("lengths of time are what tools read, and go on until now") {
  CHECK(back("the last hour") == "1h");
  CHECK(back("last 10 minutes") == "10m");
  CHECK(back("two hours ago") == "2h");
  CHECK(back("the past couple of weeks") == "14d");
  CHECK(back("the last week") == "7d");
  CHECK(back("the past month") == "30d");
  CHECK(back("the last year") == "365d");
  CHECK(back("2h") == "2h");
}

TEST_CASE("what is no time is none") {
  for (const char* said : {"the meeting", "", "0 hours", "three files ago", "the last everything", "march of the ants"})
    CHECK_MESSAGE(back(said) == "-", said);
}

}  // namespace
}  // namespace lilux::brain
