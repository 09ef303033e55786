#include <algorithm>
#include <array>
#include <utility>

#include "brain/caller_collector.h"
#include "brain/extract_class.h"
#include "brain/extract_place.h"

namespace lilux::brain {

using base::Json;

bool Collector::add_currency(Span span) {
  const std::string_view code = currency_code(reading_->text.span(span.first, span.last));
  if (code.empty()) return false;
  add({.source = Source::span, .change = Change::written, .span = span, .value = Json(std::string(code))});
  return true;
}

// The currency that the amount has a sign of, as its code.
std::string_view Collector::currency_sign(const Quantity& one) const {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSigns{
      {{"$", "USD"}, {"\u20ac", "EUR"}, {"\u00a3", "GBP"}, {"\u00a5", "JPY"}}};
  const std::string_view text = reading_->text.text;
  const std::string_view number = text.substr(one.begin, one.end - one.begin);
  std::string_view behind = text.substr(one.end);
  if (behind.starts_with(' ')) behind.remove_prefix(1);
  for (const auto& [sign, code] : kSigns) {
    const bool is_there = text.substr(0, one.begin).ends_with(sign) || behind.starts_with(sign) ||
                          number.find(sign) != std::string_view::npos;
    if (is_there) return code;
  }
  return {};
}

void Collector::currency_choices(std::size_t first) {
  constexpr std::size_t kWordsMost = 3;
  const std::size_t count = reading_->text.tokens.size();
  const auto take = [&](std::string_view code, Span span) {
    for (std::size_t i = first; i < found_.size(); ++i) {
      if (code.empty() || found_[i].match >= kSaid || currency_of(text_of(found_[i].value)) != code) continue;
      found_[i].match = 1;
      found_[i].span = span;
    }
  };
  for (const Quantity& one : reading_->quantities) take(currency_sign(one), span_of(one));
  for (std::size_t begin = 0; begin < count; ++begin) {
    if (is_denied(begin)) continue;
    for (std::size_t last = std::min(begin + kWordsMost, count); last-- > begin;) {
      const std::string_view code = currency_of(reading_->text.span(begin, last));
      if (code.empty()) continue;
      take(code, {.first = begin, .last = last});
      begin = last;
      break;
    }
  }
}

bool Collector::is_joint(std::size_t at) const {
  const auto& tokens = reading_->text.tokens;
  return at < tokens.size() && (tokens[at].gap == Gap::comma || tokens[at].lower == "and" || tokens[at].lower == "or");
}

bool Collector::is_region(std::size_t at) const {
  const Token& token = reading_->text.tokens[at];
  const WordClass what = class_of(token.lower);
  return token.is_upper || what == WordClass::state || what == WordClass::country || token.has_digit;
}

bool Collector::is_piece_of_list(Span span) const {
  if (!is_joint(span.last + 1)) return false;
  for (std::size_t at = span.first + 1; at <= span.last; ++at) {
    if (reading_->text.tokens[at].gap == Gap::comma) return !is_region(at);
  }
  return false;
}

bool Collector::may_be_town(Span span) const {
  const Text& text = reading_->text;
  const Token& first = text.tokens[span.first];
  const Token& last = text.tokens[span.last];
  if (first.is_capital && last.is_capital && !last.begins_text) return true;
  return (first.is_capital || text.is_small) && !is_ordinary_word(text.span(span.first, span.last));
}

bool Collector::add_place(Span span) {
  const auto& tokens = reading_->text.tokens;
  const std::string_view name = reading_->text.span(span.first, span.last);
  const Span next{.first = span.last + 1, .last = span.last + 1};
  std::string full;
  if (next.last < tokens.size() && tokens[next.first].gap != Gap::stop) {
    const std::string_view state = state_in_short(reading_->text.span(next.first, next.last));
    if (!state.empty()) full = std::string(name) + ", " + std::string(state);
  }
  if (!full.empty()) {
    add({.source = Source::span,
         .change = Change::written,
         .span = {.first = span.first, .last = next.last},
         .value = Json(full)});
    return true;
  }
  const auto known = may_be_town(span) ? place_in_full(name) : std::nullopt;
  if (known) add({.source = Source::span, .change = Change::written, .span = span, .value = Json(*known)});
  return known.has_value();
}

void Collector::selectors() {
  const auto& tokens = reading_->text.tokens;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    for (std::size_t back = 1; back <= 2 && back <= i; ++back) {
      const std::string& before = tokens[i - back].lower;
      if (before != "id" && before != "class") continue;
      std::string name(reading_->text.span(i, i));
      if (!is_letter(name.front())) break;
      add({.source = Source::code,
           .change = Change::written,
           .span = {.first = i, .last = i},
           .value = Json((before == "id" ? "#" : ".") + name)});
      break;
    }
  }
}

bool Collector::is_folder(const Literal& one) const {
  if (one.kind != LiteralKind::path) return false;
  const std::string_view path = std::string_view(reading_->text.text).substr(one.begin, one.end - one.begin);
  return path.find('/') != std::string_view::npos && path.substr(path.rfind('/')).find('.') == std::string_view::npos;
}

std::vector<Span> Collector::names() const {
  std::vector<Span> found;
  for (const Literal& one : reading_->literals) {
    const std::string_view name = std::string_view(reading_->text.text).substr(one.begin, one.end - one.begin);
    const bool is_name = one.kind == LiteralKind::path || one.kind == LiteralKind::quoted;
    if (is_name && !name.starts_with('.') && name.size() <= 64 && name.find('/') == std::string_view::npos)
      found.push_back(reading_->tokens_of(one.begin, one.end));
  }
  const auto& tokens = reading_->text.tokens;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i - 1].lower == "called" || tokens[i - 1].lower == "named") found.push_back({.first = i, .last = i});
  }
  return found;
}

void Collector::placed_names() {
  constexpr std::string_view kOther = " pattern glob content text queri name exclud search ";
  for (const std::string& stem : parameter_->name) {
    if (kOther.find(" " + stem + " ") != std::string_view::npos) return;
  }
  for (const Literal& folder : reading_->literals) {
    if (!is_folder(folder)) continue;
    const Span place = reading_->tokens_of(folder.begin, folder.end);
    std::string path = reading_->text.text.substr(folder.begin, folder.end - folder.begin);
    if (!path.ends_with('/')) path += '/';
    for (const Span& name : names()) {
      if (name.first > name.last || place.first > place.last || (name.first <= place.last && place.first <= name.last))
        continue;
      add({.source = Source::path,
           .change = Change::joined,
           .span = name,
           .value = Json(path + std::string(reading_->text.span(name.first, name.last)))});
    }
    return;
  }
}

void Collector::long_spans() {
  const auto& tokens = reading_->text.tokens;
  for (std::size_t first = 1; first < tokens.size(); ++first) {
    const std::string& before = tokens[first - 1].lower;
    if (tokens[first].gap != Gap::colon && before != "that" && before != "saying" && before != "says" &&
        before != "about")
      continue;
    std::size_t last = first;
    while (last + 1 < tokens.size() && tokens[last + 1].gap != Gap::stop) ++last;
    if (last - first >= kSpanTokensMax)
      add({.source = Source::span,
           .span = {.first = first, .last = last},
           .value = Json(std::string(reading_->text.span(first, last)))});
  }
}

}  // namespace lilux::brain
