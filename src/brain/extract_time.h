#pragma once

// Dates, times of day and lengths of time in a sentence, absolute ("June 5th 2023", "2023-06-05", "3:30pm") or told
// from now ("tomorrow at 3pm", "next Tuesday", "in 2 hours"). What is told from now has no date where now is not given.
// Pure; any thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

using Now = std::optional<std::chrono::local_seconds>;

// Bytes of the text; none of them where begin is end.
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Moment {
  std::size_t begin = 0;
  std::size_t end = 0;
  Stretch date = {};   // the part of it that is the day
  Stretch clock = {};  // and the one that is the time of day
  std::optional<int> year = {};
  std::optional<unsigned> month = {};
  std::optional<unsigned> day = {};
  std::optional<int> hour = {};
  int minute = 0;
  int second = 0;
  bool is_relative = false;  // told from now
  bool is_unclear = false;   // 05/03/2024: which is the month, nobody said
  bool has_date() const { return month.has_value() && day.has_value(); }
};

std::vector<Moment> find_moments(std::string_view text, Now now);

// How a description or an example wants dates and times written, as a pattern of YYYY, MM, DD, HH, mm and ss; empty
// when it does not say.
std::string time_pattern(std::string_view description);
// The same of a "format" of JSON Schema: date, time, date-time. Z in it is the zone.
std::string_view pattern_of_format(std::string_view format);
// The pattern with the zone of a clock that is `offset` ahead of UTC; nothing where it wants one that is not known.
std::optional<std::string> with_zone(std::string_view pattern, std::optional<std::chrono::seconds> offset);
// In that pattern; nothing when the moment lacks a part of it.
std::optional<std::string> written(const Moment& moment, std::string_view pattern);

}  // namespace lilux::brain
