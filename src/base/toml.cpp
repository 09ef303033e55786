#define TOML_IMPLEMENTATION
#include "base/toml.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace lilux::base {

namespace {

constexpr std::size_t kKeyPartsMax = 256;

struct BrokenToml {};

// Nothing when the library fell over its own assertion.
std::optional<toml::parse_result> parsed(std::string_view text, std::string_view file_name) {
  try {
    return toml::parse(text, file_name);
  } catch (const BrokenToml&) {
    return std::nullopt;
  }
}

// The line at which it falls over: all beginnings of the text that include that line do it.
toml::source_index broken_line(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') ends.push_back(at);
  }
  const auto is_whole = [text](std::size_t end) { return parsed(text.substr(0, end), {}).has_value(); };
  const auto broken = std::ranges::partition_point(ends, is_whole);
  return static_cast<toml::source_index>(broken - ends.begin() + 1);
}

// Where it stops being a key or a value of one line: strings are taken as a whole, comments are passed over.
std::size_t behind_token(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '#') return std::min(text.find('\n', at), text.size());
  if (c != '"' && c != '\'') return at + 1;
  const std::string_view three = text.substr(at, 3);
  const bool is_long = three.size() == 3 && three[1] == c && three[2] == c;
  const std::string_view mark = is_long ? three : three.substr(0, 1);
  for (at += mark.size(); at < text.size() && (is_long || text[at] != '\n'); ++at) {
    if (c == '"' && text[at] == '\\') {
      ++at;
    } else if (text.substr(at).starts_with(mark)) {
      at += mark.size();
      while (is_long && at < text.size() && text[at] == c) ++at;
      return at;
    }
  }
  return std::min(at, text.size());
}

// The line of a key of too many parts, those counted that it stands within: the library would make as many tables
// within tables, and end the program when it takes them apart. Nothing when there is none.
std::optional<toml::source_index> deep_line(std::string_view text) {
  std::vector<std::size_t> around;  // dots before each bracket that is open
  std::size_t depth = 0;            // of all of them
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size(); at = behind_token(text, at)) {
    const char c = text[at];
    if (c == '.') ++dots;
    if (c == ',' || c == '\n') dots = 0;
    if (c == '[' || c == '{') {
      around.push_back(std::exchange(dots, 0) + 1);
      depth += around.back();
    }
    if ((c == ']' || c == '}') && !around.empty()) {
      depth -= around.back();
      around.pop_back();
    }
    if (depth + dots > kKeyPartsMax)
      return static_cast<toml::source_index>(std::ranges::count(text.substr(0, at), '\n') + 1);
  }
  return std::nullopt;
}

toml::parse_result refused(const char* why, toml::source_index line) {
  const toml::source_position at{.line = line, .column = 1};
  return toml::parse_result(toml::parse_error(why, {.begin = at, .end = at, .path = nullptr}));
}

}  // namespace

void give_up_toml() {
  throw BrokenToml();
}

toml::parse_result parse_toml(std::string_view text, std::string_view file_name) {
  if (const auto line = deep_line(text)) return refused("keys and brackets are more than 256 deep", *line);
  if (std::optional<toml::parse_result> result = parsed(text, file_name)) return std::move(*result);
  return refused("this line is no TOML", broken_line(text));
}

std::size_t toml_offset(std::string_view text, const toml::source_position& place) {
  std::size_t at = 0;
  for (toml::source_index line = 1; line < place.line; ++line) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (toml::source_index column = 1; column < place.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80) ++at;
  }
  return at;
}

}  // namespace lilux::base
