#include "brain/extract_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include "base/number.h"
#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};

std::optional<unsigned> named(std::string_view word, std::span<const std::string_view> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_short = (word.size() == 3 || (word.size() == 4 && word != "mark")) && names[i].starts_with(word);
    if (word == names[i] || is_short) return static_cast<unsigned>(i);
  }
  return std::nullopt;
}

// Words and numbers with their places.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string lower = {};
  int number = -1;  // of digits alone, or of an ordinal
  char before = ' ';
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool letter = is_letter(text[at]);
    if (!letter && !is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (letter ? is_letter(text[end]) : is_digit(text[end]))) ++end;
    Piece piece{
        .begin = at, .end = end, .lower = lowered(text.substr(at, end - at)), .before = at == 0 ? ' ' : text[at - 1]};
    if (!letter && end - at <= 4) piece.number = base::number_from<int>(piece.lower).value_or(-1);
    pieces.push_back(std::move(piece));
    at = end;
  }
  return pieces;
}

class Finder {
 public:
  Finder(std::string_view text, Now now) : text_(text), now_(now), pieces_(pieces_of(text)) {}

  std::vector<Moment> find() {
    while (at_ < pieces_.size()) {
      Moment moment{.begin = pieces_[at_].begin};
      const std::size_t from = at_;
      if (is_part_of_word(at_) || !(date(moment) || clock(moment))) {
        at_ = from + 1;
        continue;
      }
      moment.end = pieces_[at_ - 1].end;
      const Stretch whole{.begin = moment.begin, .end = moment.end};
      if (moment.has_date() || !moment.hour) moment.date = whole;
      if (moment.hour) moment.clock = whole;
      join(moment);
    }
    give_years();
    return std::move(found_);
  }

 private:
  // "April 4th to April 8th, 2023": a year that one date has holds for those that have none; else it is this year's.
  void give_years() {
    std::optional<int> year;
    for (const Moment& moment : found_) {
      if (!year && moment.has_date()) year = moment.year;
    }
    if (!year && now_) year = static_cast<int>(chrono::year_month_day(chrono::floor<chrono::days>(*now_)).year());
    for (Moment& moment : found_) {
      if (moment.has_date() && !moment.year) moment.year = year;
    }
  }

  const Piece* peek(std::size_t ahead = 0) const {
    return at_ + ahead < pieces_.size() ? &pieces_[at_ + ahead] : nullptr;
  }
  std::string_view word(std::size_t ahead = 0) const {
    const Piece* piece = peek(ahead);
    return piece == nullptr ? std::string_view() : piece->lower;
  }
  int number(std::size_t ahead = 0) const {
    const Piece* piece = peek(ahead);
    return piece == nullptr ? -1 : piece->number;
  }
  std::string_view gap(std::size_t ahead) const {
    const Piece* left = peek(ahead - 1);
    const Piece* right = peek(ahead);
    return left == nullptr || right == nullptr ? std::string_view("\n")
                                               : text_.substr(left->end, right->begin - left->end);
  }
  bool is_close(std::size_t ahead) const {
    const std::string_view between = gap(ahead);
    return between.empty() || between == " " || between == ", " || between == "," || between == ". " || between == "-";
  }
  bool is_part_of_word(std::size_t at) const {
    const char before = pieces_[at].before;
    return before == '_' || (at > 0 && pieces_[at - 1].end == pieces_[at].begin && pieces_[at].number < 0) ||
           before == '/';
  }

  // A time directly behind or before a date belongs to it.
  void join(Moment moment) {
    if (!found_.empty()) {
      Moment& last = found_.back();
      const std::string_view between = text_.substr(last.end, moment.begin - last.end);
      const bool is_near = between == " " || between == "T" || between == " at " || between == ", " ||
                           between == " on " || between == ", at " || between == " @ ";
      const bool fit = (last.has_date() && !last.hour && moment.hour && !moment.has_date()) ||
                       (last.hour && !last.has_date() && moment.has_date() && !moment.hour);
      if (is_near && fit) {
        const Moment& time = last.hour ? last : moment;
        const Moment& day = last.hour ? moment : last;
        Moment both = day;
        both.hour = time.hour;
        both.minute = time.minute;
        both.second = time.second;
        both.clock = time.clock;
        both.begin = last.begin;
        both.end = moment.end;
        last = both;
        return;
      }
    }
    found_.push_back(moment);
  }

