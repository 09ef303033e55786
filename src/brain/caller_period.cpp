#include "brain/caller_period.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "brain/extract_time.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;

struct Period {
  Span span = {};  // of the words that say it
  chrono::local_days first = {};
  chrono::local_days last = {};
};

// Which one from now: -1 for the last one.
std::optional<int> place_of(std::string_view word) {
  if (word == "last" || word == "previous" || word == "past") return -1;
  if (word == "this" || word == "current") return 0;
  if (word == "next" || word == "coming") return 1;
  return std::nullopt;
}

chrono::local_days first_of(const chrono::year_month& month) {
  return chrono::local_days(month / 1);
}

std::optional<Period> period_of(std::string_view unit, int place, chrono::local_days today) {
  const chrono::year_month_day date(today);
  if (unit == "week") {
    const auto monday = today - (chrono::weekday(today) - chrono::Monday) + chrono::weeks(place);
    return Period{.first = monday, .last = monday + chrono::days(6)};
  }
  if (unit == "month") {
    const chrono::year_month month = date.year() / date.month() + chrono::months(place);
    return Period{.first = first_of(month), .last = first_of(month + chrono::months(1)) - chrono::days(1)};
  }
  const chrono::year_month january = (date.year() + chrono::years(place)) / chrono::January;
  if (unit == "year")
    return Period{.first = first_of(january), .last = first_of(january + chrono::months(12)) - chrono::days(1)};
  return std::nullopt;
}

std::optional<Period> find_period(const Reading& reading) {
  if (!reading.now) return std::nullopt;
  const auto& tokens = reading.text.tokens;
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    const std::optional<int> place = place_of(tokens[at].lower);
    std::optional<Period> found =
        place ? period_of(tokens[at + 1].lower, *place, chrono::floor<chrono::days>(*reading.now)) : std::nullopt;
    if (!found) continue;
    found->span = {.first = at, .last = at + 1};
    return found;
  }
  return std::nullopt;
}

// The one parameter for a day that has one of these in its name; nothing where two have.
std::optional<std::size_t> only_day(const Tool& tool, std::span<const std::string_view> names) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const Parameter& one = tool.parameters[i];
    const bool is_day = one.kind == Kind::string && one.path.size() == 1 && one.time_pattern.contains("DD") &&
                        !one.time_pattern.contains("HH");
    const bool is_named = std::ranges::any_of(
        one.name, [&](const std::string& word) { return std::ranges::find(names, word) != names.end(); });
    if (!is_day || !is_named) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

// Whether it has a value that something else says.
bool is_given(const Filled& filled, std::size_t parameter, const Span& period) {
  return std::ranges::any_of(filled.arguments, [&](const Argument& one) {
    const Span& span = one.candidate.span;
    const bool is_elsewhere = span.last < period.first || span.first > period.last;
    return one.parameter == parameter && one.candidate.source == Source::moment && is_elsewhere;
  });
}

void give(Filled& filled, const Tool& tool, std::size_t parameter, const Span& span, chrono::local_days day) {
  const chrono::year_month_day date(day);
  const Moment moment{.year = static_cast<int>(date.year()),
                      .month = static_cast<unsigned>(date.month()),
                      .day = static_cast<unsigned>(date.day())};
  const auto text = written(moment, tool.parameters[parameter].time_pattern);
  if (!text || !tool.parameters[parameter].limits.hold(base::Json(*text))) return;
  std::erase_if(filled.arguments, [&](const Argument& one) { return one.parameter == parameter; });
  std::erase(filled.missing, parameter);
  filled.arguments.push_back(
      {.parameter = parameter,
       .candidate = {.source = Source::moment, .change = Change::written, .span = span, .value = base::Json(*text)},
       .chance = 1});
}

}  // namespace

void fill_period(const Reading& reading, const Tool& tool, Filled& filled) {
  constexpr std::array<std::string_view, 6> kFirst{"start", "begin", "from", "sinc", "since", "first"};
  constexpr std::array<std::string_view, 5> kLast{"end", "to", "until", "till", "last"};
  const std::optional<Period> period = find_period(reading);
  if (!period) return;
  const std::optional<std::size_t> first = only_day(tool, kFirst);
  const std::optional<std::size_t> last = only_day(tool, kLast);
  if (!first || !last || is_given(filled, *first, period->span) || is_given(filled, *last, period->span)) return;
  give(filled, tool, *first, period->span, period->first);
  give(filled, tool, *last, period->span, period->last);
}

}  // namespace lilux::brain
