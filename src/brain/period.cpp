#include "brain/period.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;

// Which one from now: -1 for the last one.
std::optional<int> place_of(std::string_view word) {
  if (word == "last" || word == "previous") return -1;
  if (word == "this" || word == "current") return 0;
  if (word == "next" || word == "coming") return 1;
  return std::nullopt;
}

chrono::local_days first_of(const chrono::year_month& month) {
  return chrono::local_days(month / 1);
}

// As many days as a person means by it, who counts them back from now.
std::optional<chrono::days> length_of(std::string_view unit) {
  if (unit == "week") return chrono::days(7);
  if (unit == "month") return chrono::days(30);
  if (unit == "year") return chrono::days(365);
  return std::nullopt;
}

}  // namespace

std::optional<DaySpan> days_of(const SaidPeriod& said, chrono::local_days today) {
  const bool is_back = said.which == "past" || (said.before == "the" && said.which == "last");
  const std::optional<chrono::days> length = is_back ? length_of(said.unit) : std::nullopt;
  if (length) return DaySpan{.first = today - *length, .last = today};
  const std::optional<int> place = place_of(said.which);
  if (!place) return std::nullopt;
  const chrono::year_month_day date(today);
  if (said.unit == "week") {
    const auto monday = today - (chrono::weekday(today) - chrono::Monday) + chrono::weeks(*place);
    return DaySpan{.first = monday, .last = monday + chrono::days(6)};
  }
  if (said.unit == "month") {
    const chrono::year_month month = date.year() / date.month() + chrono::months(*place);
    return DaySpan{.first = first_of(month), .last = first_of(month + chrono::months(1)) - chrono::days(1)};
  }
  const chrono::year_month january = (date.year() + chrono::years(*place)) / chrono::January;
  if (said.unit == "year")
    return DaySpan{.first = first_of(january), .last = first_of(january + chrono::months(12)) - chrono::days(1)};
  return std::nullopt;
}

}  // namespace lilux::brain