  void set_day(Moment& moment, chrono::local_days day) const {
    const chrono::year_month_day date(day);
    moment.year = static_cast<int>(date.year());
    moment.month = static_cast<unsigned>(date.month());
    moment.day = static_cast<unsigned>(date.day());
  }
  void set_relative(Moment& moment, int days) const {
    moment.is_relative = true;
    if (now_) set_day(moment, chrono::floor<chrono::days>(*now_) + chrono::days(days));
  }

  bool date(Moment& moment) {
    return iso(moment) || slashes(moment) || month_first(moment) || day_first(moment) || relative(moment) ||
           weekday(moment);
  }

  static bool is_date(int year, int month, int day) {
    return chrono::year_month_day(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                  chrono::day(static_cast<unsigned>(day)))
        .ok();
  }
  bool take(Moment& moment, int year, int month, int day, std::size_t count) {
    if (month < 1 || day < 1 || !is_date(year < 0 ? 2000 : year, month, day)) return false;
    if (year >= 0) moment.year = year;
    moment.month = static_cast<unsigned>(month);
    moment.day = static_cast<unsigned>(day);
    at_ += count;
    return true;
  }

  bool iso(Moment& moment) {
    const std::string_view gap1 = gap(1);
    if (number() < 1000 || !(gap1 == "-" || gap1 == "/" || gap1 == ".") || gap(2) != gap1) return false;
    return take(moment, number(), number(1), number(2), 3);
  }

  bool slashes(Moment& moment) {
    const std::string_view gap1 = gap(1);
    if (number() < 0 || !(gap1 == "/" || gap1 == "-" || gap1 == ".") || gap(2) != gap1 || number(2) < 0) return false;
    const int year = number(2) < 100 ? 2000 + number(2) : number(2);
    if (year < 1000) return false;
    constexpr int kMonthsMost = 12;
    moment.is_unclear = gap1 != "." && number() <= kMonthsMost && number(1) <= kMonthsMost && number() != number(1);
    return take(moment, year, number(), number(1), 3) || take(moment, year, number(1), number(), 3);
  }

  bool ordinal_ends(std::size_t ahead) const {
    const std::string_view suffix = word(ahead);
    return gap(ahead).empty() && (suffix == "st" || suffix == "nd" || suffix == "rd" || suffix == "th");
  }

  // A year that follows; gives how many pieces it takes.
  std::size_t year_after(std::size_t ahead, int& year) const {
    if (!is_close(ahead) && !(word(ahead) == "of")) return 0;
    if (word(ahead) == "of" && number(ahead + 1) >= 1000) {
      year = number(ahead + 1);
      return 2;
    }
    if (number(ahead) < 1000) return 0;
    year = number(ahead);
    return 1;
  }

  bool month_first(Moment& moment) {
    const auto month = named(word(), kMonths);
    if (!month || !is_close(1)) return false;
    std::size_t ahead = word(1) == "the" ? 2 : 1;
    const int day = number(ahead);
    if (day < 1 || day > 31) return false;
    ++ahead;
    if (ordinal_ends(ahead)) ++ahead;
    int year = -1;
    ahead += year_after(ahead, year);
    if (year < 0 && at_ > 0 && pieces_[at_ - 1].number >= 1500 && text_.substr(pieces_[at_ - 1].end, 1) == " ") {
      year = pieces_[at_ - 1].number;
      moment.begin = pieces_[at_ - 1].begin;
    }
    return take(moment, year, static_cast<int>(*month) + 1, day, ahead);
  }

  bool day_first(Moment& moment) {
    const int day = number();
    if (day < 1 || day > 31) return false;
    std::size_t ahead = 1;
    if (ordinal_ends(ahead)) ++ahead;
    if (word(ahead) == "of") ++ahead;
    const auto month = named(word(ahead), kMonths);
    if (!month || (ahead == 1 && !is_close(1))) return false;
    ++ahead;
    int year = -1;
    ahead += year_after(ahead, year);
    return take(moment, year, static_cast<int>(*month) + 1, day, ahead);
  }

