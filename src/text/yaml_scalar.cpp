// Scalars: plain, in quotes, and in blocks.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/number.h"
#include "text/yaml_reader.h"

namespace lilux::text {

using base::Json;
using base::Result;

namespace {

constexpr std::string_view kDigits = "0123456789";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool has_only(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// What a line break between lines of text becomes: a space, or the empty lines after it.
void append_fold(std::string& made, std::size_t breaks) {
  made.append(breaks == 1 ? 1 : breaks - 1, breaks == 1 ? ' ' : '\n');
}

// [-+]? ( . digits | digits ( . digits? )? ) ( [eE] [-+]? digits )?
bool is_real(std::string_view word) {
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  const std::size_t exponent = word.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = word.substr(exponent + 1);
    if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
    if (!has_only(power, kDigits)) return false;
    word = word.substr(0, exponent);
  }
  const std::size_t point = std::min(word.find('.'), word.size());
  const std::string_view whole = word.substr(0, point);
  const std::string_view part = word.substr(std::min(point + 1, word.size()));
  const bool has_whole = has_only(whole, kDigits);
  const bool has_part = has_only(part, kDigits);
  return (has_whole && (part.empty() || has_part)) || (whole.empty() && has_part);
}

// Null for one that no real holds.
Json number_of(std::string_view word, int base) {
  if (const auto whole = base::number_from<std::int64_t>(word, base)) return *whole;
  double real = 0;
  if (base == 10) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), real);
    return error == std::errc() ? Json(real) : Json(nullptr);
  }
  for (const char c : word) real = real * base + static_cast<double>(base::number_from<int>({&c, 1}, base).value_or(0));
  return real;
}

