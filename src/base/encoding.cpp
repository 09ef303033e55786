#include "base/encoding.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace lilux::base {

namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(std::string_view bytes, std::string_view alphabet, bool is_padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = (word << 8) | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= count)
        text += alphabet[(word >> (18 - 6 * k)) & 63];
      else if (is_padded)
        text += '=';
    }
  }
  return text;
}

Result<std::string> decode64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t word = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = kStandard.find(text[i]);
    if (value == std::string_view::npos)
      return fail(ErrorCode::invalid_argument, "not base64 at byte " + std::to_string(i));
    word = (word << 6) | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>((word >> shift) & 0xFF);
    word = 0;
  }
  switch (digits % 4) {
    case 0: return bytes;
    case 2:
      if ((word & 0xF) != 0) break;
      bytes += static_cast<char>((word >> 4) & 0xFF);
      return bytes;
    case 3:
      if ((word & 0x3) != 0) break;
      bytes += static_cast<char>((word >> 10) & 0xFF);
      bytes += static_cast<char>((word >> 2) & 0xFF);
      return bytes;
    default: break;
  }
  return fail(ErrorCode::invalid_argument, "the base64 text is cut off at byte " + std::to_string(text.size()));
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  return encode64(bytes, kStandard, true);
}
std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, kUrl, false);
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return fail(ErrorCode::invalid_argument, "the base64 text is cut off at byte " + std::to_string(text.size()),
                "its length must be a multiple of 4");
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode64(text);
}

std::string percent_encode(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<std::uint8_t>(c);
    if (is_plain)
      text += c;
    else
      text.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return text;
}

Result<std::string> percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) {
      return fail(ErrorCode::invalid_argument, "bad percent-encoding at byte " + std::to_string(i));
    }
    bytes += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return bytes;
}

namespace {

template <std::size_t kCount>
bool starts_with_ascii(std::string_view bytes) {
  if (bytes.size() < kCount) return false;
  unsigned all = 0;
  for (std::size_t i = 0; i < kCount; ++i) all |= static_cast<std::uint8_t>(bytes[i]);  // compared all at once
  return all < 0x80;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 && first <= 0xF4  ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and beyond the last code point.
  if ((first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F) || (first == 0xF0 && at(1) < 0x90) ||
      (first == 0xF4 && at(1) > 0x8F))
    return 0;
  return length;
}

std::string_view clipped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const auto is_inside = [text](std::size_t at) { return (static_cast<std::uint8_t>(text[at]) & 0xC0) == 0x80; };
  std::size_t end = bytes_max;
  while (end > 0 && bytes_max - end < 3 && is_inside(end)) --end;
  return text.substr(0, end);
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    while (starts_with_ascii<32>(bytes)) bytes.remove_prefix(32);  // most text is
    while (starts_with_ascii<8>(bytes)) bytes.remove_prefix(8);
    if (bytes.empty()) break;
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0)
      text += "\xEF\xBF\xBD";
    else
      text.append(bytes.substr(0, length));
    bytes.remove_prefix(std::max<std::size_t>(1, length));
  }
  return text;
}

}  // namespace lilux::base
