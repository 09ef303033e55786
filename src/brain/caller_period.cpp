#include "brain/caller_period.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "brain/extract_period.h"
#include "brain/extract_text.h"
#include "brain/extract_time.h"

namespace lilux::brain {

namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 7> kFirst{"start", "starting", "begin", "beginning", "from", "since", "first"};
constexpr std::array<std::string_view, 7> kLast{"end", "ending", "to", "until", "till", "last", "through"};

// How it is written: a day for which the schema does not tell that, as everywhere else.
std::string_view pattern_of(const Parameter& parameter) {
  if (!parameter.time_pattern.empty()) return parameter.time_pattern;
  return parameter.look == Look::date || parameter.sense == Sense::date ? "YYYY-MM-DD" : "";
}

// The one parameter for a day or moment that has one of these in its name; nothing where two have.
std::optional<std::size_t> only_end(const Tool& tool, std::span<const std::string_view> names) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const Parameter& one = tool.parameters[i];
    const auto is_named = [&](const std::string& part) { return std::ranges::find(names, part) != names.end(); };
    if (one.kind != Kind::string || !pattern_of(one).contains("DD")) continue;
    if (std::ranges::none_of(name_parts(one.key()), is_named)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

bool are_of_one_object(const Parameter& left, const Parameter& right) {
  const auto object = [](const Parameter& one) { return std::span(one.path).first(one.path.size() - 1); };
  return std::ranges::equal(object(left), object(right));
}

bool is_elsewhere(const Span& span, const Span& period) {
  return span.last < period.first || span.first > period.last;
}

// Whether it has a time that something else says.
bool is_given(const Filled& filled, std::size_t parameter, const Span& period) {
  return std::ranges::any_of(filled.arguments, [&](const Argument& one) {
    return one.parameter == parameter && one.candidate.source == Source::moment &&
           is_elsewhere(one.candidate.span, period);
  });
}

std::optional<std::string> text_of(const Reading& reading, std::string_view pattern, chrono::local_seconds at) {
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss<chrono::seconds> time(at - day);
  const Moment moment{.year = static_cast<int>(date.year()),
                      .month = static_cast<unsigned>(date.month()),
                      .day = static_cast<unsigned>(date.day()),
                      .hour = static_cast<int>(time.hours().count()),
                      .minute = static_cast<int>(time.minutes().count()),
                      .second = static_cast<int>(time.seconds().count())};
  const std::optional<std::string> whole = with_zone(pattern, reading.offset);
  return whole ? written(moment, *whole) : std::nullopt;
}

class Ends {
 public:
  Ends(const Reading& reading, const Tool& tool, const Period& period, Filled& filled)
      : reading_(&reading), tool_(&tool), period_(&period), filled_(&filled) {}

  // What else was made of the words of the period is not said.
  void clear(std::size_t first, std::size_t last) {
    std::erase_if(filled_->arguments, [&](const Argument& one) {
      const bool is_end = one.parameter == first || one.parameter == last;
      const bool is_inside = one.candidate.has_span() && !is_elsewhere(one.candidate.span, period_->span);
      if (is_inside && !is_end && tool_->parameters[one.parameter].is_required)
        filled_->missing.push_back(one.parameter);
      return is_end || is_inside;
    });
    std::erase_if(filled_->missing, [&](std::size_t one) { return one == first || one == last; });
  }

  void give(std::size_t parameter, std::optional<chrono::local_seconds> at) {
    const Parameter& wanted = tool_->parameters[parameter];
    const auto text = at ? text_of(*reading_, pattern_of(wanted), *at) : std::nullopt;
    if (!text || !wanted.limits.hold(base::Json(*text))) {
      if (wanted.is_required || at) filled_->missing.push_back(parameter);
      return;
    }
    filled_->arguments.push_back({.parameter = parameter,
                                  .candidate = {.source = Source::moment,
                                                .change = Change::written,
                                                .span = period_->span,
                                                .value = base::Json(*text)},
                                  .chance = 1});
  }

 private:
  const Reading* reading_;
  const Tool* tool_;
  const Period* period_;
  Filled* filled_;
};

}  // namespace

void fill_period(const Reading& reading, const Tool& tool, Filled& filled) {
  const std::optional<Period> period = find_period(reading);
  if (!period) return;
  // "tomorrow" is when something begins that is to be done, and all of what is looked at.
  if (period->is_one_day && tool.effect != Effect::looks) return;
  const std::optional<std::size_t> first = only_end(tool, kFirst);
  const std::optional<std::size_t> last = only_end(tool, kLast);
  if (!first || !last || !are_of_one_object(tool.parameters[*first], tool.parameters[*last])) return;
  if (is_given(filled, *first, period->span) || is_given(filled, *last, period->span)) return;
  const bool is_open = !period->end && tool.parameters[*last].is_required;
  Ends ends(reading, tool, *period, filled);
  ends.clear(*first, *last);
  ends.give(*first, period->begin);
  ends.give(*last, is_open ? reading.now : period->end);
}

}  // namespace lilux::brain
