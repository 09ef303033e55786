#include "brain/time_back.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "base/time.h"
#include "brain/period.h"
#include "brain/phrase.h"

namespace lilux::brain {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;

// Hours from the midnight before today on.
struct PartOfDay {
  std::string_view said;
  int from;
  int to;
};
constexpr std::array<PartOfDay, 13> kParts{{{"today", 24, 48},
                                            {"midnight", 24, 48},
                                            {"this morning", 24, 36},
                                            {"this afternoon", 36, 42},
                                            {"this evening", 42, 48},
                                            {"tonight", 42, 48},
                                            {"yesterday", 0, 24},
                                            {"yesterday morning", 0, 12},
                                            {"yesterday afternoon", 12, 18},
                                            {"yesterday evening", 18, 24},
                                            {"last evening", 18, 24},
                                            {"last night", 18, 30},
                                            {"the day before yesterday", -24, 0}}};
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kUnits{{{"second", "s"},
                                                                                {"seconds", "s"},
                                                                                {"minute", "m"},
                                                                                {"minutes", "m"},
                                                                                {"min", "m"},
                                                                                {"mins", "m"},
                                                                                {"hour", "h"},
                                                                                {"hours", "h"},
                                                                                {"day", "d"},
                                                                                {"days", "d"},
                                                                                {"week", "w"},
                                                                                {"weeks", "w"},
                                                                                {"month", "M"},
                                                                                {"months", "M"},
                                                                                {"year", "y"},
                                                                                {"years", "y"}}};
constexpr std::array<std::pair<std::string_view, int>, 14> kNumbers{{{"a", 1},
                                                                     {"an", 1},
                                                                     {"one", 1},
                                                                     {"two", 2},
                                                                     {"three", 3},
                                                                     {"four", 4},
                                                                     {"five", 5},
                                                                     {"six", 6},
                                                                     {"seven", 7},
                                                                     {"eight", 8},
                                                                     {"nine", 9},
                                                                     {"ten", 10},
                                                                     {"couple", 2},
                                                                     {"few", 3}}};

std::string written(local_seconds time, std::chrono::seconds offset) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(offset)).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:00%c%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                offset.count() < 0 ? '-' : '+', static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return text.data();
}

struct Times {
  local_seconds from = {};
  local_seconds to = {};
};
Times whole(const DaySpan& span) {
  return {.from = span.first, .to = span.last + days(1)};
}

std::optional<int> number_of(const std::string& word) {
  const auto* named = std::ranges::find(kNumbers, word, &std::pair<std::string_view, int>::first);
  if (named != kNumbers.end()) return named->second;
  int value = 0;
  const char* end = word.data() + word.size();
  const bool is_whole = std::from_chars(word.data(), end, value).ptr == end && !word.empty();
  return is_whole && value > 0 && value < 100'000 ? std::optional(value) : std::nullopt;
}

std::string length(int count, std::string_view unit) {
  if (unit == "w") return std::to_string(count * 7) + "d";
  if (unit == "M") return std::to_string(count * 30) + "d";
  if (unit == "y") return std::to_string(count * 365) + "d";
  return std::to_string(count).append(unit);
}

// "monday", "last monday", "on monday": the last one, today at the earliest.
std::optional<local_days> weekday_of(std::string_view plain, local_days today) {
  constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};
  for (const std::string_view before : {"on ", "last "})
    if (plain.starts_with(before)) plain.remove_prefix(before.size());
  const auto* named = std::ranges::find(kWeekdays, plain);
  if (named == kWeekdays.end()) return std::nullopt;
  const std::chrono::weekday day(static_cast<unsigned>(named - kWeekdays.begin()));
  return today - (std::chrono::weekday(today) - day);
}

