#include <algorithm>
#include <utility>

#include "brain/caller_collector.h"

namespace lilux::brain {

using base::Json;
using base::JsonArray;

void Collector::arrays() {
  if (!parameter_->choices.empty()) return choice_lists();
  brackets();
  if (parameter_->item == Kind::integer || parameter_->item == Kind::number) return number_lists();
  for (const ListSpan& list : reading_->lists) {
    JsonArray values;
    for (const Span& item : list.items) values.emplace_back(item_text(item));
    add({.source = Source::list,
         .span = {.first = list.items.front().first, .last = list.items.back().last},
         .value = Json(std::move(values))});
  }
  for (const Span& span : reading_->spans) {
    if (span.last - span.first < 6)
      add({.source = Source::span, .span = span, .value = JsonArray{Json(item_text(span))}});
  }
  if (parameter_->item == Kind::any) number_lists();
  quoted_lists();
  example_lists();
}

std::string Collector::item_text(Span span) const {
  const std::string& first = reading_->text.tokens[span.first].lower;
  if (span.first < span.last && (first == "the" || first == "a" || first == "an")) ++span.first;
  return std::string(reading_->text.span(span.first, span.last));
}

void Collector::choice_lists() {
  struct Met {
    Span span;
    Json value;
  };
  std::vector<Met> met;
  for (const Json& choice : parameter_->choices) {
    Span place{.first = 1, .last = 0};
    const float match = phrase_match(text_of(choice), place, Letter::near, Said::meant);
    if (match >= 0.99F) met.push_back({place, choice});
    add({.source = Source::choice, .span = place, .value = JsonArray{choice}, .match = match});
  }
  if (met.size() < 2) return;
  std::ranges::sort(met, {}, [](const Met& one) { return std::pair(one.span.first, one.span.last); });
  JsonArray values;
  for (const Met& one : met) values.push_back(one.value);
  add({.source = Source::list,
       .span = {.first = met.front().span.first, .last = met.back().span.last},
       .value = Json(std::move(values)),
       .match = 1});
}

void Collector::example_lists() {
  JsonArray values;
  Span whole{.first = reading_->text.tokens.size(), .last = 0};
  for (const std::string& example : parameter_->examples) {
    Span place{.first = 1, .last = 0};
    if (phrase_match(example, place) < 0.99F) continue;
    values.emplace_back(example);
    whole = {.first = std::min(whole.first, place.first), .last = std::max(whole.last, place.last)};
    add({.source = Source::example, .span = place, .value = JsonArray{Json(example)}, .match = 1});
  }
  if (values.size() > 1)
    add({.source = Source::example,
         .change = Change::joined,
         .span = whole,
         .value = Json(std::move(values)),
         .match = 1});
}

void Collector::brackets() {
  for (const Literal& one : reading_->literals) {
    if (one.kind != LiteralKind::bracketed || reading_->text.text[one.begin] != '[') continue;
    std::string source = reading_->text.text.substr(one.begin, one.end - one.begin);
    auto parsed = base::parse_json(source);
    if (!parsed) {
      std::ranges::replace(source, '\'', '"');
      parsed = base::parse_json(source);
    }
    if (!parsed || !parsed->is_array()) continue;
    add({.source = Source::bracketed, .span = reading_->tokens_of(one.begin, one.end), .value = *parsed});
  }
}

void Collector::number_lists() {
  const auto& all = reading_->quantities;
  const Kind kind = parameter_->item == Kind::integer ? Kind::integer : Kind::number;
  for (std::size_t i = 0; i < all.size(); ++i) {
    JsonArray values;
    const bool has_begun = i > 0 && is_joined(all[i - 1], all[i]);
    for (std::size_t j = i; j < std::min(all.size(), i + 64); ++j) {
      if (j > i && !is_joined(all[j - 1], all[j])) break;
      values.push_back(number_value(all[j].value, kind));
      if (values.back().is_null()) break;
      const bool goes_on = j + 1 < all.size() && is_joined(all[j], all[j + 1]);
      add({.source = j > i ? Source::list : Source::number,
           .span = {.first = span_of(all[i]).first, .last = span_of(all[j]).last},
           .value = Json(values),
           .number = i,
           .is_cut = has_begun || goes_on});
    }
  }
}

bool Collector::is_joined(const Quantity& left, const Quantity& right) const {
  if (right.begin < left.unit_end) return false;
  std::string between =
      lowered(std::string_view(reading_->text.text).substr(left.unit_end, right.begin - left.unit_end));
  if (const std::size_t at = between.find("and"); at != std::string::npos) between.erase(at, 3);
  return between.find_first_not_of(" ,;&$") == std::string::npos && !between.empty();
}

void Collector::quoted_lists() {
  JsonArray values;
  Span whole{.first = reading_->text.tokens.size(), .last = 0};
  std::size_t end = std::string::npos;
  for (const Literal& one : reading_->literals) {
    const bool is_plain = one.kind != LiteralKind::bracketed;
    const Span span = reading_->tokens_of(one.begin, one.end);
    if (!is_plain || span.first > span.last || (end != std::string::npos && one.begin < end)) continue;
    end = one.end;
    values.emplace_back(reading_->text.text.substr(one.begin, one.end - one.begin));
    whole = {.first = std::min(whole.first, span.first), .last = std::max(whole.last, span.last)};
    add({.source = Source::quoted, .span = span, .value = JsonArray{values.back()}});
  }
  if (values.size() > 1)
    add({.source = Source::quoted, .change = Change::joined, .span = whole, .value = Json(std::move(values))});
}

void Collector::objects() {
  for (const Literal& one : reading_->literals) {
    if (one.kind != LiteralKind::bracketed) continue;
    const auto parsed = base::parse_json(reading_->text.text.substr(one.begin, one.end - one.begin));
    if (parsed && parsed->is_object())
      add({.source = Source::bracketed, .span = reading_->tokens_of(one.begin, one.end), .value = *parsed});
  }
}

}  // namespace lilux::brain
