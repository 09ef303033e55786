#include <algorithm>
#include <cmath>

#include "brain/caller_feature.h"
#include "brain/caller_features.h"
#include "brain/extract_class.h"

// What is to be seen of a value itself: its shape, its sort, its number, its moment, its match.

namespace lilux::brain {

void FillView::see_shape(const Candidate& candidate, Features& features) const {
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  std::size_t capitals = 0;
  bool has_digit = false;
  for (std::size_t i = span.first; i <= span.last; ++i) {
    capitals += tokens[i].is_capital ? 1U : 0U;
    has_digit = has_digit || tokens[i].has_digit;
  }
  const bool all = capitals == span.last - span.first + 1;
  const bool starts = tokens[span.first].is_capital && !tokens[span.first].begins_text;
  const bool ends = tokens[span.last].is_capital;
  std::uint32_t look = (all ? 1U : 0U) + (starts ? 2U : 0U) + (ends ? 4U : 0U) + (has_digit ? 8U : 0U) +
                       (tokens[span.first].is_upper ? 16U : 0U) + (capitals == 0 ? 32U : 0U);
  const bool is_cut_left = span.first > 0 && tokens[span.first].is_capital && tokens[span.first - 1].is_capital &&
                           tokens[span.first].gap == Gap::space && !tokens[span.first - 1].begins_text;
  const bool is_cut_right = span.last + 1 < tokens.size() && tokens[span.last].is_capital &&
                            tokens[span.last + 1].is_capital && tokens[span.last + 1].gap == Gap::space;
  const bool is_cut_at_comma = span.last + 1 < tokens.size() && tokens[span.last].is_capital &&
                               tokens[span.last + 1].is_capital && tokens[span.last + 1].gap == Gap::comma;
  add(features, 70, mixed(look, kind_));
  add(features, 71, mixed(look, sense_));
  add(features, 72, mixed(look, head_));
  add(features, 73, mixed((is_cut_left ? 1U : 0U) + (is_cut_right ? 2U : 0U), kind_));
  if (is_cut_at_comma) add(features, 74, sense_);
  if (span.last > span.first) {
    bool is_even = true;
    for (std::size_t i = span.first + 1; i <= span.last; ++i)
      is_even = is_even && (tokens[i].is_capital == tokens[i - 1].is_capital || tokens[i].is_stop());
    add(features, 75, mixed(is_even ? 1U : 0U, kind_));
  }
  if (example_shape_ != 0 && candidate.value.is_string()) {
    const bool same = shape_of(candidate.value.as_string()) == example_shape_;
    add(features, 76, mixed(same ? 1U : 0U, kind_));
  }
  see_class(candidate, features);
  if (parameter_->wants_region)
    add(features, 78, candidate.change == Change::written ? 1U : (tokens[span.last].gap == Gap::comma ? 2U : 3U));
  if (candidate.source == Source::span || candidate.source == Source::quoted)
    add(features, 77, mixed(shape_of(reading_->text.span(span.first, span.last)), sense_));
}

// The sort of the words, and of what stands in front of and behind them.
void FillView::see_class(const Candidate& candidate, Features& features) const {
  const Span span = candidate.span;
  if (candidate.source != Source::span && candidate.source != Source::quoted) return;
  const auto at = [&](std::size_t token) { return token < classes_.size() ? classes_[token] : 0U; };
  std::uint32_t one = span.first == span.last ? at(span.first) : 0U;
  if (span.last == span.first + 1 || span.last == span.first + 2)
    one = static_cast<std::uint32_t>(class_of(lowered(reading_->text.span(span.first, span.last))));
  if (one != 0) {
    add(features, 150, mixed(one, sense_));
    add(features, 151, mixed(one, head_));
    add(features, 152, mixed(one, kind_));
    add(features, 153, mixed(one, parameter_->is_required ? 1U : 0U));
    for (const std::string& stem : parameter_->name) add(features, 154, mixed(one, hash_of(stem)));
  } else if (at(span.last) != 0 || at(span.first) != 0) {
    add(features, 155, mixed(at(span.first), sense_));
    add(features, 156, mixed(at(span.last), sense_));
  }
}

void FillView::see_number(const Candidate& candidate, Features& features) const {
  const Quantity& one = reading_->quantities[candidate.number];
  const std::size_t count = reading_->quantities.size();
  std::uint32_t unit = 0;
  if (one.unit)
    unit = !parameter_->unit
               ? 1U
               : (*one.unit == *parameter_->unit ? 2U : (one.unit->dimension == parameter_->unit->dimension ? 3U : 4U));
  if (!one.unit && parameter_->unit) unit = 5;
  const auto change = static_cast<std::uint32_t>(candidate.change);
  add(features, 80, mixed(mixed(unit, change), kind_));
  if (one.unit) add(features, 81, mixed(static_cast<std::uint32_t>(one.unit->dimension), sense_));
  if (one.unit) add(features, 82, mixed(static_cast<std::uint32_t>(one.unit->dimension), head_));
  const std::uint32_t flags = (one.is_percent ? 1U : 0U) + (one.is_ordinal ? 2U : 0U) + (one.is_word ? 4U : 0U) +
                              (one.is_whole ? 8U : 0U) +
                              (one.value >= 1500 && one.value < 2100 && one.is_whole ? 16U : 0U);
  add(features, 83, mixed(flags, kind_));
  add(features, 84, mixed(flags, sense_));
  if (one.is_percent) add(features, 85, mixed(mixed(change, parameter_->wants_percent ? 1U : 0U), kind_));
  add(features, 86, mixed(mixed(few(count, 4), few(same_kind_, 4)), candidate.number == rank_ ? 1U : 0U));
  add(features, 87, mixed(mixed(few(candidate.number, 5), few(rank_, 5)), count == same_kind_ ? 1U : 0U));
  add(features, 88, mixed(few(count, 2), few(same_kind_, 2)));
  if (one.value == 1 && one.is_word) add(features, 89, kind_);
  const bool in_moment = std::ranges::any_of(
      reading_->moments, [&](const Moment& moment) { return one.begin >= moment.begin && one.end <= moment.end; });
  add(features, 90, mixed(in_moment ? 1U : 0U, sense_));
  if (one.value < 0) add(features, 91, sense_);
}

void FillView::see_moment(const Candidate& candidate, Features& features) const {
  const Moment& one = reading_->moments[candidate.number];
  const bool has_day = candidate.part != MomentPart::clock;
  const bool has_clock = candidate.part != MomentPart::date;
  const std::uint32_t parts = (has_day && one.year ? 1U : 0U) + (has_day && one.has_date() ? 2U : 0U) +
                              (has_clock && one.hour ? 4U : 0U) + (has_day && one.is_relative ? 8U : 0U);
  const std::uint32_t pattern = parameter_->time_pattern.empty() ? 0U : 1U;
  const auto change = static_cast<std::uint32_t>(candidate.change);
  add(features, 100, mixed(parts, sense_));
  add(features, 101, mixed(change, pattern));
  add(features, 102, mixed(mixed(parts, pattern), change));
  add(features, 103, mixed(few(candidate.number, 3), few(rank_, 3)));
  std::size_t dates = 0;
  std::size_t rank = 0;
  for (const Parameter& other : tool_->parameters) {
    if (other.sense != parameter_->sense) continue;
    ++dates;
    rank += &other < parameter_ ? 1 : 0;
  }
  add(features, 104, mixed(mixed(few(candidate.number, 3), few(rank, 3)), few(dates, 3)));
}

void FillView::see_match(const Candidate& candidate, Features& features) const {
  const auto source = static_cast<std::uint32_t>(candidate.source);
  if (candidate.source == Source::choice || candidate.source == Source::example) {
    add(features, 110, mixed(bucket(candidate.match), mixed(source, kind_)));
    add(features, 111, mixed(bucket(candidate.match), parameter_->is_required ? 1U : 0U));
    if (parameter_->otherwise && candidate.value == *parameter_->otherwise) add(features, 112, bucket(candidate.match));
  }
  if (candidate.source != Source::span && candidate.source != Source::quoted) return;
  const base::Json& value = candidate.value.is_array() && !candidate.value.as_array().empty()
                                ? candidate.value.as_array().front()
                                : candidate.value;
  if (!value.is_string()) return;
  const std::string lower = lowered(value.as_string());
  for (const std::string& example : parameter_->examples) {
    if (lowered(example) == lower) add(features, 113, kind_);
  }
  if (parameter_->otherwise && parameter_->otherwise->is_string() &&
      lowered(parameter_->otherwise->as_string()) == lower)
    add(features, 114, kind_);
}

void FillView::see_boolean(const Candidate& candidate, Features& features) const {
  const bool value = candidate.value.as_bool();
  const std::uint32_t side = value ? 1U : 0U;
  const auto& tokens = reading_->text.tokens;
  const bool is_denied = is_negated();
  std::size_t met = 0;
  for (const std::string& stem : parameter_->name)
    met += std::ranges::find(tokens, stem, &Token::stem) != tokens.end() ? 1U : 0U;
  const double share = static_cast<double>(met) / static_cast<double>(parameter_->name.size());
  std::size_t words = 0;
  for (const Seen& seen : seen_) words += seen.word && !seen.tool ? 1 : 0;
  const std::uint32_t otherwise =
      !parameter_->otherwise ? 2U
                             : (parameter_->otherwise->is_bool() ? (parameter_->otherwise->as_bool() ? 1U : 0U) : 3U);
  add(features, 120, mixed(side, bucket(share)));
  add(features, 121, mixed(mixed(side, bucket(share)), is_denied ? 1U : 0U));
  add(features, 122, mixed(mixed(side, otherwise), bucket(share)));
  add(features, 123, mixed(side, few(words, 4)));
  add(features, 124, mixed(mixed(side, few(words, 4)), parameter_->is_required ? 1U : 0U));
  for (const std::string& stem : parameter_->name) add(features, 125, mixed(hash_of(stem), side));
}

}  // namespace lilux::brain
