#include "brain/extract_period.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "brain/period.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;
using chrono::local_days;
using chrono::local_seconds;

constexpr chrono::seconds kSecond{1};
constexpr double kDay = 86400;
constexpr double kMonth = 2592000;
constexpr double kYear = 31536000;

using Words = std::span<const std::string_view>;
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 4> kQuarters{"first", "second", "third", "fourth"};
constexpr std::array<std::string_view, 4> kQuartersInShort{"q1", "q2", "q3", "q4"};
constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
constexpr std::array<std::string_view, 3> kBack{"last", "past", "previous"};
constexpr std::array<std::string_view, 2> kAhead{"next", "coming"};
constexpr std::array<std::string_view, 4> kUpTo{"to", "until", "till", "through"};
constexpr std::array<std::string_view, 12> kBeforeYear{"in",    "of",    "for",  "year", "during",  "from",
                                                       "since", "until", "till", "to",   "between", "and"};
constexpr std::array<std::string_view, 8> kOfPast{"was", "were", "did", "had", "happened", "changed", "failed", "sold"};

std::optional<unsigned> place_in(Words words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<unsigned>(found - words.begin());
}
bool is_one_of(Words words, std::string_view word) {
  return place_in(words, word).has_value();
}

struct Range {
  Span span = {};
  local_seconds begin = {};
  local_seconds end = {};
  bool is_one_day = false;
  bool is_weekday = false;  // by its name alone: which one of them depends on what stands before it
  bool is_clock = false;    // a time of day without a day
  bool is_point = false;    // a time of day
  bool has_year = false;
};

Range days(Span span, local_days first, local_days last) {
  return {.span = span, .begin = first, .end = local_seconds(last + chrono::days(1)) - kSecond};
}

Range months(Span span, chrono::year_month first, int count) {
  const local_days after(chrono::year_month_day((first + chrono::months(count)) / 1));
  return days(span, local_days(chrono::year_month_day(first / 1)), after - chrono::days(1));
}

class Ranges {
 public:
  explicit Ranges(const Reading& reading)
      : reading_(&reading), now_(*reading.now), today_(chrono::floor<chrono::days>(now_)) {}

  std::vector<Range> all() const {
    std::vector<Range> found;
    for (std::size_t at = 0; at < count();) {
      const std::optional<Range> range = at_token(at);
      if (range) found.push_back(*range);
      at = range ? range->span.last + 1 : at + 1;
    }
    return found;
  }

 private:
  std::size_t count() const { return reading_->text.tokens.size(); }
  std::string_view word(std::size_t at) const {
    return at < count() ? std::string_view(reading_->text.tokens[at].lower) : std::string_view();
  }

  std::optional<Range> at_token(std::size_t at) const {
    if (auto found = counted(at)) return found;
    if (auto found = named(at)) return found;
    if (auto found = quarter(at)) return found;
    if (auto found = moment(at)) return found;
    if (auto found = month(at)) return found;
    return year(at);
  }

  // "last 3 days", "next two weeks", "past 30 minutes".
  std::optional<Range> counted(std::size_t at) const {
    const bool is_back = is_one_of(kBack, word(at));
    if (!is_back && !is_one_of(kAhead, word(at))) return std::nullopt;
    for (const Quantity& one : reading_->quantities) {
      const bool is_time = one.unit && one.unit->dimension == Dimension::time && one.value >= 1 && one.value < 10'000;
      if (!is_time || !one.is_whole || reading_->tokens_of(one.begin, one.end).first != at + 1) continue;
      const Span span{.first = at, .last = reading_->tokens_of(one.begin, one.unit_end).last};
      return from_now(span, is_back, static_cast<int>(one.value), one.unit->factor);
    }
    const bool is_short = is_back && (word(at + 1) == "hour" || word(at + 1) == "minute");
    if (!is_short) return std::nullopt;
    return from_now({.first = at, .last = at + 1}, is_back, 1, word(at + 1) == "hour" ? 3600 : 60);
  }

  // As many of a unit of so many seconds, back from now or ahead of it. Days that are to come begin tomorrow.
  std::optional<Range> from_now(Span span, bool is_back, int amount, double unit) const {
    if (unit < kDay) {
      const chrono::seconds length(static_cast<std::int64_t>(amount * unit));
      return Range{.span = span, .begin = is_back ? now_ - length : now_, .end = is_back ? now_ : now_ + length};
    }
    const local_days other = far(is_back ? -amount : amount, unit);
    Range made = is_back ? days(span, other, today_) : days(span, today_ + chrono::days(1), other);
    if (is_back) made.end = now_;
    return made;
  }

  local_days far(int amount, double unit) const {
    const int of_months = unit >= kYear ? 12 * static_cast<int>(unit / kYear) : static_cast<int>(unit / kMonth);
    if (of_months == 0) return today_ + chrono::days(static_cast<int>(unit / kDay) * amount);
    const chrono::year_month_day day(today_);
    const chrono::year_month month = day.year() / day.month() + chrono::months(of_months * amount);
    const chrono::year_month_day same = month / day.day();
    return local_days(same.ok() ? same : chrono::year_month_day(month / chrono::last));
  }