  bool relative(Moment& moment) {
    const std::string_view first = word();
    if (first == "today" || first == "tonight") return days_from_now(moment, 0, 1);
    if (first == "tomorrow") return days_from_now(moment, 1, 1);
    if (first == "yesterday") return days_from_now(moment, -1, 1);
    if (first == "day" && word(1) == "after" && word(2) == "tomorrow") return days_from_now(moment, 2, 3);
    if (first == "day" && word(1) == "before" && word(2) == "yesterday") return days_from_now(moment, -2, 3);
    if ((first == "next" || first == "last") && word(1) == "week")
      return days_from_now(moment, first == "next" ? 7 : -7, 2);
    if (first == "in" && count(1) > 0) return from_now(moment, count(1), 2, 3);
    if (count() > 0 && word(2) == "ago") return from_now(moment, -count(), 1, 3);
    if (count() > 0 && word(2) == "from" && (word(3) == "now" || word(3) == "today"))
      return from_now(moment, count(), 1, 4);
    return false;
  }

  // A number in digits or as one of the words that are said of days and hours; -1: none.
  int count(std::size_t ahead = 0) const {
    constexpr std::array<std::string_view, 13> kCounts{"a",     "one",   "two",  "three", "four",   "five",  "six",
                                                       "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    if (word(ahead) == "an") return 1;
    const auto* found = std::ranges::find(kCounts, word(ahead));
    if (found == kCounts.end()) return number(ahead);
    return std::max(1, static_cast<int>(found - kCounts.begin()));
  }

  // "3 weeks", the unit standing `ahead`, from now on or before it.
  bool from_now(Moment& moment, int amount, std::size_t ahead, std::size_t pieces) {
    std::string_view unit = word(ahead);
    if (unit.ends_with('s')) unit.remove_suffix(1);
    if (unit == "day") return days_from_now(moment, amount, pieces);
    if (unit == "week") return days_from_now(moment, 7 * amount, pieces);
    const bool is_minute = unit == "minute" || unit == "min";
    if (!is_minute && unit != "hour") return false;
    moment.is_relative = true;
    if (now_) {
      const chrono::local_seconds at = *now_ + chrono::minutes(is_minute ? amount : 60 * amount);
      const chrono::local_days day = chrono::floor<chrono::days>(at);
      const chrono::hh_mm_ss<chrono::seconds> time(at - day);
      set_day(moment, day);
      moment.hour = static_cast<int>(time.hours().count());
      moment.minute = static_cast<int>(time.minutes().count());
      moment.second = static_cast<int>(time.seconds().count());
    }
    at_ += pieces;
    return true;
  }

  bool days_from_now(Moment& moment, int days, std::size_t count) {
    set_relative(moment, days);
    at_ += count;
    return true;
  }

  bool weekday(Moment& moment) {
    const std::string_view first = word();
    const bool has_word = first == "next" || first == "this" || first == "last" || first == "coming";
    const auto day = named(word(has_word ? 1 : 0), kWeekdays);
    if (!day || (!has_word && word().size() < 4)) return false;
    moment.is_relative = true;
    if (now_) {
      const chrono::local_days today = chrono::floor<chrono::days>(*now_);
      const unsigned now_day = chrono::weekday(today).c_encoding();
      int ahead = static_cast<int>((*day + 7 - now_day) % 7);
      if (ahead == 0 && first != "this") ahead = 7;
      const bool is_back = first == "last" || (!has_word && at_ > 0 && pieces_[at_ - 1].lower == "since");
      if (is_back) ahead = ahead == 7 ? -7 : ahead - 7;
      set_day(moment, today + chrono::days(ahead));
    }
    at_ += has_word ? 2 : 1;
    return true;
  }

  bool clock(Moment& moment) {
    const std::string_view first = word();
    if (first == "noon" || first == "midday" || first == "midnight") {
      moment.hour = first == "midnight" ? 0 : 12;
      ++at_;
      return true;
    }
    if (spoken_clock(moment)) return true;
    const int hour = number();
    if (hour < 0 || hour > 24 || peek()->end - peek()->begin > 2) return false;
    std::size_t ahead = 1;
    int minute = -1;
    if (gap(1) == ":" && number(1) >= 0 && number(1) < 60 && peek(1)->end - peek(1)->begin == 2) {
      minute = number(1);
      ahead = 2;
      if (gap(2) == ":" && number(2) >= 0 && number(2) < 60) {
        moment.second = number(2);
        ahead = 3;
      }
    }
    int half = day_half(ahead);
    if (half < 0 && hour <= 12) half = part_of_day(ahead, hour);
    if (half < 0 && word(ahead) == "o" && word(ahead + 1) == "clock")
      ahead += 2;
    else if (half < 0 && minute < 0)
      return false;
    if ((half >= 0 && hour > 12) || hour > 23) return false;
    moment.hour = half < 0 ? hour : hour % 12 + half;
    moment.minute = std::max(minute, 0);
    at_ += ahead;
    return true;
  }

  // "half past twelve", "quarter to nine in the evening".
  bool spoken_clock(Moment& moment) {
    const bool is_half = word() == "half";
    if (!is_half && word() != "quarter") return false;
    const bool is_before = word(1) == "to";
    if (!is_before && word(1) != "past") return false;
    const int hour = count(2);
    if (hour < 1 || hour > 12 || word(2) == "a" || word(2) == "an") return false;
    std::size_t ahead = 3;
    int half = day_half(ahead);
    if (half < 0) half = part_of_day(ahead, hour);
    const int minutes = (hour * 60 + (is_half ? 30 : 15) * (is_before ? -1 : 1));
    const int clock = half < 0 ? minutes : minutes % 720 + half * 60;
    moment.hour = clock / 60 % 24;
    moment.minute = clock % 60;
    at_ += ahead;
    return true;
  }

  // The same of "in the morning" and the like.
  int part_of_day(std::size_t& ahead, int hour) const {
    const bool is_night = word(ahead) == "at" && word(ahead + 1) == "night";
    const std::string_view part = word(ahead + 2);
    const bool is_part = word(ahead) == "in" && word(ahead + 1) == "the";
    if (!is_night && !(is_part && (part == "morning" || part == "afternoon" || part == "evening"))) return -1;
    ahead += is_night ? 2 : 3;
    return (is_part && part == "morning") || (is_night && (hour == 12 || hour < 5)) ? 0 : 12;
  }

  // 0 for am, 12 for pm, -1 for neither; moves behind it.
  int day_half(std::size_t& ahead) const {
    const std::string_view between = gap(ahead);
    if (!between.empty() && between != " ") return -1;
    const std::string_view mark = word(ahead);
    if (mark == "am" || mark == "pm") {
      ++ahead;
      return mark == "am" ? 0 : 12;
    }
    if ((mark == "a" || mark == "p") && gap(ahead + 1) == "." && word(ahead + 1) == "m") {
      ahead += 2;
      return mark == "a" ? 0 : 12;
    }
    return -1;
  }

  std::string_view text_;
  Now now_;
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  std::vector<Moment> found_ = {};
};

std::string padded(int value, int width) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%0*d", width, value);
  return text.data();
}

