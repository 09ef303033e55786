#include "brain/caller_candidate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "brain/extract_class.h"
#include "brain/extract_place.h"

namespace lilux::brain {

using base::Json;
using base::JsonArray;

namespace {

std::string text_of(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

// Whole where it is and may be.
Json number_value(double value, Kind kind) {
  const bool is_whole = std::floor(value) == value && std::fabs(value) < 9e15;
  if (kind == Kind::integer) return is_whole ? Json(static_cast<std::int64_t>(value)) : Json();
  if (is_whole) return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

class Collector {
 public:
  Collector(const Parameter& parameter, const Reading& reading) : parameter_(&parameter), reading_(&reading) {
    found_.push_back({});
  }

  std::vector<Candidate> collect() {
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

 private:
  void add(Candidate candidate) {
    if (found_.size() < kCandidatesMax && !candidate.value.is_null()) found_.push_back(std::move(candidate));
  }

  Span span_of(const Quantity& one) const { return reading_->tokens_of(one.begin, one.end); }

  // "11 PM" as 23.
  void hours() {
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

  void numbers(Kind kind) {
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

  void booleans() {
    add({.source = Source::boolean, .value = Json(true)});
    add({.source = Source::boolean, .value = Json(false)});
  }

  // How much of a phrase stands in the sentence, best place first: every word in a row counts whole, words here and
  // there less.
  float phrase_match(std::string_view phrase, Span& place) const {
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

  static bool same(const Token& token, std::string_view word) {
    if (token.lower == word) return true;
    const std::size_t shorter = std::min(token.lower.size(), word.size());
    if (shorter < 4)
      return token.lower.size() + 1 == word.size() ? word == token.lower + "s" : token.lower == std::string(word) + "s";
    std::size_t common = 0;
    while (common < shorter && token.lower[common] == word[common]) ++common;
    return common + 1 >= shorter && std::max(token.lower.size(), word.size()) - common <= 3;
  }

  static std::vector<std::string> phrase_words(std::string_view phrase) {
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

  void choices() {
    for (const Json& choice : parameter_->choices) {
      Candidate candidate{.source = Source::choice, .value = choice};
      candidate.match = phrase_match(text_of(choice), candidate.span);
      if (const std::string text = lowered(text_of(choice)); text == "true" || text == "yes") candidate.match = named();
      add(std::move(candidate));
    }
  }

  // Of a switch that is written as a choice of "True" and "False": whether what it switches is spoken of.
  float named() const {
    const auto& tokens = reading_->text.tokens;
    std::size_t met = 0;
    for (const std::string& stem : parameter_->name)
      met += std::ranges::find(tokens, stem, &Token::stem) != tokens.end() ? 1U : 0U;
    return 2 * met >= parameter_->name.size() ? 1.0F : 0.0F;
  }

  void examples() {
    for (const std::string& example : parameter_->examples) {
      Candidate candidate{.source = Source::example, .value = Json(example)};
      candidate.match = phrase_match(example, candidate.span);
      if (candidate.match >= 0.5F) add(std::move(candidate));
    }
  }

  void moments() {
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

  void literals() {
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

  void strings() {
    for (const Span& span : reading_->spans) {
      if (is_piece_of_list(span) || (parameter_->wants_region && add_place(span))) continue;
      if (parameter_->wants_code && add_currency(span)) continue;
      add({.source = Source::span,
           .span = span,
           .value = Json(std::string(reading_->text.span(span.first, span.last)))});
    }
    if (std::ranges::find(parameter_->name, "selector") != parameter_->name.end()) selectors();
    literals();
    placed_names();
    moments();
    examples();
    long_spans();
  }

  bool add_currency(Span span) {
    const std::string_view code = currency_code(reading_->text.span(span.first, span.last));
    if (code.empty()) return false;
    add({.source = Source::span, .change = Change::written, .span = span, .value = Json(std::string(code))});
    return true;
  }

  bool is_joint(std::size_t at) const {
    const auto& tokens = reading_->text.tokens;
    return at < tokens.size() &&
           (tokens[at].gap == Gap::comma || tokens[at].lower == "and" || tokens[at].lower == "or");
  }

  bool is_region(std::size_t at) const {
    const Token& token = reading_->text.tokens[at];
    const WordClass what = class_of(token.lower);
    return token.is_upper || what == WordClass::state || what == WordClass::country || token.has_digit;
  }

  // "Paris, Oslo" of "Paris, Oslo and Rome" is no value; "Austin, TX" of "Austin, TX and Boston, MA" is.
  bool is_piece_of_list(Span span) const {
    if (!is_joint(span.last + 1)) return false;
    for (std::size_t at = span.first + 1; at <= span.last; ++at) {
      if (reading_->text.tokens[at].gap == Gap::comma) return !is_region(at);
    }
    return false;
  }

  // "Nice" of "a hotel in Nice", "boston" of "weather in boston please"; not "bend" of "Bend the pipe", and nothing in
  // small letters where others are capital.
  bool may_be_town(Span span) const {
    const Text& text = reading_->text;
    const Token& first = text.tokens[span.first];
    const Token& last = text.tokens[span.last];
    if (first.is_capital && last.is_capital && !last.begins_text) return true;
    return (first.is_capital || text.is_small) && !is_ordinary_word(text.span(span.first, span.last));
  }

  // A town with the state or country it is in, where that is known or stands behind it.
  bool add_place(Span span) {
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

  // What is called an id or a class as a page's selector has it.
  void selectors() {
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

  bool is_folder(const Literal& one) const {
    if (one.kind != LiteralKind::path) return false;
    const std::string_view path = std::string_view(reading_->text.text).substr(one.begin, one.end - one.begin);
    return path.find('/') != std::string_view::npos && path.substr(path.rfind('/')).find('.') == std::string_view::npos;
  }

  // The names that stand alone: a file's, one in quotes, what something is called.
  std::vector<Span> names() const {
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

  // "notes.txt in /home/ana" as /home/ana/notes.txt.
  void placed_names() {
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
        if (name.first > name.last || place.first > place.last ||
            (name.first <= place.last && place.first <= name.last))
          continue;
        add({.source = Source::path,
             .change = Change::joined,
             .span = name,
             .value = Json(path + std::string(reading_->text.span(name.first, name.last)))});
      }
      return;
    }
  }

  // From behind a mark or a word that introduces text up to the end of the sentence.
  void long_spans() {
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

  void arrays() {
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

  // Without an article in front.
  std::string item_text(Span span) const {
    const std::string& first = reading_->text.tokens[span.first].lower;
    if (span.first < span.last && (first == "the" || first == "a" || first == "an")) ++span.first;
    return std::string(reading_->text.span(span.first, span.last));
  }

  void choice_lists() {
    struct Met {
      Span span;
      Json value;
    };
    std::vector<Met> met;
    for (const Json& choice : parameter_->choices) {
      Span place{.first = 1, .last = 0};
      if (phrase_match(text_of(choice), place) >= 0.99F) met.push_back({place, choice});
      add({.source = Source::choice,
           .span = place,
           .value = JsonArray{choice},
           .match = phrase_match(text_of(choice), place)});
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

  void example_lists() {
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

  void brackets() {
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

  // Numbers that only commas, "and" and spaces part.
  void number_lists() {
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

  bool is_joined(const Quantity& left, const Quantity& right) const {
    if (right.begin < left.unit_end) return false;
    std::string between =
        lowered(std::string_view(reading_->text.text).substr(left.unit_end, right.begin - left.unit_end));
    if (const std::size_t at = between.find("and"); at != std::string::npos) between.erase(at, 3);
    return between.find_first_not_of(" ,;&$") == std::string::npos && !between.empty();
  }

  void quoted_lists() {
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

  void objects() {
    for (const Literal& one : reading_->literals) {
      if (one.kind != LiteralKind::bracketed) continue;
      const auto parsed = base::parse_json(reading_->text.text.substr(one.begin, one.end - one.begin));
      if (parsed && parsed->is_object())
        add({.source = Source::bracketed, .span = reading_->tokens_of(one.begin, one.end), .value = *parsed});
    }
  }

  const Parameter* parameter_;
  const Reading* reading_;
  std::vector<Candidate> found_ = {};
};

}  // namespace

std::vector<Candidate> candidates_for(const Parameter& parameter, const Reading& reading) {
  return Collector(parameter, reading).collect();
}

}  // namespace lilux::brain
