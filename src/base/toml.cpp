#define TOML_IMPLEMENTATION
#include "base/toml.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace lilux::base {

namespace {

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

}  // namespace

void give_up_toml() {
  throw BrokenToml();
}

toml::parse_result parse_toml(std::string_view text, std::string_view file_name) {
  if (std::optional<toml::parse_result> result = parsed(text, file_name)) return std::move(*result);
  const toml::source_position at{.line = broken_line(text), .column = 1};
  return toml::parse_result(toml::parse_error("this line is no TOML", {.begin = at, .end = at, .path = nullptr}));
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
