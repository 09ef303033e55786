#include "base/hostname.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "base/encoding.h"

namespace lilux::base {

namespace {

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kNameMax = 253;

struct Range {
  char32_t first;
  char32_t last;
};
using Ranges = std::span<const Range>;

bool is_in(char32_t c, Ranges ranges) {
  return std::ranges::any_of(ranges, [&](Range range) { return c >= range.first && c <= range.last; });
}

// Letters by category that IDNA leaves out all the same: compatibility forms, old Hangul, and the exceptions of RFC
// 5892.
constexpr Range kDisallowed[] = {{0x640, 0x640},   {0x7FA, 0x7FA},     {0x1100, 0x11FF},  {0x302E, 0x302F},
                                 {0x3031, 0x3035}, {0x303B, 0x303B},   {0x3130, 0x318F},  {0xA960, 0xA97F},
                                 {0xD7B0, 0xD7FF}, {0xF900, 0xFA0D},   {0xFB00, 0xFDFF},  {0xFE70, 0xFEFE},
                                 {0xFF00, 0xFFEF}, {0x1D400, 0x1D7FF}, {0x2F800, 0x2FA1F}};
constexpr Range kGreek[] = {{0x370, 0x3FF}, {0x1F00, 0x1FFF}};
constexpr Range kHebrew[] = {{0x591, 0x5F4}};
constexpr Range kKanaOrHan[] = {{0x3005, 0x3007}, {0x3041, 0x309F}, {0x30A1, 0x30FA}, {0x30FC, 0x30FF},
                                {0x31F0, 0x31FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0x20000, 0x323AF}};
constexpr Range kArabicDigits[] = {{0x660, 0x669}};
constexpr Range kExtendedDigits[] = {{0x6F0, 0x6F9}};
constexpr Range kViramas[] = {{0x94D, 0x94D},   {0x9CD, 0x9CD},   {0xA4D, 0xA4D},   {0xACD, 0xACD},   {0xB4D, 0xB4D},
                              {0xBCD, 0xBCD},   {0xC4D, 0xC4D},   {0xCCD, 0xCCD},   {0xD3B, 0xD3C},   {0xD4D, 0xD4D},
                              {0xDCA, 0xDCA},   {0xE3A, 0xE3A},   {0xF84, 0xF84},   {0x1039, 0x103A}, {0x1714, 0x1714},
                              {0x1734, 0x1734}, {0x17D2, 0x17D2}, {0x1A60, 0x1A60}, {0x1B44, 0x1B44}, {0x1BAA, 0x1BAB},
                              {0x1BF2, 0x1BF3}, {0xA806, 0xA806}, {0xA8C4, 0xA8C4}, {0xA953, 0xA953}, {0xA9C0, 0xA9C0},
                              {0xAAF6, 0xAAF6}, {0xABED, 0xABED}};
constexpr Range kJoining[] = {{0x620, 0x64A}, {0x66E, 0x6D3}, {0x710, 0x72F}, {0x74D, 0x77F}};
constexpr Range kJoiningOnlyBefore[] = {{0x622, 0x625}, {0x627, 0x627}, {0x629, 0x629}, {0x62F, 0x632}, {0x648, 0x648},
                                        {0x671, 0x673}, {0x675, 0x677}, {0x688, 0x699}, {0x6C0, 0x6C0}, {0x6C3, 0x6CB}};
constexpr Range kMarks[] = {{0x300, 0x36F}, {0x591, 0x5BD}, {0x5BF, 0x5BF},  {0x5C1, 0x5C2}, {0x5C4, 0x5C5},
                            {0x5C7, 0x5C7}, {0x610, 0x61A}, {0x64B, 0x65F},  {0x670, 0x670}, {0x6D6, 0x6DC},
                            {0x6DF, 0x6E4}, {0x6E7, 0x6E8}, {0x6EA, 0x6ED},  {0x711, 0x711}, {0x730, 0x74A},
                            {0x7A6, 0x7B0}, {0x7EB, 0x7F3}, {0x200C, 0x200D}};
constexpr Range kRightToLeft[] = {
    {0x590, 0x65F}, {0x66D, 0x6EF}, {0x6FA, 0x8FF}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}};

bool is_mark(char32_t c) {
  return is_in(c, kMarks);
}
bool is_arabic_number(char32_t c) {
  return is_in(c, kArabicDigits);
}
bool is_european_number(char32_t c) {
  return (c >= '0' && c <= '9') || is_in(c, kExtendedDigits);
}
bool is_right_to_left(char32_t c) {
  return is_in(c, kRightToLeft) && !is_mark(c);
}

std::u32string decoded(std::string_view utf8) {
  std::u32string text;
  while (!utf8.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(utf8));
    char32_t c = static_cast<unsigned char>(utf8[0]);
    if (length > 1) c &= 0xFFu >> (length + 1);
    for (const char byte : utf8.substr(1, length - 1)) c = (c << 6) | (static_cast<unsigned char>(byte) & 0x3Fu);
    text += c;
    utf8.remove_prefix(length);
  }
  return text;
}