void append_utf8(std::string& made, std::uint32_t code) {
  const auto tail = [&made, code](int shift) {
    made += static_cast<char>(0x80U | ((code >> static_cast<unsigned>(shift)) & 0x3FU));
  };
  if (code < 0x80) {
    made += static_cast<char>(code);
  } else if (code < 0x800) {
    made += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    made += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    made += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

struct Escape {
  char letter;
  std::string_view text;
};
constexpr std::array kEscapes{
    Escape{'0', {"\0", 1}},
    Escape{'a', "\a"},
    Escape{'b', "\b"},
    Escape{'t', "\t"},
    Escape{'\t', "\t"},
    Escape{'n', "\n"},
    Escape{'v', "\v"},
    Escape{'f', "\f"},
    Escape{'r', "\r"},
    Escape{'e', "\x1B"},
    Escape{' ', " "},
    Escape{'"', "\""},
    Escape{'/', "/"},
    Escape{'\\', "\\"},
    Escape{'N', "\xC2\x85"},
    Escape{'_', "\xC2\xA0"},
    Escape{'L', "\xE2\x80\xA8"},
    Escape{'P', "\xE2\x80\xA9"},
};

constexpr bool is_high_surrogate(std::uint32_t code) {
  return code >= 0xD800 && code < 0xDC00;
}
constexpr bool is_low_surrogate(std::uint32_t code) {
  return code >= 0xDC00 && code < 0xE000;
}

}  // namespace

bool YamlReader::begins_plain(Style style) const {
  const char c = peek();
  if (at_break() || is_blank(c)) return false;
  if (c == '-' || c == '?' || c == ':')
    return !at_gap(1) && (style == Style::block || !std::string_view(",[]{}").contains(peek(1)));
  return !std::string_view(",[]{}#&*!|>'\"%@`").contains(c);
}

// What belongs to a plain scalar on this line, without the blanks behind it.
std::string_view YamlReader::plain_line(Style style) {
  const std::size_t from = pos_;
  std::size_t end = pos_;
  for (; !at_break() && !at_colon(style) && !at_comment(); ++pos_) {
    if (style == Style::flow && std::string_view(",[]{}").contains(peek())) break;
    if (!is_blank(peek())) end = pos_ + 1;
  }
  pos_ = end;
  return text_.substr(from, end - from);
}

// Goes to the line on which a plain scalar goes on, or stays where it is.
bool YamlReader::continues_plain(Indent parent, Style style, std::size_t& breaks) {
  const Mark before = mark();
  breaks = 0;
  skip_blanks();
  while (at_break() && !at_end()) {
    take_break();
    ++breaks;
    while (peek() == ' ') ++pos_;
    const bool is_inside = is_within(parent);
    skip_blanks();
    if (at_break()) continue;
    const bool ends = !is_inside || at_marker() || peek() == '#' || at_colon(style);
    if (ends || (style == Style::flow && std::string_view(",[]{}").contains(peek()))) break;
    return true;
  }
  go_back(before);
  return false;
}

Result<Yaml> YamlReader::plain(Indent parent, Style style) {
  const std::size_t at = pos_;
  const std::string_view first = plain_line(style);
  std::string folded;
  for (std::size_t breaks = 0; continues_plain(parent, style, breaks);) {
    if (folded.empty()) folded = first;
    append_fold(folded, breaks);
    folded += plain_line(style);
  }
  const YamlSpan span{.at = at, .begin = at, .end = pos_};
  if (!folded.empty()) return Yaml{.value = std::move(folded), .span = span};
  return Yaml{.value = TRY(resolved(first, at)), .span = span};
}

// By the core schema of YAML 1.2.
Result<Json> YamlReader::resolved(std::string_view word, std::size_t at) const {
  if (word == "null" || word == "Null" || word == "NULL" || word == "~") return Json(nullptr);
  if (word == "true" || word == "True" || word == "TRUE") return Json(true);
  if (word == "false" || word == "False" || word == "FALSE") return Json(false);
  if (word.starts_with("0o") && has_only(word.substr(2), "01234567")) return number_of(word.substr(2), 8);
  if (word.starts_with("0x") && has_only(word.substr(2), "0123456789abcdefABCDEF"))
    return number_of(word.substr(2), 16);
  if (is_real(word)) {
    Json number = number_of(word.starts_with('+') ? word.substr(1) : word, 10);
    if (number.is_null()) return wrong(at, "the number is too large or too small", "put it into quotes");
    return number;
  }
  std::string_view bare = word;
  if (bare.starts_with('-') || bare.starts_with('+')) bare.remove_prefix(1);
  const bool is_infinite = bare == ".inf" || bare == ".Inf" || bare == ".INF";
  if (is_infinite || word == ".nan" || word == ".NaN" || word == ".NAN")
    return wrong(at, "infinities and what is no number are not read", "put it into quotes");
  return Json(word);
}

Result<Yaml> YamlReader::quoted(Indent parent) {
  const std::size_t at = pos_;
  const char quote = peek();
  std::string made;
  std::size_t kept = 0;  // what folding must not trim: up to the last escape
  for (++pos_; peek() != quote || at_end();) {
    if (at_end()) return wrong(at, "the quote is not closed");
    if (quote == '"' && peek() == '\\' && !at_break(1)) {
      TRY(escape(made));
      kept = made.size();
    } else if (at_break() || (quote == '"' && peek() == '\\')) {
      const bool is_joined = !at_break();
      if (is_joined) kept = made.size();
      TRY(fold_quoted(made, kept, is_joined, parent));
      kept = made.size();
    } else {
      made += text_[pos_++];
    }
    if (quote == '\'' && peek() == '\'' && peek(1) == '\'') {
      made += '\'';
      pos_ += 2;
      kept = made.size();
    }
  }
  ++pos_;
  return Yaml{.value = std::move(made), .span = {.at = at, .begin = at, .end = pos_}};
}

Result<void> YamlReader::fold_quoted(std::string& made, std::size_t kept, bool is_joined, Indent parent) {
  if (is_joined) ++pos_;
  while (made.size() > kept && is_blank(made.back())) made.pop_back();
  std::size_t breaks = 0;
  while (at_break() && !at_end()) {
    take_break();
    ++breaks;
    if (at_marker()) return wrong(pos_, "a document ends within quotes");
    while (peek() == ' ') ++pos_;
    const bool is_inside = is_within(parent);
    skip_blanks();
    if (!at_break() && !is_inside) return wrong(pos_, "what goes on in quotes must be indented", "indent it more");
  }
  if (at_end()) return {};
  if (!is_joined)
    append_fold(made, breaks);
  else
    made.append(breaks - 1, '\n');
  return {};
}

Result<void> YamlReader::escape(std::string& made) {
  const std::size_t at = pos_;
  const char letter = peek(1);
  pos_ += 2;
  const auto known = std::ranges::find(kEscapes, letter, &Escape::letter);
  if (known != kEscapes.end()) {
    made += known->text;
    return {};
  }
  const auto hex = [this](std::size_t digits) {
    const auto code = base::number_from<std::uint32_t>(text_.substr(pos_, digits), 16);
    const bool is_whole = code && text_.size() - pos_ >= digits;
    if (is_whole) pos_ += digits;
    return is_whole ? code : std::nullopt;
  };
  const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  std::optional<std::uint32_t> code = digits > 0 ? hex(digits) : std::nullopt;
  if (code && is_high_surrogate(*code) && text_.substr(pos_).starts_with("\\u")) {
    pos_ += 2;
    const auto low = hex(4);
    code = low && is_low_surrogate(*low) ? std::optional(0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00))
                                         : std::nullopt;
  }
  const bool is_character = code && *code <= 0x10FFFF && !is_high_surrogate(*code) && !is_low_surrogate(*code);
  if (!is_character) return wrong(at, "an escape that YAML does not have", "write '\\\\' for a backslash");
  append_utf8(made, *code);
  return {};
}

