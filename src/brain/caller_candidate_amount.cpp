#include <algorithm>
#include <cmath>

#include "brain/caller_collector.h"

// Amounts and moments.

namespace lilux::brain {

using base::Json;

namespace {

constexpr double kHour = 3600;
constexpr double kDay = 86400;

bool has_date_in(std::string_view pattern) {
  return pattern.find("DD") != std::string_view::npos;
}
bool has_clock_in(std::string_view pattern) {
  return pattern.find("HH") != std::string_view::npos;
}

// In days, hours, minutes and seconds as ISO 8601 has them; empty where they are not whole.
std::string duration_of(double seconds) {
  if (seconds <= 0 || seconds != std::floor(seconds) || seconds > 1e9) return {};
  std::string text = "P";
  const auto take = [&](double unit, char mark) {
    const auto count = static_cast<std::int64_t>(seconds / unit);
    if (count > 0) text += std::to_string(count) + mark;
    seconds -= static_cast<double>(count) * unit;
  };
  take(kDay, 'D');
  if (seconds > 0) text += 'T';
  take(kHour, 'H');
  take(60, 'M');
  take(1, 'S');
  return text;
}

// A time of day that is told without a day is the next one.
Moment with_day(const Moment& one, Now now) {
  if (one.has_date() || !one.hour || !now) return one;
  Moment whole = one;
  const auto today = std::chrono::floor<std::chrono::days>(*now);
  const auto at = today + std::chrono::hours(*one.hour) + std::chrono::minutes(one.minute);
  const std::chrono::year_month_day day(at > *now ? today : today + std::chrono::days(1));
  whole.year = static_cast<int>(day.year());
  whole.month = static_cast<unsigned>(day.month());
  whole.day = static_cast<unsigned>(day.day());
  return whole;
}

}  // namespace

void Collector::hours() {
  for (std::size_t i = 0; i < reading_->moments.size(); ++i) {
    const Moment& one = reading_->moments[i];
    if (one.hour && one.clock.begin < one.clock.end)
      add({.source = Source::moment,
           .change = Change::unit,
           .span = reading_->tokens_of(one.clock.begin, one.clock.end),
           .value = Json(*one.hour),
           .number = i,
           .part = one.has_date() ? MomentPart::clock : MomentPart::whole});
  }
}

std::optional<double> Collector::fitted(const Quantity& one) const {
  if (!one.unit || !parameter_->unit || *one.unit == *parameter_->unit) return one.value;
  if (!may_be(*one.unit, *parameter_->unit)) return std::nullopt;
  return converted(one.value, *one.unit, *parameter_->unit);
}

void Collector::add_amount(const Quantity& one, std::size_t number, Kind kind) {
  const auto value = fitted(one);
  if (!value) return;
  add({.source = Source::number,
       .change = *value == one.value ? Change::none : Change::unit,
       .span = span_of(one),
       .value = number_value(*value, kind),
       .number = number});
}

bool Collector::is_part_of_sum(std::size_t quantity) const {
  return std::ranges::any_of(reading_->sums,
                             [&](const Sum& sum) { return quantity >= sum.first && quantity <= sum.last; });
}

void Collector::numbers(Kind kind) {
  if (parameter_->sense == Sense::time) hours();
  for (const Sum& sum : reading_->sums) {
    if (parameter_->unit && !parameter_->is_of_several) add_amount(sum.whole, sum.first, kind);
  }
  for (std::size_t i = 0; i < reading_->quantities.size(); ++i) {
    const Quantity& one = reading_->quantities[i];
    if (is_part_of_sum(i) && !parameter_->is_of_several) continue;
    add_amount(one, i, kind);
    if (!one.is_percent || kind != Kind::number || parameter_->wants_percent) continue;
    add({.source = Source::number,
         .change = Change::fraction,
         .span = span_of(one),
         .value = number_value(std::round(one.value * 1e10) / 1e12, kind),
         .number = i});
  }
}

void Collector::durations() {
  const auto add_one = [&](const Quantity& one, std::size_t number) {
    if (!one.unit || one.unit->dimension != Dimension::time) return;
    const std::string text = duration_of(one.value * one.unit->factor);
    if (text.size() < 3) return;
    add({.source = Source::number,
         .change = Change::written,
         .span = span_of(one),
         .value = Json(text),
         .number = number});
  };
  for (const Sum& sum : reading_->sums) add_one(sum.whole, sum.first);
  for (std::size_t i = 0; i < reading_->quantities.size(); ++i) {
    if (!is_part_of_sum(i)) add_one(reading_->quantities[i], i);
  }
}

void Collector::add_moment(const Moment& moment, std::size_t number) {
  if (moment.is_unclear && !parameter_->format.empty()) return;  // a format that counts is given no guess
  const std::optional<std::string> with = with_zone(parameter_->time_pattern, reading_->offset);
  if (!with) return;
  const std::string& pattern = *with;
  const bool wants_day = has_date_in(pattern);
  const bool wants_clock = has_clock_in(pattern);
  Stretch place{.begin = moment.begin, .end = moment.end};
  MomentPart part = MomentPart::whole;
  if (moment.has_date() && moment.hour && wants_day != wants_clock) {
    place = wants_day ? moment.date : moment.clock;
    part = wants_day ? MomentPart::date : MomentPart::clock;
  }
  const auto text = written(wants_day && wants_clock ? with_day(moment, reading_->now) : moment, pattern);
  if (text && place.begin < place.end)
    add({.source = Source::moment,
         .change = Change::written,
         .span = reading_->tokens_of(place.begin, place.end),
         .value = Json(*text),
         .number = number,
         .part = part});
}

void Collector::moments() {
  for (std::size_t i = 0; i < reading_->moments.size(); ++i) {
    const Moment& one = reading_->moments[i];
    if (!parameter_->time_pattern.empty()) add_moment(one, i);
    const auto add_raw = [&](Stretch place, MomentPart part) {
      add({.source = Source::moment,
           .span = reading_->tokens_of(place.begin, place.end),
           .value = Json(reading_->text.text.substr(place.begin, place.end - place.begin)),
           .number = i,
           .part = part});
    };
    add_raw({.begin = one.begin, .end = one.end}, MomentPart::whole);
    const bool is_joined =
        one.date.begin < one.date.end && one.clock.begin < one.clock.end && one.date.begin != one.clock.begin;
    if (!is_joined) continue;
    if (parameter_->sense == Sense::date) add_raw(one.date, MomentPart::date);
    if (parameter_->sense == Sense::time) add_raw(one.clock, MomentPart::clock);
  }
}

}  // namespace lilux::brain