std::string encoded(const std::u32string& text) {
  std::string utf8;
  const auto tail = [&](char32_t c, int shift) { utf8 += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      utf8 += static_cast<char>(c);
    } else if (c < 0x800) {
      utf8 += static_cast<char>(0xC0 | (c >> 6));
      tail(c, 0);
    } else if (c < 0x10000) {
      utf8 += static_cast<char>(0xE0 | (c >> 12));
      tail(c, 6);
      tail(c, 0);
    } else {
      utf8 += static_cast<char>(0xF0 | (c >> 18));
      tail(c, 12);
      tail(c, 6);
      tail(c, 0);
    }
  }
  return utf8;
}

// Punycode, RFC 3492.
constexpr std::uint32_t kBase = 36;

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
  return k <= bias ? 1 : std::min<std::uint32_t>(26, k - bias);
}

std::uint32_t adapted(std::uint32_t delta, std::uint32_t points, bool is_first) {
  delta = is_first ? delta / 700 : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > 455; k += kBase) delta /= kBase - 1;
  return k + kBase * delta / (delta + 38);
}

std::optional<std::uint32_t> punycode_digit(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 26);
  return std::nullopt;
}

std::optional<std::u32string> from_punycode(std::string_view text) {
  if (text.empty() || text.size() > kLabelMax) return std::nullopt;  // so nothing below can overflow
  const std::size_t hyphen = text.rfind('-');
  std::u32string out;
  if (hyphen != std::string_view::npos) {
    out = decoded(text.substr(0, hyphen));
    text.remove_prefix(hyphen + 1);
  }
  std::uint64_t n = 128;
  std::uint64_t i = 0;
  for (std::uint32_t bias = 72; !text.empty();) {
    const std::uint64_t before = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = kBase;; k += kBase) {
      const std::optional<std::uint32_t> digit = text.empty() ? std::nullopt : punycode_digit(text.front());
      if (!digit || weight > 0x10FFFF * kLabelMax) return std::nullopt;
      text.remove_prefix(1);
      i += *digit * weight;
      if (*digit < threshold(k, bias)) break;
      weight *= kBase - threshold(k, bias);
    }
    const auto points = static_cast<std::uint32_t>(out.size() + 1);
    n += i / points;
    if (n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF)) return std::nullopt;
    bias = adapted(static_cast<std::uint32_t>(i - before), points, before == 0);
    i %= points;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(i++), static_cast<char32_t>(n));
  }
  return out;
}

void append_variable(std::string& out, std::uint32_t delta, std::uint32_t bias) {
  static constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (std::uint32_t k = kBase;; k += kBase) {
    const std::uint32_t t = threshold(k, bias);
    if (delta < t) break;
    out += kDigits[t + (delta - t) % (kBase - t)];
    delta = (delta - t) / (kBase - t);
  }
  out += kDigits[delta];
}

