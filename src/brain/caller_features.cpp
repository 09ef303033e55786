#include "brain/caller_features.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "brain/caller_feature.h"
#include "brain/extract_class.h"

namespace lilux::brain {

namespace {

bool holds(const std::vector<std::string>& stems, const std::string& stem) {
  return std::ranges::find(stems, stem) != stems.end();
}

// Which end of a way, a time or a change a parameter is, by the words of its name.
std::uint32_t role_of(const Parameter& parameter) {
  constexpr std::string_view kBegin =
      " start begin from origin sourc depart initi pickup sender first min minimum lower check_in checkin old befor "
      "find ";
  constexpr std::string_view kEnd =
      " end to destin target arriv final dropoff recipi receiv second last max maximum upper check_out checkout "
      "return new after replac ";
  std::uint32_t role = 0;
  const auto look = [&](const std::string& stem) {
    const std::string word = " " + stem + " ";
    if (role == 0 && kBegin.find(word) != std::string_view::npos) role = 1;
    if (role == 0 && kEnd.find(word) != std::string_view::npos) role = 2;
  };
  const std::string key = lowered(parameter.key());
  if (key.starts_with("from")) return 1;
  if (key.starts_with("to_") || key == "to") return 2;
  for (const std::string& stem : parameter.name) look(stem);
  for (std::size_t i = 0; role == 0 && i < std::min<std::size_t>(4, parameter.words.size()); ++i)
    look(parameter.words[i]);
  return role;
}

constexpr std::array<std::string_view, 13> kNegations{"no",        "not",     "don't", "without", "avoid",
                                                      "avoiding",  "never",   "off",   "disable", "exclude",
                                                      "excluding", "doesn't", "stop"};
constexpr std::array<std::string_view, 5> kOpposing{"un", "dis", "de", "in", "non"};
// As stems: names of what may be on, and what says that it is not.
constexpr std::array<std::string_view, 6> kOnNames{"on", "enabl", "activ", "power", "turn", "state"};
constexpr std::array<std::string_view, 5> kOffStems{"off", "disabl", "deactiv", "inactiv", "mute"};

}  // namespace

FillView::FillView(const Reading& reading, const Tool& tool, std::size_t parameter)
    : reading_(&reading), tool_(&tool), parameter_(&tool.parameters[parameter]) {
  // What may be anything is most often text.
  kind_ = static_cast<std::uint32_t>(parameter_->kind == Kind::any ? Kind::string : parameter_->kind);
  if (parameter_->kind == Kind::array) kind_ = 16 + static_cast<std::uint32_t>(parameter_->item);
  sense_ = static_cast<std::uint32_t>(parameter_->sense);
  head_ = hash_of(parameter_->name.back());
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (row_of(tool.parameters[i].kind) != row_of(parameter_->kind)) continue;
    ++same_kind_;
    if (i < parameter) ++rank_;
  }
  role_ = role_of(*parameter_);
  if (!parameter_->examples.empty()) example_shape_ = shape_of(parameter_->examples.front());
  const std::string key = lowered(parameter_->key());
  for (const Token& token : reading.text.tokens) {
    const std::string& stem = token.is_stop() ? token.lower : token.stem;
    Seen seen{.name = holds(parameter_->name, stem) || token.lower == key};
    if (!token.is_stop()) {
      seen.word = holds(parameter_->words, stem);
      seen.tool = holds(tool.name_words, stem) || holds(tool.words, stem);
    }
    const auto is_it = [&](const base::Json& choice) {
      return choice.is_string() && lowered(choice.as_string()) == token.lower;
    };
    for (const Parameter& other : tool.parameters)
      seen.choice = seen.choice ||
                    (&other != parameter_ && other.kind == Kind::choice && std::ranges::any_of(other.choices, is_it));
    for (std::size_t i = 0; i < tool.parameters.size(); ++i)
      seen.other = seen.other || (i != parameter && !seen.name && holds(tool.parameters[i].name, stem));
    names_seen_ += seen.name ? 1 : 0;
    classes_.push_back(static_cast<std::uint32_t>(class_of(token.lower)));
    seen_.push_back(seen);
  }
}

