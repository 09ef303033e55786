#include "brain/time_back.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/time.h"
#include "brain/phrase.h"

namespace lilux::brain {

namespace {

using std::chrono::days;

// Before how many days; -1: since Monday.
constexpr std::array<std::pair<std::string_view, int>, 14> kDays{{{"today", 0},
                                                                  {"this morning", 0},
                                                                  {"this afternoon", 0},
                                                                  {"this evening", 0},
                                                                  {"tonight", 0},
                                                                  {"midnight", 0},
                                                                  {"yesterday", 1},
                                                                  {"last night", 1},
                                                                  {"last evening", 1},
                                                                  {"the day before yesterday", 2},
                                                                  {"this week", -1},
                                                                  {"last week", 7},
                                                                  {"a week ago", 7},
                                                                  {"last month", 30}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kUnits{{{"second", "s"},
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
                                                                                {"months", "M"}}};
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

std::string midnight(std::chrono::local_days day, std::chrono::seconds offset) {
  const std::chrono::year_month_day date(day);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(offset)).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT00:00:00%c%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), offset.count() < 0 ? '-' : '+',
                static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return text.data();
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
  return std::to_string(count).append(unit);
}

// "monday", "last monday", "on monday": the last one, today at the earliest.
std::optional<std::chrono::local_days> weekday_of(std::string_view plain, std::chrono::local_days today) {
  constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};
  for (const std::string_view before : {"on ", "last "})
    if (plain.starts_with(before)) plain.remove_prefix(before.size());
  const auto* named = std::ranges::find(kWeekdays, plain);
  if (named == kWeekdays.end()) return std::nullopt;
  const std::chrono::weekday day(static_cast<unsigned>(named - kWeekdays.begin()));
  return today - (std::chrono::weekday(today) - day);
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

std::optional<std::string> time_back(std::string_view said, Now now, std::chrono::seconds offset) {
  if (base::parse_time(said, 0)) return std::string(said);
  std::vector<std::string> words;
  std::string plain;
  for (const Spoken::Word& word : spoken(said).words) {
    words.push_back(word.folded);
    plain.append(plain.empty() ? "" : " ").append(word.folded);
  }
  const auto* named = std::ranges::find(kDays, plain, &std::pair<std::string_view, int>::first);
  if (named != kDays.end() && !now) return std::nullopt;
  if (named != kDays.end()) {
    const auto today = std::chrono::floor<days>(*now);
    const auto monday = today - (std::chrono::weekday(today) - std::chrono::Monday);
    return midnight(named->second < 0 ? monday : today - days(named->second), offset);
  }
  if (now) {
    if (const auto day = weekday_of(plain, std::chrono::floor<days>(*now))) return midnight(*day, offset);
  }
  while (!words.empty() && (words.front() == "the" || words.front() == "last" || words.front() == "past"))
    words.erase(words.begin());
  if (std::optional<std::string> found = length_of(std::move(words))) return found;
  const std::vector<Moment> moments = find_moments(said, now);
  const bool is_date = moments.size() == 1 && moments.front().has_date() && moments.front().year &&
                       moments.front().begin == 0 && moments.front().end == said.size();
  if (!is_date) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*moments.front().year),
                                         std::chrono::month(*moments.front().month),
                                         std::chrono::day(*moments.front().day)};
  return date.ok() ? std::optional(midnight(std::chrono::local_days(date), offset)) : std::nullopt;
}

}  // namespace lilux::brain
