#include "base/escape.h"

#include <algorithm>
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

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
// What a terminal acts on, reorders by, or shows as nothing; sorted.
constexpr std::array kHidden{
    Range{0x00, 0x1F},       Range{0x7F, 0x9F},       Range{0xAD, 0xAD},     Range{0x34F, 0x34F},
    Range{0x61C, 0x61C},     Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5}, Range{0x180B, 0x180F},
    Range{0x200B, 0x200F},   Range{0x2028, 0x202E},   Range{0x2060, 0x206F}, Range{0x3164, 0x3164},
    Range{0xFE00, 0xFE0F},   Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0}, Range{0xFFF0, 0xFFFB},
    Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF},
};

bool is_hidden(std::uint32_t value) {
  if (value == '\n' || value == '\t') return false;
  const auto* found = std::ranges::lower_bound(kHidden, value, {}, &Range::last);
  return found != kHidden.end() && found->first <= value;
}

// The text with every hidden character and invalid byte written by one of these two.
template <class Character, class Byte>
std::string escaped(std::string_view text, const Character& write_character, const Byte& write_byte) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::uint32_t value = length == 0 ? 0 : code_point(text.substr(0, length));
    if (length == 0)
      safe += write_byte(static_cast<std::uint8_t>(text[0]));
    else if (is_hidden(value))
      safe += write_character(value);
    else
      safe.append(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return safe;
}

std::string number_text(const char* format, std::uint32_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(value));
  return text.data();
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  return escaped(
      text, [](std::uint32_t value) { return number_text("\\u{%x}", value); },
      [](std::uint8_t byte) { return number_text("\\x%02x", byte); });
}

std::string escape_line(std::string_view text) {
  std::string line;
  for (const char c : escape_for_terminal(text)) {
    if (c == '\n' || c == '\t')
      line += number_text("\\u{%x}", static_cast<std::uint8_t>(c));
    else
      line += c;
  }
  return line;
}

std::string escape_json_for_terminal(std::string_view json) {
  const auto unit = [](std::uint32_t value) { return number_text("\\u%04x", value); };
  return escaped(
      json,
      [&](std::uint32_t value) {
        if (value < 0x10000) return unit(value);
        return unit(0xD800 + ((value - 0x10000) >> 10)) + unit(0xDC00 + ((value - 0x10000) & 0x3FF));
      },
      [&](std::uint8_t) { return unit(0xFFFD); });
}

}  // namespace lilux::base