void FillView::add(Features& features, std::uint32_t what, std::uint32_t value) const {
  features.push_back(mixed(what * 977 + 13, value));
}

bool FillView::is_told() const {
  return names_seen_ > 0 ||
         std::ranges::any_of(seen_, [](const Seen& one) { return one.word && !one.tool && !one.other; });
}

void FillView::see(const Candidate& candidate, Features& features) const {
  features.clear();
  if (candidate.source == Source::none) return see_none(candidate, features);
  const auto source = static_cast<std::uint32_t>(candidate.source) * 8 + static_cast<std::uint32_t>(candidate.change);
  add(features, 1, mixed(source, kind_));
  add(features, 2, mixed(source, sense_));
  add(features, 3, mixed(source, head_));
  add(features, 4, mixed(source, parameter_->has_default ? 1U : 0U));
  if (candidate.has_span()) {
    see_span(candidate, features);
    see_nearness(candidate, features);
    see_shape(candidate, features);
    see_list(candidate, features);
    see_cut(candidate, features);
  }
  if (candidate.source == Source::number) see_number(candidate, features);
  if (candidate.source == Source::moment) see_moment(candidate, features);
  if (candidate.source == Source::boolean) see_boolean(candidate, features);
  see_match(candidate, features);
}

void FillView::see_none(const Candidate& candidate, Features& features) const {
  const std::uint32_t needed = parameter_->is_required ? 2U : (parameter_->has_default ? 1U : 0U);
  add(features, 10, mixed(kind_, needed));
  add(features, 11, mixed(sense_, needed));
  add(features, 12, mixed(needed, few(names_seen_, 2)));
  add(features, 13, mixed(mixed(row_of(parameter_->kind), few(names_seen_, 2)), needed));
  add(features, 14, head_);
  const std::size_t numbers = reading_->quantities.size();
  if (is_number_kind(parameter_->kind)) {
    std::size_t required = 0;
    for (const Parameter& one : tool_->parameters) required += one.is_required && is_number_kind(one.kind) ? 1U : 0U;
    add(features, 18, mixed(mixed(few(numbers, 4) + 8 - few(required, 4), needed), few(same_kind_ - required, 3)));
  }
  if (is_number_kind(parameter_->kind))
    add(features, 15, mixed(mixed(few(numbers, 3), few(same_kind_, 3)), few(rank_, 3)));
  add(features, 16, needed);
  if (parameter_->kind == Kind::choice) add(features, 19, mixed(bucket(candidate.match), needed));
  std::size_t words = 0;
  for (const Seen& seen : seen_) words += seen.word ? 1 : 0;
  add(features, 17, mixed(needed, few(words, 4)));
}

std::uint32_t FillView::left_word(const Candidate& candidate, std::size_t ahead) const {
  const auto& tokens = reading_->text.tokens;
  std::size_t at = candidate.span.first;
  for (std::size_t i = 0; i < ahead; ++i) {
    if (at == 0 || tokens[at].gap == Gap::stop) return 1;
    --at;
    // Articles and the like say nothing.
    while (at > 0 &&
           (tokens[at].lower == "the" || tokens[at].lower == "a" || tokens[at].lower == "an" ||
            tokens[at].lower == "my") &&
           tokens[at].gap != Gap::stop)
      --at;
  }
  return tokens[at].is_stop() || tokens[at].stem.size() > 10 ? hash_of(tokens[at].lower) : hash_of(tokens[at].stem);
}

std::uint32_t FillView::right_word(const Candidate& candidate, std::size_t ahead) const {
  const auto& tokens = reading_->text.tokens;
  std::size_t at = candidate.span.last;
  for (std::size_t i = 0; i < ahead; ++i) {
    ++at;
    if (at >= tokens.size() || tokens[at].gap == Gap::stop) return 1;
  }
  return tokens[at].is_stop() ? hash_of(tokens[at].lower) : hash_of(tokens[at].stem);
}

