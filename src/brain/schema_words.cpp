#include "brain/schema_words.h"

#include <algorithm>
#include <array>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kExampleBytesMax = 48;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kDrop = " \t\n\r'\"`()[]{}.,;:";
  const std::size_t begin = text.find_first_not_of(kDrop);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kDrop) + 1 - begin);
}

void add(std::vector<std::string>& examples, std::string_view example) {
  example = trimmed(example);
  if (example.empty() || example.size() > kExampleBytesMax || examples.size() >= kExamplesMax) return;
  if (std::ranges::find(examples, example) == examples.end()) examples.emplace_back(example);
}

void add_quoted(std::vector<std::string>& examples, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char mark = text[at];
    if (mark != '\'' && mark != '"' && mark != '`') continue;
    if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) continue;  // an apostrophe
    std::size_t end = at + 1;
    while (end < text.size() &&
           !(text[end] == mark && (end + 1 == text.size() || !(is_letter(text[end + 1]) || is_digit(text[end + 1])))))
      ++end;
    if (end >= text.size()) return;
    add(examples, text.substr(at + 1, end - at - 1));
    at = end;
  }
}

// Where what follows a mark like "e.g." ends.
std::size_t list_end(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(') ++depth;
    if (c == ')' && depth-- == 0) return at;
    if (c == '\n' || c == ';') return at;
    const bool ends = c == '.' && (at + 1 >= text.size() || text[at + 1] == ' ');
    if (ends) return at;
  }
  return at;
}

void add_list(std::vector<std::string>& examples, std::string_view list) {
  std::size_t begin = 0;
  while (begin <= list.size()) {
    std::size_t end = list.size();
    std::size_t next = list.size() + 1;
    for (const std::string_view mark : {std::string_view(", "), std::string_view(" or "), std::string_view(" and ")}) {
      const std::size_t found = list.find(mark, begin);
      if (found < end) {
        end = found;
        next = found + mark.size();
      }
    }
    std::string_view one = trimmed(list.substr(begin, end - begin));
    for (const std::string_view word : {std::string_view("or "), std::string_view("and ")}) {
      if (one.starts_with(word)) one.remove_prefix(word.size());
    }
    if (one != "etc" && std::ranges::count(one, ' ') <= 4) add(examples, one);
    begin = next;
  }
}

// Names of units that are whole names of parameters too, and no other thing than the unit.
constexpr std::string_view kAlone =
    " celsius fahrenheit kelvin kg km cm mm kb mb gb tb ms sec mph kph kmh hz khz mhz ghz kwh kcal kilogram gram "
    "milligram ounce meter metre kilometer kilometre centimeter centimetre millimeter millimetre mile inch liter litre "
    "milliliter millilitre byte kilobyte megabyte gigabyte terabyte millisecond kilowatt joule calorie hertz ";
// What tells that an hour behind it is how long something takes and not which hour of the day.
constexpr std::string_view kLong = " duration time timeout delay interval length period elapsed wait sleep ttl age ";

bool is_in(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

bool is_plural(std::string_view name) {
  return name.size() > 3 && name.ends_with('s') && name != "celsius";
}

bool has_name_part(std::string_view text) {
  return !text.empty() && (is_letter(text.front()) || is_digit(text.front()));
}

}  // namespace

std::vector<std::string> examples_in(std::string_view description) {
  std::vector<std::string> examples;
  const std::string lower = lowered(description);
  std::size_t stop = lower.find("default");
  const std::string_view before = description.substr(0, stop);
  add_quoted(examples, before);
  for (const std::string_view mark : {"e.g.", "eg.", "e.g:", "such as", "for example", "example:", "examples:",
                                      "options:", "like ", "options are", "one of", "either ", "can be ", "i.e."}) {
    const std::size_t at = lower.find(mark);
    if (at == std::string::npos || at >= before.size()) continue;
    const std::size_t begin = std::min(lower.find_first_not_of(" ,:", at + mark.size()), description.size());
    const std::string_view list = description.substr(begin, list_end(description, begin) - begin);
    if (list.size() <= 240 && list.find_first_of("'\"") == std::string_view::npos) add_list(examples, list);
  }
  if (stop != std::string::npos) add_quoted(examples, description.substr(stop));
  return examples;
}

