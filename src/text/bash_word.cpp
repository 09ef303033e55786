// Words: quotes, assignments, arrays, and what keeps a word from being fixed.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "text/bash_parser.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string utf8(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000) return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  return {byte(0xf0 | (code >> 18 & 7)), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
          byte(0x80 | (code & 0x3f))};
}

// The number of at most `size` digits at `at`, which goes behind them; nothing without one.
std::optional<std::uint32_t> number(std::string_view text, std::size_t& at, std::size_t size, std::uint32_t base) {
  const std::size_t start = at;
  std::uint32_t value = 0;
  for (; at < text.size() && at - start < size; ++at) {
    const std::size_t digit = kDigits.find(static_cast<char>(text[at] | (text[at] >= 'A' ? 0x20 : 0)));
    if (digit >= base) break;
    value = value * base + static_cast<std::uint32_t>(digit);
  }
  return at == start ? std::nullopt : std::optional(value);
}

// What one escape of $'...' stands for; `at` is behind its backslash, and goes behind the escape.
std::string ansi_escape(std::string_view text, std::size_t& at) {
  constexpr std::string_view kLetters = "abeEfnrtv\\'\"?";
  constexpr std::string_view kMeanings = "\a\b\x1b\x1b\f\n\r\t\v\\'\"?";
  if (text[at] >= '0' && text[at] <= '7') return {static_cast<char>(number(text, at, 3, 8).value_or(0))};
  const char letter = text[at++];
  if (const std::size_t known = kLetters.find(letter); known != std::string_view::npos) return {kMeanings[known]};
  if (letter == 'c' && at < text.size()) {
    const char control = text[at++];
    if (control == '\\' && text.substr(at, 1) == "\\") ++at;
    return {control == '?' ? '\x7f' : static_cast<char>(control & 0x1f)};
  }
  const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  const auto value = digits == 0 ? std::nullopt : number(text, at, digits, 16);
  if (!value) return {'\\', letter};
  return letter == 'x' ? std::string(1, static_cast<char>(*value)) : utf8(*value);
}

}  // namespace

bool hides_subscript(std::string_view literal) {
  const std::size_t open = literal.find('[');
  if (open == std::string_view::npos) return false;
  const std::string_view rest = literal.substr(open);
  return rest.find("$(") != std::string_view::npos || rest.find('`') != std::string_view::npos;
}

// An expansion stands as a blank in it.
bool may_begin_subscript(std::string_view literal) {
  const std::size_t open = literal.find('[');
  if (open == std::string_view::npos || literal == "[" || literal == "[[") return false;
  const std::string_view rest = literal.substr(open);
  return rest.find(']') == std::string_view::npos || rest.find(' ') != std::string_view::npos;
}

bool may_begin_substitution(std::string_view literal) {
  return literal.ends_with('$') || literal.find("$(") != std::string_view::npos ||
         literal.find('`') != std::string_view::npos;
}

void BashParser::Word::add_quoted(std::string_view bytes) {
  word.text += bytes;
  literal += bytes;
  is_quoted = true;
  last = '\0';
}

void BashParser::Word::add_expansion(std::string_view source) {
  word.text += source;
  literal += ' ';
  word.is_fixed = false;
  has_expansion = true;
  last = '\0';
}

void BashParser::Word::add_plain(char byte) {
  const bool is_tilde = byte == '~' && (last == '^' || last == '=' || last == ':');
  const bool is_glob = byte == '*' || byte == '?' || (byte == ']' && has_bracket);
  const bool is_brace = byte == '}' && brace == 2;
  if (is_tilde || (!is_assignment && (is_glob || is_brace))) word.is_fixed = false;
  has_bracket = has_bracket || byte == '[';
  if (byte == '{' && brace == 0) brace = 1;
  if (brace == 1 && (byte == ',' || (byte == '.' && last == '.'))) brace = 2;
  last = byte == '^' ? '.' : byte;
  word.text += byte;
  literal += byte;
}

bool BashParser::is_word_start() {
  return !is_word_end(peek());
}

Result<BashParser::Word> BashParser::word(Place place) {
  Word found;
  peek();
  const std::size_t start = at_;
  if (!is_word_start() && place != Place::regexp) return unexpected();
  if (!TRY(assignment_head(found, place))) {
    while (TRY(word_piece(found, place))) continue;
  }
  const bool is_variable = since(start).starts_with('{') && since(start).ends_with('}');
  if (is_variable && (peek() == '<' || peek() == '>')) return refused("is behind a variable that is not plain");
  findings_.note_text(found.literal);
  return found;
}

// Takes the next part; false at the end of the word.
Result<bool> BashParser::word_piece(Word& word, Place place) {
  const char c = peek();
  const std::size_t start = at_;
  if ((place == Place::regexp && c == '(') ||
      (place == Place::pattern && std::string_view("?*+@!").find(c) != std::string_view::npos &&
       peek_second() == '(')) {
    TRY(pattern_group(word, place));
  } else if (is_word_end(c) && !(place == Place::regexp && c == '|')) {
    return false;
  } else if (c == '\'') {
    TRY(single_quoted(word));
  } else if (c == '"') {
    TRY(double_quoted(word));
  } else if (c == '\\') {
    escaped(word, {});
  } else if (c == '`') {
    TRY(backticks(Quoting::none));
    word.add_expansion(since(start));
  } else if (c == '<' || c == '>') {
    TRY(process_substitution());
    word.add_expansion(since(start));
  } else if (c == '$' && peek_second() == '\'') {
    TRY(ansi_quoted(word));
  } else if (c == '$' && peek_second() == '"') {
    take("$");
    TRY(double_quoted(word));
    word.word.is_fixed = false;  // a catalogue of messages may change it
  } else if (c == '$' && TRY(dollar(Quoting::none))) {
    word.add_expansion(since(start));
  } else {
    word.add_plain(text_[at_++]);
  }
  return true;
}

