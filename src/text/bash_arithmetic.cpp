// Arithmetic: (( )), $(( )), $[ ] and subscripts. Only the substitutions in it matter; its operators are not looked at.

#include <algorithm>

#include "text/bash_parser.h"

namespace lilux::text {

using base::Result;

namespace {

// As bash decides whether $((...)) is arithmetic: by its parentheses outside of quotes.
bool is_balanced(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size() && depth >= 0; ++i) {
    const char c = text[i];
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == '\\') ++i;
    if (c == '\'') i = std::min(text.find('\'', i + 1), text.size());
    if (c != '"') continue;
    for (++i; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\') ++i;
    }
  }
  return depth == 0;
}

bool has_comment(std::string_view text) {
  for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    if (at == 0 || std::string_view(" \t\n").find(text[at - 1]) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

// Where the bracket is that closes one just opened, as bash finds it. Nothing is taken.
Result<std::size_t> BashParser::closing(char open, char close, Dollars dollars) {
  const Mark start = mark();
  for (int depth = 1;;) {
    const char c = peek();
    Word inside;
    if (c == '\0') return refused("is within a bracket that is not closed", start.at);
    if (c == open) ++depth;
    if (c == close && --depth == 0) break;
    if (c == '\\')
      escaped(inside, {});
    else if (c == '\'')
      TRY(single_quoted(inside));
    else if (c == '"')
      TRY(double_quoted(inside));
    else if (c == '$' && peek_second() == '\'')
      TRY(ansi_quoted(inside));
    else if (c == '`')
      TRY(backticks(Quoting::none));
    else if (c != '$' || dollars == Dollars::counted || !TRY(dollar(Quoting::arithmetic)))
      ++at_;
  }
  const std::size_t end = at_;
  TRY(spend(end - start.at));
  go_back(start);
  return end;
}

// The text up to `end`, where its brackets have to come out even. It is expanded like quoted text and evaluated then,
// so that a backslash only delays what it quotes.
Result<void> BashParser::expression(std::size_t end, char open, char close) {
  int depth = 0;
  while (peek() != '\0' && at_ < end) {
    const char c = peek();
    if (c == '\\' || c == '{' || c == '}') return refused("is not understood in arithmetic");
    if (c == '$' || (is_name_byte(c) && !is_digit(c))) findings_.has_arithmetic = true;
    if (c == open) ++depth;
    if (c == close && --depth < 0) return unexpected();
    if (c == '\'' || (c == '$' && peek_second() == '\''))
      TRY(harmless_quotes());
    else if (c == '`')
      TRY(backticks(Quoting::arithmetic));
    else if (c != '$' || !TRY(dollar(Quoting::arithmetic)))
      ++at_;
  }
  return at_ == end && depth == 0 ? Result<void>() : refused("is not where the arithmetic ends");
}

Result<void> BashParser::subscript() {
  TRY(expect("["));
  const std::size_t end = TRY(closing('[', ']'));
  TRY(expression(end, '[', ']'));
  ++at_;
  return {};
}

// $((...)), behind its first parenthesis: it may still be a substitution that begins with a subshell.
Result<void> BashParser::arithmetic_substitution() {
  const std::size_t start = at_;
  const std::size_t end = TRY(closing('(', ')'));
  const std::string_view inside = text_.substr(start, end - start);
  // bash decides by the text as it would print it, which may have other parentheses than the one that stands there.
  if (has_comment(inside) || inside.find("esac") != std::string_view::npos ||
      inside.find("$'") != std::string_view::npos)
    return refused("begins what is arithmetic or a subshell", start);
  if (inside.size() > 1 && inside.ends_with(')') && is_balanced(inside.substr(1, inside.size() - 2))) {
    take("(");
    TRY(expression(end - 1, '(', ')'));
    at_ = end + 1;
    return {};
  }
  TRY(substitution());
  return at_ == end + 1 ? Result<void>() : refused("is not where the substitution ends");
}

// ((...)); false, with nothing taken, when it is a subshell within another.
Result<bool> BashParser::arithmetic_command() {
  const Mark start = mark();
  take("((");
  const std::size_t end = TRY(closing('(', ')'));
  if (text_.substr(end + 1, 1) != ")") {
    go_back(start);
    if (!here_documents_.empty()) return refused("begins a subshell before a here-document");
    reread_until_ = std::max(reread_until_, end);
    return false;
  }
  TRY(expression(end, '(', ')'));
  at_ = end + 2;
  return true;
}

}  // namespace lilux::text
