#include "brain/extract_literal.h"

#include <algorithm>
#include <optional>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kCodeBytesMax = 400;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || (static_cast<unsigned char>(c) >= 0x80);
}

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_large(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

// Where the quote that opens at `at` closes; an apostrophe inside a word closes nothing.
std::size_t quote_end(std::string_view text, std::size_t at) {
  const char mark = text[at];
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    if (text[end] != mark || text[end - 1] == '\\') continue;
    if (mark == '\'' && end + 1 < text.size() && is_word(text[end + 1])) continue;
    return end;
  }
  return std::string_view::npos;
}

std::optional<Literal> quoted_at(std::string_view text, std::size_t at) {
  const char mark = text[at];
  if (mark == '\xe2' && text.substr(at).starts_with("\xe2\x80\x9c")) {
    const std::size_t end = text.find("\xe2\x80\x9d", at);
    if (end != std::string_view::npos) return Literal{.begin = at + 3, .end = end};
  }
  if (mark == '\xe2' && text.substr(at).starts_with("\xe2\x80\x98")) {
    const std::size_t end = text.find("\xe2\x80\x99", at);
    if (end != std::string_view::npos) return Literal{.begin = at + 3, .end = end};
  }
  if (mark != '"' && mark != '\'' && mark != '`') return std::nullopt;
  if (mark == '\'' && at > 0 && is_word(text[at - 1])) return std::nullopt;
  const std::size_t end = quote_end(text, at);
  if (end == std::string_view::npos || end == at + 1 || end - at > 2000) return std::nullopt;
  return Literal{.begin = at + 1, .end = end};
}

std::size_t bracket_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (std::size_t end = at; end < text.size(); ++end) {
    if (text[end] == '[' || text[end] == '{') ++depth;
    if ((text[end] == ']' || text[end] == '}') && --depth == 0) return end + 1;
  }
  return std::string_view::npos;
}

std::size_t chunk_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && !is_space(text[end]) && text[end] != '"' && text[end] != '`' && text[end] != '<' &&
         text[end] != '>')
    ++end;
  const auto opens = [&](char mark) { return std::ranges::count(text.substr(at, end - at), mark); };
  while (end > at && std::string_view(".,;:!?)'\"]}").find(text[end - 1]) != std::string_view::npos) {
    // "(see https://a.org/b_(c))": a bracket that was opened inside belongs to it.
    if (text[end - 1] == ')' && opens('(') >= opens(')')) break;
    --end;
  }
  return end;
}

bool is_email(std::string_view chunk) {
  const std::size_t at = chunk.find('@');
  return at != std::string_view::npos && at > 0 && chunk.find('.', at + 2) != std::string_view::npos &&
         chunk.find_first_of("/:") == std::string_view::npos;
}

bool is_url(std::string_view chunk) {
  const std::size_t scheme = chunk.find("://");
  return (scheme != std::string_view::npos && scheme > 0) || (chunk.starts_with("www.") && chunk.size() > 6);
}

// What stands in a bracket begins behind it.
bool is_bracketed_url(std::string_view text) {
  const std::string_view inside = text.substr(1);
  return text.front() == '(' && (inside.starts_with("http") || inside.starts_with("www."));
}

// A file's name has an ending of one to five letters behind a point.
bool has_ending(std::string_view chunk) {
  const std::size_t point = chunk.rfind('.');
  if (point == std::string_view::npos || point == 0) return false;
  const std::string_view ending = chunk.substr(point + 1);
  return !ending.empty() && ending.size() <= 5 && is_letter(ending.front()) &&
         std::ranges::all_of(ending, [](char c) { return is_letter(c) || is_digit(c); }) && is_word(chunk[point - 1]);
}

// "example.org/docs": a host with a point in it, and something behind the slash.
bool is_page(std::string_view chunk) {
  const std::size_t slash = chunk.find('/');
  return slash != std::string_view::npos && slash + 1 < chunk.size() && is_letter(chunk[slash + 1]) &&
         is_letter(chunk.front()) && has_ending(chunk.substr(0, slash));
}

