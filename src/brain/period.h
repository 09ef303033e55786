#pragma once

// Which days a person means by "last week", "this month" or "the past year": one meaning for the own tools, which want
// times, and for described ones, which want days. Pure; any thread.

#include <chrono>
#include <optional>
#include <string_view>

namespace lilux::brain {

struct DaySpan {
  std::chrono::local_days first = {};
  std::chrono::local_days last = {};
};

struct SaidPeriod {
  std::string_view before = {};  // the word before it, or nothing
  std::string_view which = {};   // "last", "this", "next"
  std::string_view unit = {};    // "week", "month", "year"
};

// Whole weeks from Monday on, months or years; "the last week" and "the past week" are the seven days up to now.
std::optional<DaySpan> days_of(const SaidPeriod& said, std::chrono::local_days today);

}  // namespace lilux::brain