// Of at most kNameMax characters, which keeps every sum below 32 bits.
std::string to_punycode(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) out += static_cast<char>(c);
  }
  const auto basic = static_cast<std::uint32_t>(out.size());
  if (basic > 0) out += '-';
  std::uint32_t handled = basic;
  std::uint32_t n = 128;
  std::uint32_t delta = 0;
  for (std::uint32_t bias = 72; handled < text.size(); ++delta, ++n) {
    char32_t next = 0x110000;
    for (const char32_t c : text) {
      if (c >= n) next = std::min(next, c);
    }
    delta += (static_cast<std::uint32_t>(next) - n) * (handled + 1);
    n = static_cast<std::uint32_t>(next);
    for (const char32_t c : text) {
      if (c < n) ++delta;
      if (c != n) continue;
      append_variable(out, delta, bias);
      bias = adapted(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
  }
  return out;
}

// The rules of RFC 5892 for characters that are allowed in some places only.
bool is_allowed_here(const std::u32string& label, std::size_t at) {
  const char32_t before = at > 0 ? label[at - 1] : 0;
  const char32_t after = at + 1 < label.size() ? label[at + 1] : 0;
  switch (label[at]) {
    case 0xB7: return before == 'l' && after == 'l';
    case 0x375: return is_in(after, kGreek);
    case 0x5F3:
    case 0x5F4: return is_in(before, kHebrew);
    case 0x30FB: return std::ranges::any_of(label, [](char32_t c) { return is_in(c, kKanaOrHan); });
    case 0x200C:
      return is_in(before, kViramas) ||
             (is_in(before, kJoining) && !is_in(before, kJoiningOnlyBefore) && is_in(after, kJoining));
    case 0x200D: return is_in(before, kViramas);
    default: return !is_in(label[at], kDisallowed);
  }
}

// The rule of RFC 5893 for a label of a name in which anything is written from right to left.
bool keeps_direction(const std::u32string& label) {
  const auto end = std::ranges::find_if_not(label.rbegin(), label.rend(), is_mark);
  if (end == label.rend()) return false;
  const auto is_other = [](char32_t c) { return c == '-' || is_mark(c) || is_european_number(c); };
  if (!is_right_to_left(label.front())) {
    const auto fits = [](char32_t c) { return !is_right_to_left(c) && !is_arabic_number(c); };
    return !is_other(label.front()) && std::ranges::all_of(label, fits);
  }
  const auto fits = [&](char32_t c) { return is_right_to_left(c) || is_arabic_number(c) || is_other(c); };
  return std::ranges::all_of(label, fits) && *end != '-' &&
         !(std::ranges::any_of(label, is_arabic_number) && std::ranges::any_of(label, is_european_number));
}

std::vector<std::string> labels_of(std::string_view name) {
  std::vector<std::string> labels(1);
  for (const char c : name) {
    if (c == '.')
      labels.emplace_back();
    else
      labels.back() += c;
  }
  return labels;
}

bool is_ascii_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_encoded(std::string_view label) {
  return label.size() > 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label.substr(2, 2) == "--";
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

// The label that Punycode stands for; nothing when it is broken, needless or not the one way to write it.
std::optional<std::string> meaning_of(std::string_view label) {
  if (!is_encoded(label)) return std::string(label);
  const std::optional<std::u32string> text = from_punycode(label.substr(4));
  if (!text || std::ranges::all_of(*text, [](char32_t c) { return c < 0x80; })) return std::nullopt;
  if (lower(to_punycode(*text)) != lower(std::string(label.substr(4)))) return std::nullopt;
  return encoded(*text);
}

}  // namespace

HostnameCheck::HostnameCheck() {
  re2::RE2::Options options;
  options.set_never_capture(true);
  const std::string first =
      R"(-\p{Ll}\p{Lo}\p{Lm}\p{Nd}\x{b7}\x{375}\x{5f3}\x{5f4}\x{6fd}\x{6fe}\x{f0b}\x{3007}\x{30fb})";
  letters_ =
      std::make_shared<const re2::RE2>("[" + first + "][" + first + R"(\p{Mn}\p{Mc}\x{200c}\x{200d}]*)", options);
}

bool HostnameCheck::is_label(std::string_view label, bool is_bidi) const {
  const std::u32string text = decoded(label);
  if (text.empty() || text.front() == '-' || text.back() == '-' || text.size() > kNameMax) return false;
  if (text.size() > 3 && text[2] == '-' && text[3] == '-') return false;
  if (!re2::RE2::FullMatch(re2::StringPiece(label.data(), label.size()), *letters_)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_allowed_here(text, i)) return false;
  }
  const auto has = [&](Ranges ranges) {
    return std::ranges::any_of(text, [&](char32_t c) { return is_in(c, ranges); });
  };
  if (has(kArabicDigits) && has(kExtendedDigits)) return false;
  return (!is_bidi || keeps_direction(text)) && to_punycode(text).size() + 4 <= kLabelMax;
}

bool HostnameCheck::is_hostname(std::string_view text) const {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }) &&
         is_idn_hostname(text);
}

bool HostnameCheck::is_idn_hostname(std::string_view text) const {
  std::string name(text);
  for (const std::string_view dot : {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"}) {
    for (std::size_t at = 0; (at = name.find(dot, at)) != std::string::npos;) name.replace(at, dot.size(), ".");
  }
  if (name.size() > kNameMax * 4) return false;
  std::vector<std::string> labels = labels_of(name);
  std::size_t size = labels.size() - 1;
  bool is_bidi = false;
  for (std::string& label : labels) {
    std::optional<std::string> meaning = meaning_of(label);
    if (!meaning) return false;
    label = std::move(*meaning);
    const std::u32string letters = decoded(label);
    is_bidi =
        is_bidi || std::ranges::any_of(letters, [](char32_t c) { return is_right_to_left(c) || is_arabic_number(c); });
    size += label.size() == letters.size() ? label.size() : 4 + to_punycode(letters).size();
  }
  if (size > kNameMax) return false;
  return std::ranges::all_of(labels, [&](const std::string& label) {
    const bool is_ascii = std::ranges::all_of(label, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii && !is_bidi) return is_ascii_label(label);
    return is_label(lower(label), is_bidi);
  });
}

}  // namespace lilux::base
