#include "brain/caller_period.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "brain/extract_time.h"
#include "brain/period.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;

struct Period {
  Span span = {};  // of the words that say it
  DaySpan days = {};
};

std::optional<Period> find_period(const Reading& reading) {
  if (!reading.now) return std::nullopt;
  const auto& tokens = reading.text.tokens;
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    const std::optional<DaySpan> days = days_of({.before = at > 0 ? tokens[at - 1].lower : std::string_view(),
                                                 .which = tokens[at].lower,
                                                 .unit = tokens[at + 1].lower},
                                                chrono::floor<chrono::days>(*reading.now));
    if (days) return Period{.span = {.first = at, .last = at + 1}, .days = *days};
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
  give(filled, tool, *first, period->span, period->days.first);
  give(filled, tool, *last, period->span, period->days.last);
}

}  // namespace lilux::brain