bool is_path(std::string_view chunk) {
  if (chunk.size() < 2) return false;
  if (chunk.starts_with('/') || chunk.starts_with("~/") || chunk.starts_with("./") || chunk.starts_with("../"))
    return true;
  if (chunk.size() > 2 && is_letter(chunk[0]) && chunk[1] == ':' && (chunk[2] == '\\' || chunk[2] == '/')) return true;
  return (has_ending(chunk) && chunk.size() > 3) || is_page(chunk);
}

// "*.txt", "src/**/*.cpp", "report-?.pdf": a star or a question mark beside what names are made of.
bool is_glob(std::string_view chunk) {
  const auto is_part = [](char c) {
    return is_word(c) || std::string_view("*?._-/[]").find(c) != std::string_view::npos;
  };
  return chunk.size() >= 3 && chunk.find('*') != std::string_view::npos && chunk.find('.') != std::string_view::npos &&
         std::ranges::any_of(chunk, is_word) && std::ranges::all_of(chunk, is_part);
}

// What programs are written with: #id, .class, @name, $name, snake_case, camelCase, CONSTANT_NAME, a::b.
bool is_code(std::string_view chunk) {
  if (chunk.size() < 3) return false;
  const bool is_marked = std::string_view("#.@$").find(chunk.front()) != std::string_view::npos && is_letter(chunk[1]);
  if (is_marked) return true;
  if (!is_letter(chunk.front()) && chunk.front() != '_') return false;
  bool has_mark = chunk.find("::") != std::string_view::npos;
  for (std::size_t i = 1; i + 1 < chunk.size(); ++i) {
    const bool is_plain = is_word(chunk[i]) || std::string_view("_.:-$").find(chunk[i]) != std::string_view::npos;
    if (!is_plain) return false;
    has_mark = has_mark || chunk[i] == '_' || (is_small(chunk[i - 1]) && is_large(chunk[i]) && is_small(chunk[i + 1]));
  }
  return has_mark;
}

// "name(...)" up to its closing bracket, spaces inside too.
std::optional<Literal> called_at(std::string_view text, std::size_t at) {
  std::size_t open = at;
  while (open < text.size() && (is_word(text[open]) || text[open] == '.' || text[open] == '_' || text[open] == '$'))
    ++open;
  if (open == at || open >= text.size() || text[open] != '(' || open + 1 == text.size()) return std::nullopt;
  std::size_t depth = 0;
  for (std::size_t end = open; end < std::min(text.size(), open + kCodeBytesMax); ++end) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')' && --depth == 0) return Literal{.kind = LiteralKind::code, .begin = at, .end = end + 1};
  }
  return std::nullopt;
}

bool is_operator(char c) {
  return c == '+' || c == '-' || c == '*' || c == '/' || c == '^';
}

// Where what is calculated with ends: 3x^2, (x+1), sin(x), 4; `at` itself where none begins.
std::size_t operand_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  bool has_digit = false;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || is_operator(text[end]) ||
                               std::string_view("().").find(text[end]) != std::string_view::npos)) {
    has_digit = has_digit || is_digit(text[end]);
    ++end;
  }
  while (end > at && (text[end - 1] == '.' || is_operator(text[end - 1]))) --end;
  return has_digit || end == at + 1 ? end : at;
}