  // "last week", "this quarter", "next weekend".
  std::optional<Range> named(std::size_t at) const {
    const std::string_view which = word(at);
    const Span span{.first = at, .last = at + 1};
    const auto whole =
        days_of({.before = at > 0 ? word(at - 1) : std::string_view(), .which = which, .unit = word(at + 1)}, today_);
    if (whole) return days(span, whole->first, whole->last);
    const bool is_back = is_one_of(kBack, which);
    const bool is_this = which == "this" || which == "current" || which == "the";
    if (!is_back && !is_this && !is_one_of(kAhead, which)) return std::nullopt;
    const int step = is_back ? -1 : (is_this ? 0 : 1);
    if (word(at + 1) == "weekend") return weekend(span, step);
    if (word(at + 1) != "quarter" || which == "the") return std::nullopt;
    const chrono::year_month_day day(today_);
    const unsigned first = (static_cast<unsigned>(day.month()) - 1) / 3 * 3 + 1;
    return months(span, day.year() / chrono::month(first) + chrono::months(3 * step), 3);
  }

  // Of this week, or the one that has been last; on a Sunday that is the day before.
  Range weekend(Span span, int step) const {
    const local_days saturday = today_ - (chrono::weekday(today_) - chrono::Monday) + chrono::days(5 + 7 * step);
    return days(span, saturday, saturday + chrono::days(1));
  }

  // A year that stands behind it, with or without "of", and where it stands.
  std::optional<std::pair<int, std::size_t>> year_behind(std::size_t at) const {
    const std::size_t place = word(at) == "of" ? at + 1 : at;
    const std::optional<int> found = year_at(place);
    if (!found) return std::nullopt;
    return std::pair(*found, place);
  }
  std::optional<int> year_at(std::size_t at) const {
    const std::string_view digits = word(at);
    if (digits.size() != 4 || !std::ranges::all_of(digits, is_digit) || (digits[0] != '1' && digits[0] != '2'))
      return std::nullopt;
    int value = 0;
    for (const char c : digits) value = 10 * value + (c - '0');
    return value >= 1900 && value < 2200 ? std::optional(value) : std::nullopt;
  }
  int this_year() const { return static_cast<int>(chrono::year_month_day(today_).year()); }

  Range in_year(std::size_t first, std::size_t last, chrono::month month, int how_many) const {
    const auto told = year_behind(last + 1);
    Range made = months({.first = first, .last = told ? told->second : last},
                        chrono::year(told ? told->first : this_year()) / month, how_many);
    made.has_year = told.has_value();
    return made;
  }

  // "Q1 2023", "the first quarter".
  std::optional<Range> quarter(std::size_t at) const {
    std::optional<unsigned> which = place_in(kQuartersInShort, word(at));
    const bool is_short = which.has_value();
    if (!is_short && word(at + 1) == "quarter") which = place_in(kQuarters, word(at));
    if (!which) return std::nullopt;
    return in_year(at, is_short ? at : at + 1, chrono::month(*which * 3 + 1), 3);
  }

  // Not "may I": with a small letter it stands behind a word that leads to a time.
  std::optional<Range> month(std::size_t at) const {
    const std::optional<unsigned> which = place_in(kMonths, word(at));
    if (!which) return std::nullopt;
    const bool is_led = at > 0 && is_one_of(kBeforeYear, word(at - 1));
    if (!is_led && (!reading_->text.tokens[at].is_capital || reading_->text.tokens[at].begins_text))
      return std::nullopt;
    return in_year(at, at, chrono::month(*which + 1), 1);
  }

  std::optional<Range> year(std::size_t at) const {
    const std::optional<int> found = year_at(at);
    if (!found || at == 0 || !is_one_of(kBeforeYear, word(at - 1))) return std::nullopt;
    const Span span{.first = word(at - 1) == "year" ? at - 1 : at, .last = at};
    Range made = months(span, chrono::year(*found) / chrono::January, 12);
    made.has_year = true;
    return made;
  }

  std::optional<Range> moment(std::size_t at) const {
    for (const Moment& one : reading_->moments) {
      const Span span = reading_->tokens_of(one.begin, one.end);
      if (span.first != at || span.first > span.last || one.is_unclear) continue;
      if (!one.has_date() && !one.hour) return std::nullopt;
      const local_days day =
          one.has_date() && one.year
              ? local_days(chrono::year(*one.year) / chrono::month(*one.month) / chrono::day(*one.day))
              : today_;
      Range made = days(span, day, day);
      made.is_point = one.hour.has_value();
      if (one.hour)
        made.begin = day + chrono::hours(*one.hour) + chrono::minutes(one.minute) + chrono::seconds(one.second);
      if (one.hour) made.end = made.begin;
      made.is_one_day = !made.is_point;
      made.is_clock = !one.has_date();
      made.is_weekday = span.first == span.last && is_one_of(kWeekdays, word(at));
      for (std::size_t i = span.first; i <= span.last; ++i) made.has_year = made.has_year || has_year(i);
      return made;
    }
    return std::nullopt;
  }
  // A number of four digits is a part of the word: 2024-03-01.
  bool has_year(std::size_t at) const {
    std::size_t digits = 0;
    for (const char c : word(at)) {
      digits = is_digit(c) ? digits + 1 : 0;
      if (digits == 4) return true;
    }
    return false;
  }