Result<Yaml> YamlReader::block_scalar(Indent parent) {
  const std::size_t at = pos_;
  Header header = TRY(block_header(parent));
  TRY(find_indent(header, parent));
  Yaml made{.value = TRY(block_lines(header)), .span = {.at = at, .begin = at, .end = pos_}};
  return made;
}

Result<YamlReader::Header> YamlReader::block_header(Indent parent) {
  Header header{.is_folded = peek() == '>'};
  bool has_chomp = false;
  for (++pos_; !at_gap(0); ++pos_) {
    const char c = peek();
    if ((c == '-' || c == '+') && !has_chomp) {
      header.chomp = c == '-' ? Chomp::strip : Chomp::keep;
      has_chomp = true;
    } else if (c >= '1' && c <= '9' && header.indent < 0) {
      header.indent = std::max<Indent>(parent, 0) + (c - '0');
    } else {
      return wrong(pos_, "only a digit, '+' or '-' may follow '" + std::string(header.is_folded ? ">" : "|") + "'",
                   "begin the text on the next line");
    }
  }
  TRY(end_of_value());
  take_break();
  return header;
}

// The first line with text tells how far the content is indented.
Result<void> YamlReader::find_indent(Header& header, Indent parent) {
  if (header.indent >= 0) return {};
  const Mark from = mark();
  Indent widest = 0;
  while (!at_end()) {
    while (peek() == ' ') ++pos_;
    if (!at_break() || at_end()) break;
    widest = std::max(widest, static_cast<Indent>(column()));
    take_break();
  }
  const auto indent = static_cast<Indent>(column());
  const bool has_text = !at_end() && indent > parent && !at_marker();
  if (has_text && widest > indent) return wrong(pos_, "a blank line above is indented more than the text");
  if (has_text && peek() == '\t' && indent <= parent + 1 && parent >= 0 && column() == 0)
    return wrong(pos_, "it is indented with a tab", "indent with spaces");
  go_back(from);
  header.indent = has_text ? indent : std::max({widest, at_end() ? Indent{0} : widest, parent + 1});
  return {};
}

Result<std::string> YamlReader::block_lines(const Header& header) {
  std::string made;
  std::string breaks;  // since the last line with text
  bool was_text = false;
  bool was_deeper = true;  // the lines around a deeper one are not folded
  while (!at_end()) {
    const Mark begin = mark();
    while (peek() == ' ' && static_cast<Indent>(column()) < header.indent) ++pos_;
    if (at_break()) {
      if (at_end() && pos_ == begin.at) break;
      breaks += '\n';
      take_break();
      continue;
    }
    if (static_cast<Indent>(column()) < header.indent || at_marker()) {
      if (peek() == '\t') {
        const Mark tab = mark();
        skip_blanks();
        if (!at_break() && peek() != '#') return wrong(tab.at, "it is indented with a tab", "indent with spaces");
        if (at_break()) return wrong(tab.at, "a blank line of a text has a tab", "leave the tab out");
      }
      go_back(begin);
      break;
    }
    const bool is_deeper = is_blank(peek());
    if (was_text) {
      if (header.is_folded && !was_deeper && !is_deeper)
        made += breaks.empty() ? " " : "";
      else
        made += '\n';
    }
    made += breaks;
    breaks.clear();
    const std::size_t from = pos_;
    skip_line();
    made += text_.substr(from, pos_ - from);
    was_text = true;
    was_deeper = is_deeper;
    take_break();
  }
  if (header.chomp != Chomp::strip && was_text) made += '\n';
  if (header.chomp == Chomp::keep) made += breaks;
  return made;
}

}  // namespace lilux::text