// "+02:00", and Z for none.
std::string zone_of(std::chrono::seconds offset) {
  const auto minutes = static_cast<int>(offset.count() / 60);
  if (minutes == 0) return "Z";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%c%02d:%02d", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                std::abs(minutes) % 60);
  return text.data();
}

// The value of the letters at the front of a pattern, and how many they are.
std::optional<std::pair<std::string, std::size_t>> field_of(const Moment& moment, std::string_view pattern) {
  const auto two = [](std::optional<int> value) { return value ? padded(*value, 2) : std::string(); };
  std::string text;
  std::size_t size = 2;
  if (pattern.starts_with("YYYY")) {
    if (moment.year) text = padded(*moment.year, 4);
    size = 4;
  } else if (pattern.starts_with("MM")) {
    text = two(moment.month ? std::optional(static_cast<int>(*moment.month)) : std::nullopt);
  } else if (pattern.starts_with("DD")) {
    text = two(moment.day ? std::optional(static_cast<int>(*moment.day)) : std::nullopt);
  } else if (pattern.starts_with("HH")) {
    text = two(moment.hour);
  } else if (pattern.starts_with("mm")) {
    text = padded(moment.minute, 2);
  } else if (pattern.starts_with("ss")) {
    text = padded(moment.second, 2);
  } else {
    return std::pair(std::string(pattern.substr(0, 1)), std::size_t{1});
  }
  if (text.empty()) return std::nullopt;
  return std::pair(std::move(text), size);
}