  const Reading* reading_;
  local_seconds now_;
  local_days today_;
};

// Two ranges as the first and the last part of one; nothing where that is empty.
class Joint {
 public:
  Joint(const Reading& reading, Range first, Range last) : reading_(&reading), first_(first), last_(last) {}

  bool is_one() const {
    const auto& tokens = reading_->text.tokens;
    const std::size_t at = first_.span.last + 1;
    if (at + 1 != last_.span.first) return false;
    const std::string_view between = tokens[at].lower;
    const bool is_between = first_.span.first > 0 && tokens[first_.span.first - 1].lower == "between";
    return is_one_of(kUpTo, between) || between == "-" || (between == "and" && is_between);
  }

  std::optional<Period> period() {
    if (last_.is_clock) move_to_day_of_first();
    if (last_.is_weekday) move(last_, days_after(first_.begin, last_.begin));
    if (last_.end < first_.begin && !last_.has_year && !first_.has_year) move(last_, years_after());
    if (last_.end < first_.begin) return std::nullopt;
    const bool is_of_past =
        std::ranges::any_of(reading_->text.tokens, [](const Token& token) { return is_one_of(kOfPast, token.lower); });
    if (first_.is_weekday && is_of_past) {
      while (last_.begin > *reading_->now) {
        move(first_, -chrono::weeks(1));
        move(last_, -chrono::weeks(1));
      }
    }
    const std::size_t lead = first_.span.first > 0 ? first_.span.first - 1 : 0;
    const bool is_led = reading_->text.tokens[lead].lower == "from" || reading_->text.tokens[lead].lower == "between";
    return Period{.span = {.first = is_led ? lead : first_.span.first, .last = last_.span.last},
                  .begin = first_.begin,
                  .end = last_.end};
  }

 private:
  static void move(Range& range, chrono::seconds by) {
    range.begin += by;
    range.end += by;
  }
  // "between 9am and 11am", "tomorrow 9am to 11am", "10pm to 6am".
  void move_to_day_of_first() {
    const auto time = last_.begin - chrono::floor<chrono::days>(last_.begin);
    last_.begin = chrono::floor<chrono::days>(first_.begin) + time;
    if (last_.begin < first_.begin) last_.begin += chrono::days(1);
    last_.end = last_.begin;
  }
  // To the first day of that name behind the other.
  static chrono::seconds days_after(local_seconds first, local_seconds last) {
    const auto from = chrono::floor<chrono::days>(first);
    const auto to = chrono::floor<chrono::days>(last);
    const chrono::days ahead = chrono::weekday(to) - chrono::weekday(from);
    return from + ahead - to;
  }
  // "from December to January": to the same of the year after.
  chrono::seconds years_after() const {
    const chrono::year_month_day day(chrono::floor<chrono::days>(last_.end));
    const chrono::year_month_day next = (day.year() + chrono::years(1)) / day.month() / day.day();
    return next.ok() ? local_days(next) - local_days(day) : chrono::days(365);
  }

  const Reading* reading_;
  Range first_;
  Range last_;
};

// One range by itself: "since Friday", "until June", "in March".
std::optional<Period> alone(const Reading& reading, Range range) {
  const auto& tokens = reading.text.tokens;
  const std::string_view before = range.span.first > 0 ? tokens[range.span.first - 1].lower : std::string_view();
  const std::string_view behind =
      range.span.last + 1 < tokens.size() ? tokens[range.span.last + 1].lower : std::string_view();
  const Span with_word{.first = range.span.first > 0 ? range.span.first - 1 : 0, .last = range.span.last};
  if (before == "since" || (before == "from" && (behind == "on" || behind == "onwards"))) {
    while (before == "since" && range.begin > *reading.now && (range.is_weekday || range.is_clock))
      range.begin -= range.is_clock ? chrono::days(1) : chrono::days(7);
    return Period{.span = with_word, .begin = range.begin};
  }
  if (before == "until" || before == "till") return Period{.span = with_word, .end = range.end};
  if (range.is_point) return std::nullopt;
  return Period{.span = range.span, .begin = range.begin, .end = range.end, .is_one_day = range.is_one_day};
}

}  // namespace

std::optional<Period> find_period(const Reading& reading) {
  if (!reading.now) return std::nullopt;
  const std::vector<Range> ranges = Ranges(reading).all();
  for (std::size_t i = 0; i + 1 < ranges.size(); ++i) {
    Joint joint(reading, ranges[i], ranges[i + 1]);
    if (joint.is_one()) return joint.period();
  }
  if (ranges.size() != 1) return std::nullopt;
  return alone(reading, ranges.front());
}

}  // namespace lilux::brain
