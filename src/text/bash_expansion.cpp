// What is expanded in a word: substitutions, backticks and parameters.

#include <algorithm>
#include <array>
#include <utility>

#include "text/bash_parser.h"

namespace lilux::text {

using base::Result;

namespace {

bool is_special(char byte) {
  return byte != '\0' && std::string_view("@*#?-$!").find(byte) != std::string_view::npos;
}

bool has_substitution(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBegins{"$(", "${", "$[", "`"};
  return std::ranges::any_of(kBegins, [text](auto begin) { return text.find(begin) != std::string_view::npos; });
}

}  // namespace

// False when the dollar stands for itself; it is then not taken.
Result<bool> BashParser::dollar(Quoting quoting) {
  const Nesting nesting(findings_);
  if (nesting.is_too_deep()) return refused("is nested too deep");
  const char next = peek_second();
  if (next == '{') {
    TRY(parameter(quoting));
  } else if (take("$[")) {
    const std::size_t end = TRY(closing('[', ']'));
    TRY(expression(end, '[', ']'));
    ++at_;
  } else if (take("$(")) {
    if (peek() == '(')
      TRY(arithmetic_substitution());
    else
      TRY(substitution());
  } else if (is_digit(next) || is_special(next)) {
    take("$");
    peek();
    ++at_;
  } else if (is_name_byte(next)) {
    take("$");
    while (is_name_byte(peek())) ++at_;
  } else {
    return false;
  }
  return true;
}

// Begins behind the parenthesis that opens it.
Result<void> BashParser::substitution() {
  auto outer = std::exchange(here_documents_, {});
  ++substitutions_;
  TRY(list());
  if (!here_documents_.empty()) return refused("ends a substitution with a here-document still to come");
  --substitutions_;
  here_documents_ = std::move(outer);
  return expect(")");
}

Result<void> BashParser::process_substitution() {
  peek();
  ++at_;
  TRY(expect("("));
  if (peek() == '(') return refused("is not understood in a process substitution");
  return substitution();
}

Result<void> BashParser::backticks(Quoting quoting) {
  const std::size_t open = at_++;
  std::string inside;
  while (peek() != '`') {
    if (peek() == '\0') return refused("opens a substitution that is not closed", open);
    if (peek() != '\\') {
      inside += text_[at_++];
      continue;
    }
    const std::string_view next = text_.substr(at_ + 1, 1);
    // Within "${...}" and the like bash keeps a backslash that it drops within plain quotes.
    const bool is_quote = next == "\"" && quoting != Quoting::none;
    if (is_quote && quoting != Quoting::quotes) return refused("is not understood between backticks");
    const bool is_special = !next.empty() && std::string_view("$`\\").find(next) != std::string_view::npos;
    if (!is_special && !is_quote) inside += '\\';
    inside += next;
    at_ += 1 + next.size();
  }
  ++at_;
  TRY(spend(inside.size()));
  const Result<void> found = BashParser(inside, findings_).script();
  if (!found) return base::in_context(found.error(), "between backticks");
  return {};
}

Result<void> BashParser::parameter(Quoting quoting) {
  take("${");
  const std::size_t first = at_;
  TRY(parameter_name());
  const std::size_t start = at_;
  const std::string_view name = since(first).substr(0, since(first).find('['));
  const bool assigns = is_next("=") || is_next(":=");
  const bool is_doubtful = name.starts_with('!') || name.find('\\') != std::string_view::npos;
  if (assigns && (is_doubtful || is_script_variable(name))) findings_.sets_scripts = true;
  if (take("}")) return {};
  if (take("@")) {
    // A prompt is expanded like a script.
    if (peek() == 'P' || !is_name_byte(peek())) return refused("is not understood in an expansion");
    ++at_;
    return expect("}");
  }
  for (const std::string_view with_word : {":-", ":=", ":?", ":+", "-", "=", "?", "+"}) {
    if (take(with_word)) return parameter_operand(quoting, false);
  }
  if (take(":")) return parameter_operand(Quoting::arithmetic, false);
  for (const std::string_view with_pattern : {"#", "%", "/", "^", ","}) {
    if (take(with_pattern)) return parameter_operand(quoting, true);
  }
  return refused("is not understood in an expansion", start);
}

Result<void> BashParser::parameter_name() {
  const char second = peek_second();
  const bool is_indirect =
      peek() == '!' && (is_name_byte(second) || is_next("!@}") || is_next("!*}") || is_next("!#}"));
  bool is_length = peek() == '#' && is_name_byte(second);
  for (const std::string_view length : {"#@}", "#*}", "#?}", "#-}", "#$}", "#!}", "##}"})
    is_length = is_length || is_next(length);
  if (is_indirect || is_length) ++at_;
  if (is_indirect) findings_.has_arithmetic = true;  // the value may be a subscript
  peek();
  if (is_special(peek())) {
    ++at_;
    return {};
  }
  const std::size_t start = at_;
  const bool is_number = is_digit(peek());
  while (is_number ? is_digit(peek()) : is_name_byte(peek())) ++at_;
  if (at_ == start) return refused("is not understood in an expansion");
  if (!is_number && peek() == '[') TRY(subscript());
  if (is_indirect && (is_next("@}") || is_next("*}"))) ++at_;
  return {};
}

// Up to and with the brace that closes the expansion.
Result<void> BashParser::parameter_operand(Quoting quoting, bool is_pattern) {
  const std::size_t open = at_;
  const bool is_arithmetic = quoting == Quoting::arithmetic;
  while (!take("}")) {
    const char c = peek();
    const bool is_arrow = c == '<' || c == '>';
    if (c == '\0') return refused("begins a part of an expansion that is not closed", open);
    if (c == '\\' && is_arithmetic) return refused("is not understood in arithmetic");
    if (is_arrow && (peek_second() == '<' || peek_second() == '>')) return refused("is not understood in an expansion");
    if (is_arithmetic && (c == '$' || (is_name_byte(c) && !is_digit(c)))) findings_.has_arithmetic = true;
    if (TRY(operand_quotes(quoting, is_pattern))) continue;
    if (c == '`')
      TRY(backticks(quoting == Quoting::quotes ? Quoting::arithmetic : quoting));
    else if (is_arrow && peek_second() == '(')
      TRY(process_substitution());
    else if (c != '$' || !TRY(dollar(quoting)))
      ++at_;
  }
  return {};
}

// Takes quotes and what is quoted, when they stand here.
Result<bool> BashParser::operand_quotes(Quoting quoting, bool is_pattern) {
  const char c = peek();
  const bool is_ansi = c == '$' && peek_second() == '\'';
  const std::size_t start = at_;
  Word inside;
  if (c == '\\') {
    escaped(inside, {});
  } else if (c == '\'' && (quoting == Quoting::none || is_pattern)) {
    TRY(single_quoted(inside));
    if (quoting != Quoting::none && has_substitution(inside.word.text))
      return refused("opens quotes that are not understood there", start);
  } else if (is_ansi && quoting == Quoting::none) {
    TRY(ansi_quoted(inside));
  } else if (is_ansi || c == '\'') {
    TRY(harmless_quotes());
  } else if (c == '"') {
    TRY(double_quoted(inside));
    if (quoting == Quoting::arithmetic && since(start).find('\\') != std::string_view::npos)
      return refused("opens quotes that are not understood in arithmetic", start);
  } else {
    return false;
  }
  findings_.note_text(inside.literal);
  return true;
}

// Quotes that bash sees when it looks for the end of a word, and not when it expands the word, or the other way round.
Result<void> BashParser::harmless_quotes() {
  const std::size_t start = at_;
  Word inside;
  if (peek() == '\'')
    TRY(single_quoted(inside));
  else
    TRY(ansi_quoted(inside));
  const bool is_harmless = inside.word.text.find_first_of("$`\\\"'(){}[]<>") == std::string::npos;
  return is_harmless ? Result<void>() : refused("opens quotes that are not understood there", start);
}

}  // namespace lilux::text
