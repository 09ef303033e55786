#include "brain/caller_role.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

bool is_among(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

bool is_named(const Parameter& parameter, std::string_view list) {
  return std::ranges::any_of(name_parts(parameter.key()),
                             [&](const std::string& part) { return is_among(list, part); });
}

struct Extent {
  std::string_view said;
  std::string_view names;  // in those of parameters that are it
};

// "3 metres high" is a height.
constexpr std::array<Extent, 9> kExtents{{{"wide", " width wide breadth w "},
                                          {"broad", " width wide breadth w "},
                                          {"high", " height high tall h "},
                                          {"tall", " height high tall h "},
                                          {"long", " length long duration "},
                                          {"deep", " depth deep "},
                                          {"thick", " thickness thick "},
                                          {"old", " age old years "},
                                          {"heavy", " weight heavy mass "}}};

constexpr std::string_view kMost = " max maximum most highest upper ceiling ";
constexpr std::string_view kLeast = " min minimum least lowest lower floor ";

enum class Bound : std::uint8_t { none, most, least };

struct BoundWords {
  std::string_view said;
  Bound bound;
};

// In front of a number; of two that fit the longer one counts.
constexpr std::array<BoundWords, 32> kInFront{
    {{"at most", Bound::most},        {"at the most", Bound::most},   {"up to", Bound::most},
     {"no more than", Bound::most},   {"not more than", Bound::most}, {"no higher than", Bound::most},
     {"no longer than", Bound::most}, {"not over", Bound::most},      {"not above", Bound::most},
     {"less than", Bound::most},      {"lower than", Bound::most},    {"fewer than", Bound::most},
     {"cheaper than", Bound::most},   {"smaller than", Bound::most},  {"shorter than", Bound::most},
     {"younger than", Bound::most},   {"under", Bound::most},         {"below", Bound::most},
     {"at least", Bound::least},      {"no less than", Bound::least}, {"not less than", Bound::least},
     {"no fewer than", Bound::least}, {"not under", Bound::least},    {"not below", Bound::least},
     {"more than", Bound::least},     {"higher than", Bound::least},  {"greater than", Bound::least},
     {"larger than", Bound::least},   {"longer than", Bound::least},  {"older than", Bound::least},
     {"over", Bound::least},          {"above", Bound::least}}};

constexpr std::array<BoundWords, 10> kBehind{{{"at most", Bound::most},
                                              {"or less", Bound::most},
                                              {"or fewer", Bound::most},
                                              {"or cheaper", Bound::most},
                                              {"or below", Bound::most},
                                              {"at least", Bound::least},
                                              {"or more", Bound::least},
                                              {"or above", Bound::least},
                                              {"and up", Bound::least},
                                              {"and above", Bound::least}}};

bool stand_at(const Text& text, std::size_t first, std::size_t last, std::string_view words) {
  for (std::size_t at = first + 1; at <= last; ++at) {
    if (text.tokens[at].gap != Gap::space) return false;
  }
  return lowered(text.span(first, last)) == words;
}

std::size_t count_of(std::string_view words) {
  return static_cast<std::size_t>(std::ranges::count(words, ' ')) + 1;
}

Bound bound_of(const Text& text, Span number) {
  const auto& tokens = text.tokens;
  std::size_t longest = 0;
  Bound bound = Bound::none;
  for (const BoundWords& one : kInFront) {
    const std::size_t count = count_of(one.said);
    if (count <= longest || number.first < count || tokens[number.first].gap != Gap::space) continue;
    if (!stand_at(text, number.first - count, number.first - 1, one.said)) continue;
    longest = count;
    bound = one.bound;
  }
  if (bound != Bound::none) return bound;
  const std::size_t next = number.last + 1;
  for (const BoundWords& one : kBehind) {
    const std::size_t last = number.last + count_of(one.said);
    if (last < tokens.size() && tokens[next].gap == Gap::space && stand_at(text, next, last, one.said))
      return one.bound;
  }
  return Bound::none;
}

bool is_word(const Text& text, std::size_t at, std::string_view word) {
  return at < text.tokens.size() && text.tokens[at].lower == word;
}

// "between 20 and 50", "from 20 to 50".
Bound bound_in_pair(const Reading& reading, std::size_t number) {
  const auto& all = reading.quantities;
  const auto span = [&](std::size_t one) { return reading.tokens_of(all[one].begin, all[one].unit_end); };
  const auto is_pair = [&](std::size_t left) {
    const std::size_t first = span(left).first;
    const std::size_t second = span(left + 1).first;
    if (first == 0 || second != span(left).last + 2) return false;
    return (is_word(reading.text, first - 1, "between") && is_word(reading.text, second - 1, "and")) ||
           (is_word(reading.text, first - 1, "from") && is_word(reading.text, second - 1, "to"));
  };
  if (number + 1 < all.size() && is_pair(number)) return Bound::least;
  return number > 0 && is_pair(number - 1) ? Bound::most : Bound::none;
}

// At once or behind what is counted: "900 high", "900 pixels high".
const Extent* extent_of(const Text& text, Span number) {
  const auto& tokens = text.tokens;
  const std::size_t end = std::min(number.last + 3, tokens.size());
  for (std::size_t at = number.last + 1; at < end && tokens[at].gap == Gap::space; ++at) {
    const auto* found = std::ranges::find(kExtents, std::string_view(tokens[at].lower), &Extent::said);
    if (found != kExtents.end()) return found;
  }
  return nullptr;
}

bool holds(const std::vector<std::string>& stems, const std::string& stem) {
  return !stem.empty() && std::ranges::find(stems, stem) != stems.end();
}

bool speaks_of(const Parameter& parameter, const std::string& stem) {
  return holds(parameter.name, stem) || holds(parameter.words, stem);
}

// "rows" of "5 rows" and "three times" where another parameter is how many.
bool is_counted(const Reading& reading, const Tool& tool, const Parameter& parameter, Span span) {
  const std::string& noun = reading.text.tokens[span.last].stem;
  if (speaks_of(parameter, noun)) return false;
  const auto is_amount = [&](const Quantity& one) {
    const std::size_t end = reading.tokens_of(one.begin, one.end).last + 1;
    return end == span.last && end + 1 >= span.first && reading.text.tokens[end].gap == Gap::space;
  };
  return std::ranges::any_of(reading.quantities, is_amount) &&
         std::ranges::any_of(tool.parameters, [&](const Parameter& any) {
           return (any.kind == Kind::integer || any.kind == Kind::number) && speaks_of(any, noun);
         });
}

// "not urgent" and "budget, urgent" where another parameter is whether it is urgent.
bool ends_in_switch(const Reading& reading, const Tool& tool, Span span) {
  const auto& tokens = reading.text.tokens;
  const auto& [first, last] = span;
  const bool is_apart = last > first && (tokens[last].gap == Gap::comma || tokens[last - 1].lower == "not");
  return is_apart && std::ranges::any_of(tool.parameters, [&](const Parameter& any) {
           return any.kind == Kind::boolean && holds(any.name, tokens[last].stem);
         });
}

// "10115" of "3 pounds to 10115 Berlin" for the one parameter that wants kilograms.
bool lacks_unit(const Reading& reading, const Tool& tool, const Parameter& parameter, std::size_t quantity) {
  if (!parameter.unit || reading.quantities[quantity].unit) return false;
  const auto is_of_it = [&](const auto& any) { return any.unit && any.unit->dimension == parameter.unit->dimension; };
  const auto end = reading.quantities.begin() + static_cast<std::ptrdiff_t>(quantity);
  return std::any_of(reading.quantities.begin(), end, is_of_it) &&
         std::ranges::count_if(tool.parameters, is_of_it) == 1;
}

// "8.8.8.8" for a host.
bool is_internet_address(const Parameter& parameter, const Candidate& candidate) {
  if (!is_named(parameter, " host hostname ip server ") || !candidate.value.is_string()) return false;
  const std::string& text = candidate.value.as_string();
  return std::ranges::count(text, '.') == 3 && text.find_first_not_of("0123456789.") == std::string::npos;
}

// "namespace prod" for a deployment, "redis container named cache" for an image.
bool holds_name_of_another(const Reading& reading, const Tool& tool, const Parameter& parameter, Span span) {
  const auto& tokens = reading.text.tokens;
  for (std::size_t at = span.first + 1; at <= span.last; ++at) {
    if (tokens[at].lower == "named" || tokens[at].lower == "called") return true;
  }
  const Token& first = tokens[span.first];
  if (span.first == span.last || first.is_capital || holds(parameter.name, first.stem)) return false;
  return std::ranges::any_of(tool.parameters, [&](const Parameter& any) {
    return any.name.size() == 1 && any.name.front() == first.stem && any.kind == Kind::string;
  });
}

// A share of a hundred where one parameter wants one, and nothing else there.
Role role_of_percent(const Reading& reading, const Tool& tool, const Parameter& parameter, const Quantity& one) {
  if (std::ranges::count_if(tool.parameters, &Parameter::wants_percent) != 1 ||
      std::ranges::count_if(reading.quantities, &Quantity::is_percent) != 1)
    return Role::unsaid;
  if (one.is_percent != parameter.wants_percent) return Role::other;
  return one.is_percent ? Role::own : Role::unsaid;
}

Role role_of_number(const Reading& reading, const Tool& tool, const Parameter& parameter, std::size_t quantity) {
  if (lacks_unit(reading, tool, parameter, quantity)) return Role::other;
  const Quantity& one = reading.quantities[quantity];
  const Role percent = role_of_percent(reading, tool, parameter, one);
  if (percent != Role::unsaid) return percent;
  const Span number = reading.tokens_of(one.begin, one.unit_end);
  Bound bound = bound_of(reading.text, number);
  if (bound == Bound::none) bound = bound_in_pair(reading, quantity);
  if (bound != Bound::none) {
    if (is_named(parameter, bound == Bound::most ? kMost : kLeast)) return Role::own;
    if (is_named(parameter, bound == Bound::most ? kLeast : kMost)) return Role::other;
  }
  const Extent* extent = extent_of(reading.text, number);
  if (extent == nullptr) return Role::unsaid;
  if (is_named(parameter, extent->names)) return Role::own;
  const auto is_it = [&](const Parameter& any) { return is_named(any, extent->names); };
  return std::ranges::any_of(tool.parameters, is_it) ? Role::other : Role::unsaid;
}

}  // namespace

Role role_of(const Reading& reading, const Tool& tool, const Parameter& parameter, const Candidate& candidate) {
  if (candidate.source == Source::number) return role_of_number(reading, tool, parameter, candidate.number);
  if (!candidate.has_span()) return Role::unsaid;
  if (is_internet_address(parameter, candidate)) return Role::own;
  if (candidate.source != Source::span) return Role::unsaid;
  const bool is_other = is_counted(reading, tool, parameter, candidate.span) ||
                        ends_in_switch(reading, tool, candidate.span) ||
                        holds_name_of_another(reading, tool, parameter, candidate.span);
  return is_other ? Role::other : Role::unsaid;
}

}  // namespace lilux::brain