// "2023-06-05" in an example is as good as YYYY-MM-DD.
std::string pattern_of_example(std::string_view text) {
  const auto shape = [&](std::size_t at, std::string_view wanted) {
    if (at + wanted.size() > text.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] == '0' ? !is_digit(text[at + i]) : text[at + i] != wanted[i]) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_digit(text[at - 1])) continue;
    if (shape(at, "0000-00-00T00:00:00")) return "YYYY-MM-DDTHH:mm:ss";
    if (shape(at, "0000-00-00 00:00:00")) return "YYYY-MM-DD HH:mm:ss";
    if (shape(at, "0000-00-00 00:00")) return "YYYY-MM-DD HH:mm";
    if (shape(at, "0000-00-00")) return "YYYY-MM-DD";
    if (shape(at, "00/00/0000")) return "MM/DD/YYYY";
    if (shape(at, "00-00-0000")) return "MM-DD-YYYY";
    if (shape(at, "00:00:00")) return "HH:mm:ss";
    if (shape(at, "00:00") && text.find("M", at) == std::string_view::npos) return "HH:mm";
  }
  return {};
}

}  // namespace

std::vector<Moment> find_moments(std::string_view text, Now now) {
  return Finder(text, now).find();
}

std::string time_pattern(std::string_view description) {
  const std::string lower = lowered(description);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kPatterns{{
      {"yyyy-mm-ddthh:mm:ss", "YYYY-MM-DDTHH:mm:ss"},
      {"yyyy-mm-dd hh:mm:ss", "YYYY-MM-DD HH:mm:ss"},
      {"yyyy-mm-dd hh:mm", "YYYY-MM-DD HH:mm"},
      {"yyyy-mm-dd", "YYYY-MM-DD"},
      {"yyyy/mm/dd", "YYYY/MM/DD"},
      {"mm/dd/yyyy", "MM/DD/YYYY"},
      {"mm-dd-yyyy", "MM-DD-YYYY"},
      {"dd/mm/yyyy", "DD/MM/YYYY"},
      {"dd-mm-yyyy", "DD-MM-YYYY"},
      {"dd.mm.yyyy", "DD.MM.YYYY"},
      {"yyyymmdd", "YYYYMMDD"},
      {"hh:mm:ss", "HH:mm:ss"},
      {"hh:mm", "HH:mm"},
      {"yyyy-mm", "YYYY-MM"},
  }};
  for (const auto& [name, pattern] : kPatterns) {
    if (lower.find(name) != std::string::npos) return std::string(pattern);
  }
  return pattern_of_example(description);
}

std::string_view pattern_of_format(std::string_view format) {
  if (format == "date") return "YYYY-MM-DD";
  if (format == "time") return "HH:mm:ssZ";
  if (format == "date-time") return "YYYY-MM-DDTHH:mm:ssZ";
  return {};
}

std::optional<std::string> with_zone(std::string_view pattern, std::optional<chrono::seconds> offset) {
  std::string made(pattern);
  const std::size_t zone = made.find('Z');
  if (zone == std::string::npos) return made;
  if (!offset) return std::nullopt;
  return made.replace(zone, 1, zone_of(*offset));
}

std::optional<std::string> written(const Moment& moment, std::string_view pattern) {
  std::string text;
  const bool has_clock = pattern.find("HH") != std::string_view::npos;
  if (!has_clock && !moment.has_date()) return std::nullopt;
  while (!pattern.empty()) {
    const auto field = field_of(moment, pattern);
    if (!field) return std::nullopt;
    text += field->first;
    pattern.remove_prefix(field->second);
  }
  return text;
}

}  // namespace lilux::brain
