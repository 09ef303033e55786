#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/encoding.h"

namespace lilux::base {

namespace {

template <class Number>
bool read_number(std::string_view& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool read_fixed(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  std::string_view part = text.substr(0, digits);
  for (const char c : part) {
    if (c < '0' || c > '9') return false;
  }
  std::from_chars(part.begin(), part.end(), value);
  text.remove_prefix(digits);
  return true;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::unexpected<Error> bad_time(std::string_view text) {
  return fail(ErrorCode::invalid_argument, "'" + std::string(clipped(text, 60)) + "' is not a time",
              "for example 2026-03-01T12:00:00Z, or how long ago: 10m, 2h, 7d");
}

bool read_clock(std::string_view& text, std::int64_t& us) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_fixed(text, 2, hour) || !skip(text, ':') || !read_fixed(text, 2, minute)) return false;
  if (skip(text, ':') && !read_fixed(text, 2, second)) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  us += (std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second) * 1'000'000;
  if (skip(text, '.')) {
    std::int64_t unit = 100'000;
    if (text.empty() || text.front() < '0' || text.front() > '9') return false;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
      us += unit * (text.front() - '0');
  }
  return true;
}

bool read_offset(std::string_view& text, std::int64_t& us) {
  if (skip(text, 'Z') || skip(text, 'z')) return true;
  const int sign = text.starts_with('+') ? 1 : text.starts_with('-') ? -1 : 0;
  int hour = 0;
  int minute = 0;
  if (sign == 0) return false;
  text.remove_prefix(1);
  if (!read_fixed(text, 2, hour) || !skip(text, ':') || !read_fixed(text, 2, minute) || hour > 23 || minute > 59)
    return false;
  us -= sign * (std::int64_t{hour} * 3600 + std::int64_t{minute} * 60) * 1'000'000;
  return true;
}

}  // namespace

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string format_time(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> time{microseconds(time_us)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

Result<std::int64_t> parse_time(std::string_view text, std::int64_t now) {
  if (const Result<std::chrono::milliseconds> ago = parse_duration(text)) return now - ago->count() * 1000;
  std::string_view rest = text;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!read_fixed(rest, 4, year) || !skip(rest, '-') || !read_fixed(rest, 2, month) || !skip(rest, '-') ||
      !read_fixed(rest, 2, day))
    return bad_time(text);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return bad_time(text);
  std::int64_t us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::sys_days(date).time_since_epoch()).count();
  if (rest.empty()) return us;
  if (!skip(rest, 'T') && !skip(rest, 't') && !skip(rest, ' ')) return bad_time(text);
  if (!read_clock(rest, us) || !read_offset(rest, us) || !rest.empty()) return bad_time(text);
  return us;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::string_view rest = text;
  std::int64_t count = 0;
  std::int64_t unit_ms = 0;
  const bool is_number = read_number(rest, count) && count >= 0;
  if (rest == "ms")
    unit_ms = 1;
  else if (rest.empty() || rest == "s")
    unit_ms = 1000;
  else if (rest == "m")
    unit_ms = 60'000;
  else if (rest == "h")
    unit_ms = 3'600'000;
  else if (rest == "d")
    unit_ms = 86'400'000;
  if (!is_number || unit_ms == 0 || count > std::int64_t{100} * 365 * 86'400'000 / unit_ms) {
    return fail(ErrorCode::invalid_argument, "'" + std::string(clipped(text, 60)) + "' is not a duration",
                "for example 250ms, 30s, 10m, 2h, 7d");
  }
  return std::chrono::milliseconds(count * unit_ms);
}

}  // namespace lilux::base