// "march", "march 2025": the last one that has begun.
std::optional<DaySpan> month_of(std::span<const std::string> words, local_days today) {
  const auto* named = words.empty() ? kMonths.end() : std::ranges::find(kMonths, words.front());
  const std::optional<int> said = words.size() == 2 ? number_of(words[1]) : std::nullopt;
  if (named == kMonths.end() || words.size() > 2 || (words.size() == 2 && !said)) return std::nullopt;
  const std::chrono::year_month_day date(today);
  const std::chrono::month month(static_cast<unsigned>(named - kMonths.begin()) + 1);
  const std::chrono::year year =
      said ? std::chrono::year(*said) : date.year() - std::chrono::years(month > date.month());
  const std::chrono::year_month found(year, month);
  return DaySpan{.first = local_days(found / 1), .last = local_days(found / std::chrono::last)};
}

// What the calendar has: parts of days, days, weeks, months, years.
std::optional<Times> times_of(std::span<const std::string> words, std::string_view plain, local_days today) {
  const auto* part = std::ranges::find(kParts, plain, &PartOfDay::said);
  if (part != kParts.end())
    return Times{.from = today - days(1) + hours(part->from), .to = today - days(1) + hours(part->to)};
  if (const auto day = weekday_of(plain, today)) return whole({.first = *day, .last = *day});
  if (const auto month = month_of(words, today)) return whole(*month);
  const bool is_ago = words.size() == 3 && words[2] == "ago" && (words[1] == "day" || words[1] == "days");
  if (const std::optional<int> count = is_ago ? number_of(words[0]) : std::nullopt)
    return whole({.first = today - days(*count), .last = today - days(*count)});
  const bool is_period = words.size() == 2 && words.front() != "past";  // that one is a length up to now
  const auto span = is_period ? days_of({.which = words[0], .unit = words[1]}, today) : std::nullopt;
  return span ? std::optional(whole(*span)) : std::nullopt;
}

// "hour", "2 hours", "two hours ago", "couple of days".
std::optional<std::string> length_of(std::vector<std::string> words) {
  if (words.size() > 1 && words.back() == "ago") words.pop_back();
  std::erase(words, "of");
  const auto* unit =
      words.empty() ? kUnits.end()
                    : std::ranges::find(kUnits, words.back(), &std::pair<std::string_view, std::string_view>::first);
  if (unit == kUnits.end() || words.size() > 3) return std::nullopt;
  if (words.size() == 1) return length(1, unit->second);
  const std::optional<int> count = number_of(words[words.size() - 2]);
  const bool is_sound = count && (words.size() == 2 || words.front() == "a");
  return is_sound ? std::optional(length(*count, unit->second)) : std::nullopt;
}

}  // namespace

std::optional<TimeBack> time_back(std::string_view said, Now now, std::chrono::seconds offset) {
  const auto told = [&](const Times& times) {
    TimeBack made{.from = written(times.from, offset)};
    if (!now || times.to <= *now) made.to = written(times.to, offset);
    return made;
  };
  std::vector<std::string> words;
  std::string plain;
  for (const Spoken::Word& word : spoken(said).words) {
    words.push_back(word.folded);
    plain.append(plain.empty() ? "" : " ").append(word.folded);
  }
  if (now) {
    if (const auto times = times_of(words, plain, std::chrono::floor<days>(*now))) return told(*times);
  }
  const std::vector<Moment> moments = find_moments(said, now);
  const bool is_date = moments.size() == 1 && moments.front().has_date() && moments.front().year &&
                       !moments.front().is_relative && !moments.front().hour && moments.front().begin == 0 &&
                       moments.front().end == said.size();
  if (is_date) {
    const std::chrono::year_month_day date{std::chrono::year(*moments.front().year),
                                           std::chrono::month(*moments.front().month),
                                           std::chrono::day(*moments.front().day)};
    if (date.ok()) return told(whole({.first = local_days(date), .last = local_days(date)}));
  }
  if (base::parse_time(said, 0)) return TimeBack{.from = std::string(said)};
  while (!words.empty() && (words.front() == "the" || words.front() == "last" || words.front() == "past"))
    words.erase(words.begin());
  std::optional<std::string> length = length_of(std::move(words));
  return length ? std::optional(TimeBack{.from = std::move(*length)}) : std::nullopt;
}

}  // namespace lilux::brain
