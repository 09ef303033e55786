#include "brain/caller_candidate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "brain/caller_collector.h"

namespace lilux::brain {

using base::Json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

Json number_value(double value, Kind kind) {
  const bool is_whole = std::floor(value) == value && std::fabs(value) < 9e15;
  if (kind == Kind::integer) return is_whole ? Json(static_cast<std::int64_t>(value)) : Json();
  if (is_whole) return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

Collector::Collector(const Parameter& parameter, const Reading& reading) : parameter_(&parameter), reading_(&reading) {
  found_.push_back({});
}

std::vector<Candidate> Collector::collect() {
  switch (parameter_->kind) {
    case Kind::integer:
    case Kind::number: numbers(parameter_->kind); break;
    case Kind::boolean: booleans(); break;
    case Kind::choice: choices(); break;
    case Kind::array: arrays(); break;
    case Kind::string: strings(); break;
    case Kind::any:
      numbers(Kind::number);
      strings();
      break;
    case Kind::object: objects(); break;
  }
  // What there is to choose tells whether none is meant.
  for (const Candidate& one : found_) {
    if (one.source == Source::choice) found_.front().match = std::max(found_.front().match, one.match);
  }
  return std::move(found_);
}

void Collector::add(Candidate candidate) {
  if (found_.size() < kCandidatesMax && !candidate.value.is_null()) found_.push_back(std::move(candidate));
}

void Collector::hours() {
  for (std::size_t i = 0; i < reading_->moments.size(); ++i) {
    const Moment& one = reading_->moments[i];
    if (one.hour && !one.has_date())
      add({.source = Source::moment,
           .change = Change::unit,
           .span = reading_->tokens_of(one.begin, one.end),
           .value = Json(*one.hour),
           .number = i});
  }
}

void Collector::numbers(Kind kind) {
  if (parameter_->sense == Sense::time) hours();
  for (std::size_t i = 0; i < reading_->quantities.size(); ++i) {
    const Quantity& one = reading_->quantities[i];
    Candidate candidate{.source = Source::number, .span = span_of(one), .number = i};
    candidate.value = number_value(one.value, kind);
    add(candidate);
    if (one.is_percent && kind == Kind::number) {
      candidate.change = Change::fraction;
      candidate.value = Json(std::round(one.value * 1e10) / 1e12);
      add(candidate);
    }
    if (!one.unit || !parameter_->unit || *one.unit == *parameter_->unit) continue;
    if (const auto value = converted(one.value, *one.unit, *parameter_->unit)) {
      candidate.change = Change::unit;
      candidate.value = number_value(*value, kind);
      add(candidate);
    }
  }
}

void Collector::booleans() {
  add({.source = Source::boolean, .value = Json(true)});
  add({.source = Source::boolean, .value = Json(false)});
}

float Collector::phrase_match(std::string_view phrase, Span& place) const {
  const std::vector<std::string> words = phrase_words(phrase);
  if (words.empty()) return 0;
  const auto& tokens = reading_->text.tokens;
  std::size_t best = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    std::size_t count = 0;
    while (count < words.size() && at + count < tokens.size() && same(tokens[at + count], words[count])) ++count;
    if (count > best) {
      best = count;
      place = {.first = at, .last = at + count - 1};
    }
  }
  return static_cast<float>(best) / static_cast<float>(words.size());
}

bool Collector::same(const Token& token, std::string_view word) {
  if (token.lower == word) return true;
  const std::size_t shorter = std::min(token.lower.size(), word.size());
  if (shorter < 4)
    return token.lower.size() + 1 == word.size() ? word == token.lower + "s" : token.lower == std::string(word) + "s";
  std::size_t common = 0;
  while (common < shorter && token.lower[common] == word[common]) ++common;
  return common + 1 >= shorter && std::max(token.lower.size(), word.size()) - common <= 3;
}

std::vector<std::string> Collector::phrase_words(std::string_view phrase) {
  std::vector<std::string> words;
  std::string word;
  char before = ' ';
  for (const char c : phrase) {
    const bool is_part =
        is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 || c == '.' || c == '+' || c == '#';
    const bool is_hump = c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z';
    if ((!is_part || is_hump) && !word.empty()) words.push_back(std::exchange(word, {}));
    if (is_part) word += c;
    before = c;
  }
  if (!word.empty()) words.push_back(word);
  for (std::string& one : words) one = lowered(one);
  return words;
}

void Collector::choices() {
  for (const Json& choice : parameter_->choices) {
    Candidate candidate{.source = Source::choice, .value = choice};
    candidate.match = phrase_match(text_of(choice), candidate.span);
    if (const std::string text = lowered(text_of(choice)); text == "true" || text == "yes") candidate.match = named();
    add(std::move(candidate));
  }
}

float Collector::named() const {
  const auto& tokens = reading_->text.tokens;
  std::size_t met = 0;
  for (const std::string& stem : parameter_->name)
    met += std::ranges::find(tokens, stem, &Token::stem) != tokens.end() ? 1U : 0U;
  return 2 * met >= parameter_->name.size() ? 1.0F : 0.0F;
}

void Collector::examples() {
  for (const std::string& example : parameter_->examples) {
    Candidate candidate{.source = Source::example, .value = Json(example)};
    candidate.match = phrase_match(example, candidate.span);
    if (candidate.match >= 0.5F) add(std::move(candidate));
  }
}

void Collector::moments() {
  for (std::size_t i = 0; i < reading_->moments.size(); ++i) {
    const Moment& one = reading_->moments[i];
    const Span span = reading_->tokens_of(one.begin, one.end);
    if (!parameter_->time_pattern.empty()) {
      if (const auto text = written(one, parameter_->time_pattern))
        add({.source = Source::moment, .change = Change::written, .span = span, .value = Json(*text), .number = i});
    }
    add({.source = Source::moment,
         .span = span,
         .value = Json(reading_->text.text.substr(one.begin, one.end - one.begin)),
         .number = i});
  }
}

void Collector::literals() {
  for (const Literal& one : reading_->literals) {
    const Span span = reading_->tokens_of(one.begin, one.end);
    Source source = Source::quoted;
    if (one.kind == LiteralKind::url) source = Source::url;
    if (one.kind == LiteralKind::email) source = Source::email;
    if (one.kind == LiteralKind::path) source = Source::path;
    if (one.kind == LiteralKind::bracketed) source = Source::bracketed;
    if (one.kind == LiteralKind::code) source = Source::code;
    add({.source = source, .span = span, .value = Json(reading_->text.text.substr(one.begin, one.end - one.begin))});
  }
}

void Collector::strings() {
  for (const Span& span : reading_->spans) {
    if (is_piece_of_list(span) || (parameter_->wants_region && add_place(span))) continue;
    if (parameter_->wants_code && add_currency(span)) continue;
    add({.source = Source::span, .span = span, .value = Json(std::string(reading_->text.span(span.first, span.last)))});
  }
  if (std::ranges::find(parameter_->name, "selector") != parameter_->name.end()) selectors();
  literals();
  placed_names();
  moments();
  examples();
  long_spans();
}

std::vector<Candidate> candidates_for(const Parameter& parameter, const Reading& reading) {
  return Collector(parameter, reading).collect();
}

}  // namespace lilux::brain
