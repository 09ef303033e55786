#include "brain/extract_period.h"

#include <string>

#include <doctest/doctest.h>

#include "search/words.h"

using namespace lilux::brain;

namespace {

namespace chrono = std::chrono;

// Ten in the morning of a day of March 2024; the first was a Friday.
Now march(unsigned day) {
  return chrono::local_days(chrono::year(2024) / chrono::March / chrono::day(day)) + chrono::hours(10);
}

std::string text_of(std::optional<chrono::local_seconds> at) {
  if (!at) return "open";
  const auto day = chrono::floor<chrono::days>(*at);
  Moment moment;
  const chrono::year_month_day date(day);
  moment.year = static_cast<int>(date.year());
  moment.month = static_cast<unsigned>(date.month());
  moment.day = static_cast<unsigned>(date.day());
  const chrono::hh_mm_ss<chrono::seconds> time(*at - day);
  moment.hour = static_cast<int>(time.hours().count());
  moment.minute = static_cast<int>(time.minutes().count());
  moment.second = static_cast<int>(time.seconds().count());
  return *written(moment, "MM-DD HH:mm:ss");
}

// "MM-DD HH:mm:ss" twice, with the years that are not 2024 left out.
std::string told(std::string_view text, unsigned day = 1) {
  lilux::search::Words words;
  const auto found = find_period(read(text, march(day), words));
  return found ? text_of(found->begin) + " to " + text_of(found->end) : "-";
}

std::string days(std::string_view text, unsigned day = 1) {
  std::string made = told(text, day);
  for (const std::string_view clock : {" 00:00:00", " 23:59:59"})
    if (const std::size_t at = made.find(clock); at != std::string::npos) made.erase(at, clock.size());
  return made;
}

}  // namespace

TEST_CASE("days, weeks, quarters, months and years are periods from their first second to their last") {
  CHECK(told("sales of yesterday") == "02-29 00:00:00 to 02-29 23:59:59");
  CHECK(days("sales of this weekend") == "03-02 to 03-03");
  CHECK(days("sales last weekend") == "02-24 to 02-25");
  CHECK(days("sales for Q1") == "01-01 to 03-31");
  CHECK(days("sales of the second quarter of 2023") == "04-01 to 06-30");
  CHECK(days("sales of the last quarter") == "10-01 to 12-31");
  CHECK(days("sales in February") == "02-01 to 02-29");
  CHECK(days("sales in 2023") == "01-01 to 12-31");
  CHECK(days("sales of last month") == "02-01 to 02-29");
}

TEST_CASE("a length of time goes back from now, or ahead from tomorrow") {
  CHECK(told("sales of the last 3 days") == "02-27 00:00:00 to 03-01 10:00:00");
  CHECK(told("logs of the past 30 minutes") == "03-01 09:30:00 to 03-01 10:00:00");
  CHECK(told("logs of the last hour") == "03-01 09:00:00 to 03-01 10:00:00");
  CHECK(days("events of the next two weeks") == "03-02 to 03-15");
  CHECK(told("sales of the last three months", 31) == "12-31 00:00:00 to 03-31 10:00:00");
}

TEST_CASE("what has two ends is never empty, whatever day it is") {
  for (unsigned day = 1; day <= 14; ++day) {
    const std::string made = days("sales between monday and wednesday", day);
    const unsigned first = static_cast<unsigned>(std::stoul(made.substr(3, 2)));
    const unsigned last = static_cast<unsigned>(std::stoul(made.substr(12, 2)));
    CHECK_MESSAGE(last == first + 2, made);
  }
  CHECK(days("what happened between monday and wednesday") == "02-26 to 02-28");
  CHECK(days("sales from January to March") == "01-01 to 03-31");
  CHECK(days("from 2024-01-05 to 2024-02-03") == "01-05 to 02-03");
  CHECK(days("from 2024-02-05 to 2024-01-03") == "-");
  CHECK(told("logs between 9am and 11am") == "03-01 09:00:00 to 03-01 11:00:00");
  CHECK(told("logs from yesterday 10pm to 6am") == "02-29 22:00:00 to 03-01 06:00:00");
}

TEST_CASE("since has no end, until no beginning") {
  CHECK(days("sales since monday") == "02-26 to open");
  CHECK(days("sales since 2024-01-15") == "01-15 to open");
  CHECK(days("sales from February 3 on") == "02-03 to open");
  CHECK(days("sales until March 5") == "open to 03-05");
}

TEST_CASE("what is no period, or two that do not belong together, is none") {
  CHECK(told("may I see the sales") == "-");
  CHECK(told("call me at 9am") == "-");
  CHECK(told("compare January with March") == "-");
  CHECK(told("the last 3 files") == "-");
  CHECK(told("sales of 2500 units") == "-");
}