void FillView::see_span(const Candidate& candidate, Features& features) const {
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  const std::uint32_t form = row_of(parameter_->kind);
  const auto gap = static_cast<std::uint32_t>(tokens[span.first].gap);
  const std::uint32_t left = left_word(candidate, 1);
  const std::uint32_t right = right_word(candidate, 1);
  const std::uint32_t end = span.last + 1 < tokens.size() ? static_cast<std::uint32_t>(tokens[span.last + 1].gap) : 99;
  add(features, 20, mixed(left, form));
  add(features, 21, mixed(left, sense_));
  add(features, 22, mixed(left, head_));
  add(features, 23, mixed(left, left_word(candidate, 2)));
  add(features, 24, mixed(right, form));
  add(features, 25, mixed(right, sense_));
  add(features, 26, mixed(gap, form));
  add(features, 27, mixed(end, form));
  if (role_ != 0) {
    add(features, 36, mixed(left, role_));
    add(features, 37, mixed(right, role_));
    add(features, 38,
        mixed(role_, candidate.source == Source::number || candidate.source == Source::moment ? few(candidate.number, 3)
                                                                                              : 9U));
  }
  const bool left_says = span.first > 0 && !tokens[span.first - 1].is_stop();
  const bool right_says = span.last + 1 < tokens.size() && !tokens[span.last + 1].is_stop();
  add(features, 39,
      mixed((left_says ? 1U : 0U) + (right_says ? 2U : 0U) + (gap == 1 ? 4U : 0U) + (end == 1 ? 8U : 0U), form));
  add(features, 28, mixed(mixed(gap, end), form));
  const std::size_t length = span.last - span.first + 1;
  add(features, 29, mixed(few(length, 8), form));
  add(features, 30, mixed(few(length, 8), sense_));
  if (candidate.source == Source::span) {
    // Which name it is says nothing of where names begin and end.
    const auto edge = [](const Token& token) {
      return token.is_capital && !token.begins_text ? 2U : hash_of(token.lower);
    };
    add(features, 31, edge(tokens[span.first]));
    add(features, 32, edge(tokens[span.last]));
    for (std::size_t i = span.first + 1; i < span.last; ++i) {
      if (tokens[i].is_stop()) add(features, 33, mixed(hash_of(tokens[i].lower), form));
      if (tokens[i].gap == Gap::comma) add(features, 34, sense_);
    }
  }
  add(features, 35, mixed(tokens[span.first].begins_text ? 1U : 0U, mixed(few(length, 3), form)));
}

// Whether the words are cut out of something that is written as one value.
void FillView::see_cut(const Candidate& candidate, Features& features) const {
  if (reading_->literals.empty()) return;
  const Span span = candidate.span;
  std::uint32_t cut = 0;
  std::uint32_t what = 0;
  for (const Literal& one : reading_->literals) {
    const Span whole = reading_->tokens_of(one.begin, one.end);
    if (whole.first > whole.last || whole.first > span.last || span.first > whole.last) continue;
    const bool is_same = whole == span;
    const bool is_inside = span.first >= whole.first && span.last <= whole.last;
    const std::uint32_t now = is_same ? 1U : (is_inside ? 3U : 2U);
    if (now > cut) {
      cut = now;
      what = static_cast<std::uint32_t>(one.kind);
    }
  }
  const auto source = static_cast<std::uint32_t>(candidate.source);
  add(features, 145, mixed(cut, mixed(what, source)));
  add(features, 146, mixed(mixed(cut, source), kind_));
  add(features, 147, mixed(mixed(cut, source), sense_));
}

// Whether a list goes on beside what is taken of it, and whether its items look alike.
void FillView::see_list(const Candidate& candidate, Features& features) const {
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  const auto joins = [&](std::size_t at) {
    return at < tokens.size() && tokens[at].gap != Gap::stop &&
           (tokens[at].gap == Gap::comma || tokens[at].lower == "and" || tokens[at].lower == "or" ||
            tokens[at].lower == "&");
  };
  const bool goes_on = joins(span.last + 1);
  const bool goes_back = span.first > 0 && (tokens[span.first].gap == Gap::comma || joins(span.first - 1));
  const auto source = static_cast<std::uint32_t>(candidate.source);
  add(features, 140, mixed((goes_on ? 1U : 0U) + (goes_back ? 2U : 0U), mixed(kind_, source)));
  if (candidate.is_cut) add(features, 144, kind_);
  if (!candidate.value.is_array()) return;
  std::uint32_t look = 0;
  bool same = true;
  std::size_t longest = 0;
  for (const base::Json& item : candidate.value.as_array()) {
    if (!item.is_string()) continue;
    const std::string& text = item.as_string();
    const std::uint32_t one =
        text.empty() ? 0U : (is_digit(text.front()) ? 1U : (text.front() >= 'A' && text.front() <= 'Z' ? 2U : 3U));
    same = same && (look == 0 || look == one);
    look = one;
    longest = std::max<std::size_t>(longest, static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1);
  }
  add(features, 141, mixed(mixed(same ? 1U : 0U, look), source));
  add(features, 142, mixed(few(longest, 5), same ? 1U : 0U));
  add(features, 143, mixed(few(candidate.value.as_array().size(), 4), source));
}