// NAME=, NAME[subscript]= and with += where these may stand; true when an array follows and ends the word.
Result<bool> BashParser::assignment_head(Word& word, Place place) {
  if (place != Place::command && place != Place::declaration && place != Place::element) return false;
  const std::size_t start = at_;
  while (place != Place::element && is_name_byte(peek())) word.add_plain(text_[at_++]);
  const bool has_subscript =
      peek() == '[' && (place == Place::element || (place == Place::command && is_name(word.word.text)));
  if (has_subscript) {
    const std::size_t open = at_;
    TRY(subscript());
    word.add_expansion(since(open));
  } else if (!is_name(word.word.text)) {
    return false;
  }
  if (peek() == '+' && peek_second() == '=') word.add_plain(text_[at_++]);
  if (peek() != '=') return false;
  ++at_;
  word.is_assignment = place == Place::command;
  word.add_plain('=');
  if (place == Place::element || peek() != '(') return false;
  if (has_subscript) return unexpected();
  TRY(array(word));
  word.word.text = since(start);
  return true;
}

Result<void> BashParser::array(Word& word) {
  TRY(expect("("));
  for (TRY(skip_lines()); !take(")"); TRY(skip_lines())) {
    if (!is_word_start() || is_redirection()) return unexpected();
    TRY(this->word(Place::element));
  }
  word.word.is_fixed = false;
  // bash loses the blank where it prints an array in a substitution, and then takes the parenthesis for quoted.
  const std::string_view end = text_.substr(at_ - 3, 2);
  if (end == "\\ " || end == "\\\t") return refused("follows an array with a quoted blank at its end");
  if (!is_word_end(peek())) return refused("follows the end of an array");
  return {};
}

Result<void> BashParser::single_quoted(Word& word) {
  const std::size_t end = text_.find('\'', at_ + 1);
  if (end == std::string_view::npos) return refused("opens quotes that are not closed");
  word.add_quoted(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  return {};
}

Result<void> BashParser::ansi_quoted(Word& word) {
  const std::size_t open = at_;
  take("$'");
  std::string text;
  bool is_cut = false;  // by a NUL byte
  while (at_ < text_.size() && text_[at_] != '\'') {
    std::string bytes(1, text_[at_++]);
    if (bytes == "\\" && at_ == text_.size()) break;
    if (bytes == "\\" && text_.substr(at_, 2) == "x{") return refused("is not understood");
    if (bytes == "\\") bytes = ansi_escape(text_, at_);
    is_cut = is_cut || bytes == std::string_view("\0", 1);
    if (!is_cut) text += bytes;
  }
  if (at_ >= text_.size()) return refused("opens quotes that are not closed", open);
  ++at_;
  word.add_quoted(text);
  return {};
}

// Outside of quotes a backslash quotes every byte, within them only the special ones.
void BashParser::escaped(Word& word, std::string_view special) {
  ++at_;
  const bool is_special = special.empty() || special.find(text_.substr(at_, 1)) != std::string_view::npos;
  if (at_ < text_.size() && is_special)
    word.add_quoted(text_.substr(at_++, 1));
  else
    word.add_quoted("\\");
}

Result<void> BashParser::double_quoted(Word& word) {
  const std::size_t open = at_;
  word.is_quoted = true;
  take("\"");
  while (peek() != '"') {
    const std::size_t start = at_;
    if (peek() == '\0') return refused("opens quotes that are not closed", open);
    if (peek() == '\\') {
      escaped(word, "$`\"\\");
    } else if (peek() == '`') {
      TRY(backticks(Quoting::quotes));
      word.add_expansion(since(start));
    } else if (peek() == '$' && TRY(dollar(Quoting::quotes))) {
      word.add_expansion(since(start));
    } else {
      word.add_quoted(text_.substr(at_++, 1));
    }
  }
  ++at_;
  word.last = '\0';
  return {};
}

// In a condition: parentheses in a regular expression, @(...) and the like in a pattern. bash counts parentheses to
// find the end and expands what is between later, which has to come out at the same place.
Result<void> BashParser::pattern_group(Word& word, Place place) {
  const std::size_t start = at_;
  if (place == Place::pattern) ++at_;
  TRY(expect("("));
  const std::size_t end = TRY(closing('(', ')', Dollars::counted));
  Word inside;
  while (peek() != '\0' && at_ < end) {
    const char c = peek();
    const bool is_process = (c == '<' || c == '>') && peek_second() == '(';
    if (is_process) return refused("is not understood in a pattern");
    if (is_word_end(c))
      ++at_;
    else
      TRY(word_piece(inside, Place::argument));
  }
  if (at_ != end) return refused("is not where the pattern ends");
  ++at_;
  findings_.note_text(inside.literal);
  word.add_expansion(since(start));
  return {};
}

}  // namespace lilux::text
