#include <algorithm>
#include <array>
#include <cctype>

#include "text/markdown.h"
#include "text/yaml.h"

namespace lilux::text {

using base::Json;

namespace {

constexpr std::size_t kStep = 2;
// YAML 1.1, which others may read this by, has values in words that 1.2 does not have.
constexpr std::array<std::string_view, 9> kNotPlain{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

bool is_plain(std::string_view text) {
  const auto may_stand = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/' || c == '-' || c == '.' || c == ' ';
  };
  const bool begins = !text.empty() && (text[0] == '/' || std::isalpha(static_cast<unsigned char>(text[0])) != 0);
  if (!begins || text.back() == ' ' || !std::ranges::all_of(text, may_stand)) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kNotPlain, lower) == kNotPlain.end();
}

std::string scalar(const Json& value) {
  if (!value.is_string()) return base::to_text(value, base::JsonStyle::spaced);
  if (is_plain(value.as_string())) return value.as_string();
  return replaced_all(base::to_text(value), "\x7F", "\\x7F");
}

}  // namespace

std::string yaml_inline(const Json& value) {
  return scalar(value);
}

std::string yaml_member(const std::string& key, const Json& value, std::size_t indent, std::string_view line_end) {
  std::string made = std::string(indent, ' ') + scalar(Json(key)) + ":";
  if (!value.is_object() || value.as_object().empty()) return made + " " + scalar(value) + std::string(line_end);
  made += line_end;
  for (const auto& [name, inner] : value.as_object()) made += yaml_member(name, inner, indent + kStep, line_end);
  return made;
}

}  // namespace lilux::text