void FillView::see_nearness(const Candidate& candidate, Features& features) const {
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  const std::uint32_t form = row_of(parameter_->kind);
  std::size_t inside_name = 0;
  std::size_t inside_word = 0;
  std::size_t inside_tool = 0;
  std::size_t inside_other = 0;
  for (std::size_t i = span.first; i <= span.last; ++i) {
    inside_name += seen_[i].name ? 1U : 0U;
    inside_word += seen_[i].word ? 1U : 0U;
    inside_tool += seen_[i].tool ? 1U : 0U;
    inside_other += seen_[i].other ? 1U : 0U;
  }
  const auto length = static_cast<double>(span.last - span.first + 1);
  add(features, 40, mixed(bucket(static_cast<double>(inside_name) / length), form));
  add(features, 41, mixed(bucket(static_cast<double>(inside_word) / length), form));
  add(features, 42, mixed(bucket(static_cast<double>(inside_tool) / length), form));
  add(features, 43, mixed(bucket(static_cast<double>(inside_other) / length), form));
  if (seen_[span.last].name) add(features, 44, form);
  if (seen_[span.first].name) add(features, 45, form);
  // The nearest word of the name, and of another one's, on each side.
  std::array<std::uint32_t, 2> name{9, 9};
  std::array<std::uint32_t, 2> word{9, 9};
  std::array<std::uint32_t, 2> other{9, 9};
  for (std::uint32_t side = 0; side < 2; ++side) {
    std::size_t at = side == 0 ? span.first : span.last;
    for (std::uint32_t far = 1; far <= 6; ++far) {
      if (side == 0 ? at == 0 || tokens[at].gap == Gap::stop
                    : at + 1 >= tokens.size() || tokens[at + 1].gap == Gap::stop)
        break;
      at = side == 0 ? at - 1 : at + 1;
      if (seen_[at].name && name[side] == 9) name[side] = far;
      if (seen_[at].word && word[side] == 9) word[side] = far;
      if (seen_[at].other && other[side] == 9) other[side] = far;
    }
    add(features, 50 + side, mixed(name[side], form));
    add(features, 52 + side, mixed(word[side], form));
    add(features, 54 + side, mixed(other[side], form));
    add(features, 56 + side, mixed(mixed(name[side], other[side]), form));
    add(features, 58 + side, mixed(name[side], sense_));
  }
  const std::uint32_t nearest = std::min(name[0], name[1]);
  const std::uint32_t rival = std::min(other[0], other[1]);
  add(features, 60, mixed(nearest < rival ? 1U : (nearest == rival ? 2U : 3U), form));
  add(features, 61, mixed(nearest, rival));
  add(features, 62, mixed(mixed(name[0], left_word(candidate, 1)), form));
}

bool FillView::is_own_name(const Candidate& candidate) const {
  if (candidate.source != Source::choice || !candidate.has_span() || names_seen_ > 0) return false;
  for (std::size_t i = candidate.span.first; i <= candidate.span.last; ++i) {
    if (!holds(tool_->name_words, reading_->text.tokens[i].stem)) return false;
  }
  return true;
}

