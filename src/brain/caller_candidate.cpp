#include "brain/caller_candidate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "brain/caller_choice_words.h"
#include "brain/caller_collector.h"
#include "brain/thesaurus.h"

namespace lilux::brain {

using base::Json;

namespace {

constexpr float kSame = 1;  // of one that another word stands for
constexpr float kNear = 0.8F;

}  // namespace

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

bool Collector::looks_right(const Json& value) const {
  const auto looks = [&](const Json& one) { return !one.is_string() || looks_like(parameter_->look, one.as_string()); };
  return value.is_array() ? std::ranges::all_of(value.as_array(), looks) : looks(value);
}

void Collector::add(Candidate candidate) {
  if (found_.size() >= kCandidatesMax || candidate.value.is_null() || !looks_right(candidate.value)) return;
  candidate.is_refused = !parameter_->limits.hold(candidate.value);
  if (!candidate.is_refused || candidate.value.is_number()) found_.push_back(std::move(candidate));
}

void Collector::booleans() {
  add({.source = Source::boolean, .value = Json(true)});
  add({.source = Source::boolean, .value = Json(false)});
}

// "not urgent", "no ham", "that is not very large".
bool Collector::is_denied(std::size_t at) const {
  constexpr std::array<std::string_view, 16> kDenying{"not",     "no",     "non",    "without",  "never",   "nor",
                                                      "neither", "isn't",  "aren't", "don't",    "doesn't", "wasn't",
                                                      "than",    "except", "avoid",  "excluding"};
  constexpr std::array<std::string_view, 7> kBetween{"very", "too", "really", "use", "using", "want", "instead"};
  constexpr std::size_t kFar = 4;
  const auto& tokens = reading_->text.tokens;
  for (std::size_t back = 1; back <= std::min(kFar, at); ++back) {
    const Gap gap = tokens[at - back + 1].gap;
    const Token& before = tokens[at - back];
    if (gap == Gap::stop || gap == Gap::comma || gap == Gap::quote) return false;
    if (std::ranges::find(kDenying, before.lower) != kDenying.end()) return true;
    if (before.lower == "of" && at > back && tokens[at - back - 1].lower == "instead") return true;
    const bool is_light = before.is_stop() || std::ranges::find(kBetween, before.lower) != kBetween.end();
    if (!is_light || before.lower == "but" || before.lower == "and") return false;
  }
  return false;
}

float Collector::phrase_match(std::string_view phrase, Span& place, Letter letter, Said how) const {
  const std::vector<std::string> words = phrase_words(phrase);
  if (words.empty()) return 0;
  const auto& tokens = reading_->text.tokens;
  const auto is_met = [&](std::size_t at, const std::string& word) {
    return at < tokens.size() && (tokens[at].lower == word || (letter == Letter::near && same(tokens[at], word)));
  };
  std::size_t best = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    std::size_t count = 0;
    while (count < words.size() && is_met(at + count, words[count])) ++count;
    if (count > best && (how == Said::anyhow || !is_denied(at))) {
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
  const std::size_t first = found_.size();
  for (const Json& choice : parameter_->choices) {
    Candidate candidate{.source = Source::choice, .value = choice};
    candidate.match = phrase_match(text_of(choice), candidate.span, Letter::near, Said::meant);
    if (const std::string text = lowered(text_of(choice)); text == "true" || text == "yes") candidate.match = named();
    add(std::move(candidate));
  }
  const auto is_said = [](const Candidate& one) { return one.match >= kSaid; };
  const auto is_any_said = [&] {
    return std::any_of(found_.begin() + static_cast<std::ptrdiff_t>(first), found_.end(), is_said);
  };
  if (!is_any_said()) currency_choices(first);
  if (!is_any_said()) meant_choices(first);
  if (!is_any_said()) kin_choices();
}

void Collector::meant_choices(std::size_t first) {
  for (std::size_t i = first; i < found_.size(); ++i) {
    std::string name;
    for (const std::string& word : phrase_words(text_of(found_[i].value))) name += (name.empty() ? "" : " ") + word;
    for (const std::string_view other : others_for(name)) {
      Span place{.first = 1, .last = 0};
      if (phrase_match(other, place, Letter::same, Said::meant) < kSaid) continue;
      found_[i].match = 1;
      found_[i].span = place;
      found_[i].is_meant = true;
      break;
    }
  }
}

void Collector::kin_choices() {
  const Thesaurus& thesaurus = shipped_thesaurus();
  Kin best = Kin::none;
  std::size_t met = 0;
  bool is_one = false;
  Span place{.first = 1, .last = 0};
  for (const Phrase& phrase : phrases()) {
    const auto groups = thesaurus.groups_of(phrase.stems);
    for (std::size_t i = 0; !groups.empty() && i < parameter_->choices.size(); ++i) {
      const Kin kin = Thesaurus::kin(groups, thesaurus.groups_of(parameter_->choice_stems[i]));
      if (kin == Kin::none || kin < best) continue;
      is_one = kin > best || (is_one && met == i);
      best = kin;
      met = i;
      place = phrase.span;
    }
  }
  if (!is_one) return;
  const auto found = std::ranges::find(found_, parameter_->choices[met], &Candidate::value);
  if (found == found_.end()) return;
  found->match = best == Kin::same ? kSame : kNear;
  found->span = place;
  found->is_kin = true;
  found->is_meant = true;
}

std::vector<Collector::Phrase> Collector::phrases() const {
  constexpr std::size_t kWordsMost = 3;
  const auto& tokens = reading_->text.tokens;
  const auto is_own = [&](const Token& token) {
    return !token.is_stop() && !token.is_number && (!token.is_capital || token.begins_text) &&
           std::ranges::find(parameter_->name, token.stem) == parameter_->name.end();
  };
  std::vector<Phrase> all;
  for (std::size_t first = 0; first < tokens.size(); ++first) {
    if (is_denied(first)) continue;
    std::string stems;
    for (std::size_t last = first; last < std::min(first + kWordsMost, tokens.size()); ++last) {
      if (!is_own(tokens[last]) || (last > first && tokens[last].gap != Gap::space)) break;
      stems += (stems.empty() ? "" : " ") + tokens[last].stem;
      all.push_back({.stems = stems, .span = {.first = first, .last = last}});
    }
  }
  return all;
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

namespace {

Source source_of(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::quoted: return Source::quoted;
    case LiteralKind::url: return Source::url;
    case LiteralKind::email: return Source::email;
    case LiteralKind::path: return Source::path;
    case LiteralKind::bracketed: return Source::bracketed;
    case LiteralKind::code:
    case LiteralKind::glob: return Source::code;
  }
  return Source::quoted;
}

}  // namespace

void Collector::literals() {
  for (const Literal& one : reading_->literals) {
    const Span span = reading_->tokens_of(one.begin, one.end);
    std::string text = reading_->text.text.substr(one.begin, one.end - one.begin);
    // "example.org" where a whole address is wanted.
    const bool is_bare = parameter_->format == "uri" && text.find("://") == std::string::npos &&
                         (one.kind == LiteralKind::path || one.kind == LiteralKind::url) && is_letter(text.front());
    if (is_bare)
      add({.source = Source::url, .change = Change::written, .span = span, .value = Json("https://" + text)});
    else
      add({.source = source_of(one.kind), .span = span, .value = Json(std::move(text))});
  }
}

bool Collector::globs() {
  const bool are_there =
      std::ranges::any_of(reading_->literals, [](const Literal& one) { return one.kind == LiteralKind::glob; });
  if (parameter_->look != Look::glob || !are_there) return false;
  for (const Literal& one : reading_->literals) {
    if (one.kind != LiteralKind::glob) continue;
    add({.source = Source::code,
         .span = reading_->tokens_of(one.begin, one.end),
         .value = Json(reading_->text.text.substr(one.begin, one.end - one.begin))});
  }
  return true;
}

bool Collector::phones() {
  if (parameter_->look != Look::phone) return false;
  const std::size_t before = found_.size();
  for (const Literal& one : reading_->phones)
    add({.source = Source::code,
         .span = reading_->tokens_of(one.begin, one.end),
         .value = Json(reading_->text.text.substr(one.begin, one.end - one.begin))});
  return found_.size() > before;
}

void Collector::strings() {
  if (globs() || phones()) return;
  for (const Span& span : reading_->spans) {
    if (is_piece_of_list(span) || (parameter_->wants_region && add_place(span))) continue;
    if (parameter_->wants_code && add_currency(span)) continue;
    add({.source = Source::span, .span = span, .value = Json(std::string(reading_->text.span(span.first, span.last)))});
  }
  if (std::ranges::find(parameter_->name, "selector") != parameter_->name.end()) selectors();
  literals();
  placed_names();
  moments();
  if (parameter_->format == "duration") durations();
  examples();
  long_spans();
}

std::vector<Candidate> candidates_for(const Parameter& parameter, const Reading& reading) {
  return Collector(parameter, reading).collect();
}

}  // namespace lilux::brain