std::optional<std::string> default_in(std::string_view description) {
  const std::string lower = lowered(description);
  const std::size_t at = lower.find("default");
  if (at == std::string::npos) return std::nullopt;
  std::size_t begin = at + 7;
  if (begin < lower.size() && lower[begin] == 's') ++begin;
  for (const std::string_view word : {" value", " to", " is", " as", ":", "="}) {
    if (lower.substr(begin).starts_with(word)) begin += word.size();
  }
  std::string_view rest = description.substr(begin);
  std::size_t end = 0;
  while (end < rest.size() &&
         !((rest[end] == '.' || rest[end] == ',') && (end + 1 == rest.size() || rest[end + 1] == ' ')) &&
         rest[end] != ')' && rest[end] != '\n')
    ++end;
  rest = trimmed(rest.substr(0, end));
  return rest.size() <= kExampleBytesMax && has_name_part(rest) ? std::string(rest) : std::string();
}

std::optional<Unit> unit_in(std::string_view description) {
  const std::string lower = lowered(description);
  for (const std::string_view mark : {" in ", "in_", "(in ", "(", " of ", ", ", ": "}) {
    for (std::size_t at = lower.find(mark); at != std::string::npos; at = lower.find(mark, at + 1)) {
      const std::size_t begin = at + mark.size();
      std::size_t end = begin;
      while (end < lower.size() &&
             (is_letter(lower[end]) || lower[end] == '/' || lower[end] == '^' || is_digit(lower[end])))
        ++end;
      const std::string_view name = std::string_view(lower).substr(begin, end - begin);
      if (name.size() == 1 && name != "m" && name != "s") continue;
      const bool is_loose = mark == " of " || mark == ", " || mark == ": ";
      if (name == "a" || (is_loose && !is_plural(name))) continue;
      const auto unit = unit_named(name);
      if (!unit) continue;
      const Unit whole = with_more(lower, {.unit = *unit, .end = end}).unit;
      if (whole.dimension != Dimension::none) return whole;
    }
  }
  return std::nullopt;
}

std::optional<Unit> unit_in_front(std::string_view description) {
  const std::string word = lowered(description.substr(0, description.find_first_of(" ,.:")));
  return is_plural(word) ? unit_named(word) : std::nullopt;
}

std::optional<Unit> unit_of_name(std::string_view name, search::Words& words) {
  std::vector<std::string> parts;
  for (const search::Word& part : words.split(name))
    parts.push_back(lowered(name.substr(part.begin, part.end - part.begin)));
  if (parts.empty()) return std::nullopt;
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    joined += (i > 0 ? " " : "") + parts[i];
    const auto unit = i + 1 < parts.size() && parts[i + 1] == "per" ? unit_named(parts[i]) : std::nullopt;
    if (!unit) continue;
    const std::size_t end = joined.size();
    for (std::size_t j = i + 1; j < parts.size(); ++j) joined += " " + parts[j];
    const Unit whole = with_more(joined, {.unit = *unit, .end = end}).unit;
    return whole.dimension == Dimension::none ? std::nullopt : std::optional(whole);
  }
  const std::string& last = parts.back();
  const auto unit = last.size() > 1 ? unit_named(last) : std::nullopt;
  if (!unit || is_plural(last) || is_in(kAlone, last)) return unit;
  if (parts.size() < 2) return std::nullopt;
  return unit->dimension != Dimension::time || is_in(kLong, parts[parts.size() - 2]) ? unit : std::nullopt;
}

}  // namespace lilux::brain