bool FillView::is_made_up(const Candidate& candidate) const {
  if (candidate.source != Source::span || !candidate.has_span() || candidate.value.is_array()) return false;
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  const auto is_plain = [&](const Token& token) {
    return (!token.is_capital || token.begins_text) && (token.is_stop() || holds(tool_->name_words, token.stem));
  };
  const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(span.first);
  if (std::all_of(first, first + static_cast<std::ptrdiff_t>(span.last - span.first + 1), is_plain)) return true;
  // "cellar off" for a room, where on and off are choices of something else.
  const auto is_others = [&](std::size_t at) { return seen_[at].choice && !tokens[at].is_capital; };
  if (is_others(span.first) || is_others(span.last)) return true;
  // A name does not go on into a telephone number that has a place of its own.
  const bool has_place = parameter_->look != Look::phone &&
                         std::ranges::find(tool_->parameters, Look::phone, &Parameter::look) != tool_->parameters.end();
  const auto is_inside = [&](const Literal& one) {
    const Span phone = reading_->tokens_of(one.begin, one.end);
    return phone.first <= span.last && span.first <= phone.last;
  };
  if (has_place && std::ranges::any_of(reading_->phones, is_inside)) return true;
  const bool is_article =
      span.first > 0 && (tokens[span.first - 1].lower == "a" || tokens[span.first - 1].lower == "an");
  return parameter_->sense == Sense::place && is_article && !tokens[span.first].is_capital;
}

bool FillView::is_chance(const Candidate& candidate) const {
  if (candidate.source != Source::choice || !candidate.has_span()) return false;
  const auto& tokens = reading_->text.tokens;
  const Span span = candidate.span;
  for (const Literal& one : reading_->literals) {
    const Span whole = reading_->tokens_of(one.begin, one.end);
    const bool is_inside = span.first >= whole.first && span.last <= whole.last && whole != span;
    if (one.kind == LiteralKind::quoted && is_inside) return true;
  }
  if (!candidate.is_meant || names_seen_ > 0 || span.last + 1 >= tokens.size()) return false;
  const Token& next = tokens[span.last + 1];
  const Seen& known = seen_[span.last + 1];
  const auto is_inside = [&](const Moment& one) {
    return reading_->text.tokens[span.last + 1].begin >= one.begin && next.end <= one.end;
  };
  return next.gap == Gap::space && !next.is_stop() && !next.has_digit && !known.word && !known.tool && !known.other &&
         std::ranges::none_of(reading_->moments, is_inside);
}

bool FillView::is_negated() const {
  const auto& tokens = reading_->text.tokens;
  for (const std::string& stem : parameter_->name) {
    const auto found = std::ranges::find(tokens, stem, &Token::stem);
    if (found == tokens.end()) continue;
    const auto at = static_cast<std::size_t>(found - tokens.begin());
    for (std::size_t back = 1; back <= 3 && back <= at && tokens[at - back + 1].gap != Gap::stop; ++back) {
      if (std::ranges::find(kNegations, tokens[at - back].lower) != kNegations.end()) return true;
    }
  }
  return false;
}

// "turn it off" for what is on or enabled, "unlock" for what is locked, "active: false".
bool FillView::is_opposed() const {
  const auto& tokens = reading_->text.tokens;
  const auto is_said = [&](const auto& test) { return std::ranges::any_of(tokens, test); };
  for (const std::string& stem : parameter_->name) {
    if (is_said([&](const Token& token) {
          return std::ranges::any_of(kOpposing, [&](std::string_view prefix) {
            return token.stem.size() == prefix.size() + stem.size() && token.stem.starts_with(prefix) &&
                   token.stem.ends_with(stem);
          });
        }))
      return true;
  }
  const auto is_of = [&](std::span<const std::string_view> words) {
    return std::ranges::any_of(parameter_->name,
                               [&](const std::string& stem) { return std::ranges::find(words, stem) != words.end(); });
  };
  const auto names_it = [&](const Token& token) {
    return std::ranges::find(parameter_->name, token.stem) != parameter_->name.end();
  };
  for (std::size_t i = 1; i < tokens.size(); ++i)
    if (tokens[i].lower == "false" && (names_it(tokens[i - 1]) || (i > 1 && names_it(tokens[i - 2])))) return true;
  return is_of(kOnNames) && !is_of(kOffStems) && is_said([](const Token& token) {
           return token.lower == "off" || std::ranges::find(kOffStems, token.stem) != kOffStems.end();
         });
}

}  // namespace lilux::brain
