#include "base/escape.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "base/encoding.h"

namespace lilux::base {

namespace {

std::uint32_t code_point(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return first;
  std::uint32_t value = first & (0xFFu >> (character.size() + 1));
  for (const char c : character.substr(1)) value = (value << 6) | (static_cast<std::uint8_t>(c) & 0x3Fu);
  return value;
}

bool is_hidden(std::uint32_t value) {
  if (value == '\n' || value == '\t') return false;
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0xAD || value == 0x61C ||
         (value >= 0x200B && value <= 0x200F) || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2060 && value <= 0x206F) || value == 0xFEFF || (value >= 0xFFF9 && value <= 0xFFFB) ||
         (value >= 0xE0000 && value <= 0xE007F);
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    std::array<char, 24> escaped{};
    if (length == 0) {
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<std::uint8_t>(text[0])));
      safe += escaped.data();
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t value = code_point(text.substr(0, length));
    if (is_hidden(value)) {
      std::snprintf(escaped.data(), escaped.size(), "\\u{%x}", static_cast<unsigned>(value));
      safe += escaped.data();
    } else {
      safe.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return safe;
}

}  // namespace lilux::base
