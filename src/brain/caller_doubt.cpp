#include "brain/caller_doubt.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "brain/caller_guard.h"
#include "brain/caller_words.h"
#include "brain/extract_place.h"
#include "brain/extract_text.h"
#include "brain/thesaurus.h"

namespace lilux::brain {

namespace {

bool is_among(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return !one.empty() && std::ranges::find(all, one) != all.end();
}

// "Paris, not in London", "not to 20 but to 18", "18 instead of 20".
bool is_denied(const Text& text, std::size_t at) {
  constexpr std::string_view kLight = " to in at on for from by with the a an ";
  constexpr std::string_view kOtherwise = " why if or whether ";
  const auto& tokens = text.tokens;
  const auto begins_part = [&](std::size_t token) { return tokens[token].gap == Gap::stop || token == 0; };
  while (at > 0 && !begins_part(at) && is_among(kLight, tokens[at - 1].lower)) --at;
  if (at == 0 || begins_part(at)) return false;
  const std::string& before = tokens[at - 1].lower;
  const std::string_view further = at < 2 ? std::string_view() : std::string_view(tokens[at - 2].lower);
  if (before == "not") return !is_among(kOtherwise, further);
  return (before == "than" && further == "rather") || (before == "of" && further == "instead");
}

// "up" of "is the server web-3 up?" is what is asked about it, and no part of its name.
bool is_asked_about(const Text& text, Span span) {
  constexpr std::string_view kStates =
      " up down on off online offline alive dead reachable running available open closed ready busy free ";
  const auto& tokens = text.tokens;
  return is_among(" is are ", tokens.front().lower) && span.last + 1 == tokens.size() &&
         is_among(kStates, tokens[span.last].lower);
}

// "Monday" for a time as HH:mm, "next week" for a day as YYYY-MM-DD: what the sentence tells cannot be written so.
bool is_unwritten(const Parameter& parameter, const Candidate& candidate) {
  const std::string& pattern = parameter.time_pattern;
  if (pattern.empty() || candidate.change == Change::written) return false;
  return pattern.find("MMM") == std::string::npos && pattern.find_first_not_of("YMDHhms-:/. TZ") == std::string::npos &&
         (candidate.source == Source::span || candidate.source == Source::moment);
}

// A street, a house number and the pounds of "3 pounds" are no town.
bool is_no_town(const Reading& reading, const Parameter& parameter, Span span) {
  constexpr std::string_view kRoads = " street st road rd avenue ave lane ln drive boulevard blvd way square ";
  const auto& tokens = reading.text.tokens;
  const std::vector<std::string> name = name_parts(parameter.key());
  if (!holds(name, "city") && !holds(name, "town")) return false;
  for (std::size_t at = span.first; at <= span.last; ++at) {
    if (tokens[at].has_digit) return true;
  }
  const Token& last = tokens[span.last];
  const auto is_unit = [&](const Quantity& one) { return last.begin >= one.end && last.end <= one.unit_end; };
  return std::ranges::any_of(reading.quantities, is_unit) || is_among(kRoads, last.lower) ||
         last.lower.ends_with("str") || last.lower.ends_with("strasse") || last.lower.ends_with("stra\u00dfe");
}

// "scale web" of "scale web: at most 10" for scale_group: the verb of the request is no part of a name.
bool begins_with_act(const Reading& reading, const Tool& tool, Span span) {
  const Token& token = reading.text.tokens[span.first];
  return span.first == 0 && span.last > 0 && !tool.name_words.empty() && token.stem == tool.name_words.front();
}

bool is_read(Source source) {
  constexpr std::array<Source, 8> kRead{Source::span, Source::example, Source::number, Source::moment,
                                        Source::path, Source::email,   Source::url,    Source::code};
  return std::ranges::find(kRead, source) != kRead.end();
}

// "database" of delete_database, "file" and "folder" of a path.
bool names_kind(const Tool& tool, const Parameter& parameter, const Token& token) {
  if (token.is_stop() || token.has_digit) return false;
  const auto is_one_of = [&](const std::vector<std::string>& stems) {
    return std::ranges::any_of(stems, [&](const std::string& stem) {
      return stem == token.stem || (groups_of(stem) & groups_of(token.stem)) != 0;
    });
  };
  return is_one_of(tool.name_words) || is_one_of(parameter.name) || holds(parameter.words, token.stem);
}

// A word of the dictionary in small letters: no name looks like that.
bool is_ordinary(const Token& token) {
  if (token.is_capital && !token.begins_text) return false;
  if (!std::ranges::all_of(token.lower, is_letter)) return false;
  return token.is_stop() || !shipped_thesaurus().groups_of(token.stem).empty();
}

// "old" and "old database" of "the old database".
bool only_describes(const Text& text, const Tool& tool, const Parameter& parameter, Span span) {
  const auto& tokens = text.tokens;
  for (std::size_t at = span.first; at <= span.last; ++at) {
    if (names_kind(tool, parameter, tokens[at])) return at == span.last;
    if (!is_ordinary(tokens[at])) return false;
  }
  for (std::size_t next = span.last + 1; next < tokens.size() && tokens[next].gap == Gap::space; ++next) {
    if (names_kind(tool, parameter, tokens[next])) return true;
    if (tokens[next].is_stop() || !is_ordinary(tokens[next])) return false;
  }
  return false;
}

// "anna" and "key of anna" of "the key of anna", the same of "anna's key": whose it is.
bool is_owner(const Text& text, const Parameter& parameter, Span span) {
  const auto& tokens = text.tokens;
  const auto is_own = [&](const Token& token) { return holds(parameter.name, token.stem); };
  for (std::size_t at = span.first; at <= std::min(span.last + 1, tokens.size() - 1); ++at) {
    if (at > 0 && is_own(tokens[at]) && std::string_view(text.text).substr(tokens[at - 1].end).starts_with("'s "))
      return true;
  }
  const std::size_t of = is_own(tokens[span.first]) ? span.first + 1 : span.first - 1;
  return span.first > 1 && of < tokens.size() && tokens[of].lower == "of" && is_own(tokens[of - 1]);
}

bool is_unknown(const Token& token) {
  return is_among(" somebody someone something anybody anyone anything ", token.lower);
}

// "whoever asked"; for what destroys also "something", which a message may be about.
bool is_nobody(const Tool& tool, const Token& token) {
  if (is_among(" whoever whomever whatever whichever ", token.lower)) return true;
  return tool.effect == Effect::destructive && is_unknown(token);
}

std::string_view between(const Reading& reading, std::size_t begin, std::size_t end) {
  return begin < end ? std::string_view(reading.text.text).substr(begin, end - begin) : std::string_view();
}

bool is_taken(const Reading& reading, const Filled& filled, const Quantity& one) {
  const Span span = reading.tokens_of(one.begin, one.end);
  return std::ranges::any_of(filled.arguments, [&](const Argument& argument) {
    const auto covers = [&](const Candidate& value) {
      const bool is_place = value.has_span() && value.source != Source::choice && value.source != Source::boolean;
      return is_place && value.span.first <= span.last && span.first <= value.span.last;
    };
    return covers(argument.candidate) || std::ranges::any_of(argument.others, covers);
  });
}

// "5-10", where the second one is read as no number of its own.
bool has_other_end(const Reading& reading, const Quantity& one) {
  const std::string_view rest = std::string_view(reading.text.text).substr(one.end);
  const std::size_t mark = rest.starts_with("-") ? 1 : rest.starts_with("\u2013") ? 3 : 0;
  std::size_t end = mark;
  while (end < rest.size() && is_digit(rest[end])) ++end;
  return mark > 0 && end > mark && (end == rest.size() || (rest[end] != '-' && !is_letter(rest[end])));
}

bool is_share(const Reading& reading, const Quantity& one) {
  return one.is_percent || (!one.is_whole && one.value < 1) || one.is_ordinal ||
         lowered(between(reading, one.begin, one.end)) == "half";
}

// Whether two numbers beside each other are one that is not said: "20 or 30", "5 to 10", "half of 100".
bool is_open_between(const Reading& reading, const Quantity& left, const Quantity& right) {
  const std::string_view words = between(reading, left.unit_end, right.begin);
  if (words == " to " && is_of_name(reading, left)) return false;
  if (words == " to " || words == " or " || words == " - " || words == "-" || words == "\u2013") return true;
  return (words == " of " || words == " of the ") && is_share(reading, left);
}

bool is_open_number(const Reading& reading, const Filled& filled, const Candidate& candidate) {
  const auto& all = reading.quantities;
  const Quantity& one = all[candidate.number];
  const auto is_inside = [&](const Moment& moment) { return one.begin >= moment.begin && one.end <= moment.end; };
  if (std::ranges::any_of(reading.moments, is_inside)) return false;
  const std::size_t next = candidate.number + 1;
  if (next < all.size() && !is_taken(reading, filled, all[next]) && is_open_between(reading, one, all[next]))
    return true;
  const bool has_before = candidate.number > 0 && !is_taken(reading, filled, all[candidate.number - 1]);
  return has_other_end(reading, one) || (has_before && is_open_between(reading, all[candidate.number - 1], one));
}

// "Tom or Ana": one of them, and not said which.
bool is_either(const Reading& reading, const Argument& argument) {
  const auto& tokens = reading.text.tokens;
  return std::ranges::any_of(argument.others, [&](const Candidate& other) {
    const std::size_t end = std::min(other.span.last, argument.candidate.span.last);
    const std::size_t begin = std::max(other.span.first, argument.candidate.span.first);
    for (std::size_t at = end + 1; at < begin; ++at) {
      if (tokens[at].lower == "or") return true;
    }
    return false;
  });
}

// "between 20 and 50": neither of them.
bool is_between(const Reading& reading, const Argument& argument) {
  std::size_t first = argument.candidate.span.first;
  for (const Candidate& other : argument.others) first = std::min(first, other.span.first);
  return argument.others.size() == 1 && first > 0 && reading.text.tokens[first - 1].lower == "between";
}

// "b" of "the databases a and b", where nothing else of the list is taken.
bool is_rest_of_list(const Reading& reading, const Argument& argument) {
  const Candidate& value = argument.candidate;
  if (!value.has_span() || value.span.first == 0 || !argument.others.empty() || value.value.is_array()) return false;
  const bool is_text = is_read(value.source) && value.value.is_string();
  return is_text && is_among(" and or ", reading.text.tokens[value.span.first - 1].lower);
}

bool is_open(const Reading& reading, const Tool& tool, const Filled& filled, const Argument& argument) {
  if (argument.candidate.source == Source::number && argument.candidate.value.is_number() &&
      is_open_number(reading, filled, argument.candidate))
    return true;
  if (argument.candidate.value.is_number() && is_between(reading, argument)) return true;
  if (tool.effect != Effect::looks && is_either(reading, argument)) return true;
  return tool.effect == Effect::destructive && is_rest_of_list(reading, argument);
}

bool is_of_currencies(const Parameter& parameter) {
  const auto is_currency = [](const base::Json& choice) {
    return choice.is_string() && !currency_of(choice.as_string()).empty();
  };
  return parameter.kind == Kind::choice && parameter.choices.size() > 1 &&
         std::ranges::all_of(parameter.choices, is_currency);
}

std::ptrdiff_t count_currencies(const Tool& tool) {
  return std::ranges::count_if(tool.parameters, is_of_currencies);
}

// Two currencies, and one is said: "convert 30 yen to euros" where there is no yen.
bool is_second_currency(const Tool& tool, const Filled& filled, const Argument& argument) {
  const auto is_it = [&](const Argument& one) {
    return one.candidate.has_span() && is_of_currencies(tool.parameters[one.parameter]);
  };
  return is_it(argument) && std::ranges::any_of(filled.arguments, [&](const Argument& other) {
           return other.parameter != argument.parameter && is_it(other) &&
                  other.candidate.span == argument.candidate.span;
         });
}

// "50 yen to the euro account" for a choice of euros.
bool is_in_another(const Reading& reading, const Filled& filled, const Argument& currency) {
  const auto& tokens = reading.text.tokens;
  return std::ranges::any_of(filled.arguments, [&](const Argument& argument) {
    if (argument.candidate.source != Source::number || !argument.candidate.has_span()) return false;
    const std::size_t next = argument.candidate.span.last + 1;
    if (next >= tokens.size()) return false;
    const std::string_view said = currency_of(reading.text.span(next, next));
    return !said.empty() && said != currency_of(currency.candidate.value.as_string());
  });
}

// An amount in something that none of the currencies is: "50 yen", "50 bitcoins".
bool has_other_unit(const Reading& reading, const Tool& tool, const Quantity& one) {
  if (one.unit && one.unit->dimension != Dimension::none) return true;
  const std::string_view text = reading.text.text;
  const auto is_sign = [](char c) { return c == '$' || static_cast<unsigned char>(c) >= 0x80; };
  if (one.begin > 0 && is_sign(text[one.begin - 1])) return true;
  if (one.end < text.size() && is_sign(text[one.end])) return true;
  const auto& tokens = reading.text.tokens;
  const std::size_t next = reading.tokens_of(one.begin, one.end).last + 1;
  if (next >= tokens.size() || tokens[next].gap != Gap::space || tokens[next].is_stop()) return false;
  const auto is_inside = [&](const Moment& moment) {
    return tokens[next].begin >= moment.begin && tokens[next].end <= moment.end;
  };
  return !holds(tool.words, tokens[next].stem) && !holds(tool.name_words, tokens[next].stem) &&
         std::ranges::none_of(reading.moments, is_inside);
}

}  // namespace

bool is_of_name(const Reading& reading, const Quantity& one) {
  constexpr std::string_view kBefore = " in of at for on the ";
  const auto& tokens = reading.text.tokens;
  const std::size_t at = reading.tokens_of(one.begin, one.end).first;
  if (at < 2 || at >= tokens.size() || tokens[at].gap != Gap::space || tokens[at - 1].gap != Gap::space) return false;
  const Token& noun = tokens[at - 1];
  return !noun.is_stop() && !noun.has_digit && !noun.lower.ends_with('s') && is_among(kBefore, tokens[at - 2].lower);
}

bool is_no_value(const Reading& reading, const Tool& tool, const Parameter& parameter, const Candidate& candidate) {
  if (!candidate.has_span() || !is_read(candidate.source)) return false;
  const Span span = candidate.span;
  if (is_denied(reading.text, span.first) || is_unwritten(parameter, candidate)) return true;
  if (candidate.source == Source::span && span.first == span.last && is_unknown(reading.text.tokens[span.first]))
    return true;
  if (candidate.source == Source::span && (is_asked_about(reading.text, span) || begins_with_act(reading, tool, span) ||
                                           is_no_town(reading, parameter, span)))
    return true;
  if (candidate.source != Source::span || tool.effect == Effect::looks) return false;
  const auto& tokens = reading.text.tokens;
  if (is_nobody(tool, tokens[span.first]) || (span.first > 0 && is_nobody(tool, tokens[span.first - 1]))) return true;
  if (tool.effect != Effect::destructive || candidate.change == Change::written) return false;
  for (std::size_t at = span.first; at <= span.last; ++at) {
    if (is_nobody(tool, tokens[at])) return true;
  }
  const auto is_inside = [&](std::size_t act) { return act >= span.first && act <= span.last; };
  return std::ranges::any_of(acts_in(reading, tool), is_inside) ||
         only_describes(reading.text, tool, parameter, span) || is_owner(reading.text, parameter, span);
}

std::vector<std::size_t> left_open(const Reading& reading, const Tool& tool, const Filled& filled) {
  std::vector<std::size_t> open;
  for (const Argument& argument : filled.arguments) {
    if (is_open(reading, tool, filled, argument) || is_second_currency(tool, filled, argument))
      open.push_back(argument.parameter);
  }
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (!is_of_currencies(tool.parameters[i])) continue;
    const auto given = std::ranges::find(filled.arguments, i, &Argument::parameter);
    if (given != filled.arguments.end()) {
      if (count_currencies(tool) == 1 && is_in_another(reading, filled, *given)) open.push_back(i);
      continue;
    }
    const bool has_other = std::ranges::any_of(filled.arguments, [&](const Argument& argument) {
      return argument.candidate.source == Source::number &&
             has_other_unit(reading, tool, reading.quantities[argument.candidate.number]);
    });
    if (has_other) open.push_back(i);
  }
  return open;
}

}  // namespace lilux::brain