// "3x^2 + 2x - 1": operands with signs between them, a letter and a sign among them.
std::optional<Literal> formula_at(std::string_view text, std::size_t at) {
  std::size_t end = operand_end(text, at);
  if (end == at || !(is_letter(text[at]) || is_digit(text[at]) || text[at] == '-' || text[at] == '('))
    return std::nullopt;
  while (end + 3 < text.size() && text[end] == ' ' && is_operator(text[end + 1]) && text[end + 2] == ' ') {
    const std::size_t next = operand_end(text, end + 3);
    if (next == end + 3) break;
    end = next;
  }
  const std::string_view whole = text.substr(at, end - at);
  const bool is_power = whole.find('^') != std::string_view::npos || whole.find("**") != std::string_view::npos;
  const bool is_sum = whole.find(' ') != std::string_view::npos;
  if (!(is_power || is_sum) || std::ranges::none_of(whole, is_letter)) return std::nullopt;
  return Literal{.kind = LiteralKind::code, .begin = at, .end = end};
}

std::optional<Literal> chunk_at(std::string_view text, std::size_t at) {
  if (is_quote(text[at]) || is_bracketed_url(text.substr(at))) return std::nullopt;
  if (const auto formula = formula_at(text, at)) return formula;
  if (const auto called = called_at(text, at)) return called;
  const std::size_t end = chunk_end(text, at);
  const std::string_view chunk = text.substr(at, end - at);
  if (is_url(chunk)) return Literal{.kind = LiteralKind::url, .begin = at, .end = end};
  if (is_email(chunk)) return Literal{.kind = LiteralKind::email, .begin = at, .end = end};
  if (is_path(chunk)) return Literal{.kind = LiteralKind::path, .begin = at, .end = end};
  if (is_glob(chunk)) return Literal{.kind = LiteralKind::glob, .begin = at, .end = end};
  if (is_code(chunk)) return Literal{.kind = LiteralKind::code, .begin = at, .end = end};
  return std::nullopt;
}

}  // namespace

std::vector<Literal> find_literals(std::string_view text) {
  std::vector<Literal> found;
  std::size_t after = 0;              // where what was found last and is not quoted ends
  std::size_t closing = text.size();  // the mark that ends what was quoted last opens nothing
  for (std::size_t at = 0; at < text.size() && found.size() < kLiteralsMax; ++at) {
    if (const auto quoted = at == closing ? std::nullopt : quoted_at(text, at)) {
      found.push_back(*quoted);
      if (is_quote(text[at])) closing = quoted->end;
    }
    if (text[at] == '[' || text[at] == '{') {
      const std::size_t end = bracket_end(text, at);
      if (end != std::string_view::npos && end > at + 2)
        found.push_back({.kind = LiteralKind::bracketed, .begin = at, .end = end});
    }
    const bool begins =
        at == 0 || is_space(text[at - 1]) || std::string_view("\"'`(<[=").find(text[at - 1]) != std::string_view::npos;
    if (!begins || is_space(text[at]) || at < after) continue;
    if (const auto literal = chunk_at(text, at)) {
      found.push_back(*literal);
      after = literal->end;
    }
  }
  return found;
}

std::vector<Literal> find_phones(std::string_view text) {
  constexpr std::size_t kDigitsLeast = 7;
  constexpr std::size_t kDigitsMost = 15;
  std::vector<Literal> found;
  for (std::size_t at = 0; at < text.size() && found.size() < kLiteralsMax; ++at) {
    const bool begins = is_digit(text[at]) || text[at] == '+' || text[at] == '(';
    if (!begins || (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-'))) continue;
    std::size_t digits = 0;
    std::size_t end = at;  // behind the last digit
    for (std::size_t i = at; i < text.size(); ++i) {
      const bool is_mark =
          text[i] == '+' ? i == at : std::string_view(" -./()").find(text[i]) != std::string_view::npos;
      if (!is_digit(text[i]) && (!is_mark || i - end > 2)) break;
      digits += is_digit(text[i]) ? 1U : 0U;
      if (is_digit(text[i])) end = i + 1;
    }
    const bool is_whole = end == text.size() || !is_word(text[end]);
    if (digits >= kDigitsLeast && digits <= kDigitsMost && is_whole)
      found.push_back({.kind = LiteralKind::code, .begin = at, .end = end});
    at = std::max(at, end);
  }
  return found;
}

}  // namespace lilux::brain
