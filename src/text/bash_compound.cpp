// Control flow, functions and conditions.

#include <algorithm>
#include <array>
#include <utility>

#include "text/bash_parser.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr auto kCompound =
    std::to_array<std::string_view>({"[[", "case", "for", "if", "select", "until", "while", "{"});
constexpr auto kComparisons = std::to_array<std::string_view>(
    {"!=", "-ef", "-eq", "-ge", "-gt", "-le", "-lt", "-ne", "-nt", "-ot", "=", "==", "=~"});
constexpr std::string_view kUnary = "GLNORSabcdefghknoprstuvwxz";

// What has arithmetic for operands.
constexpr auto kNumeric = std::to_array<std::string_view>({"-R", "-eq", "-ge", "-gt", "-le", "-lt", "-ne", "-v"});

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_name_byte);
}

bool BashParser::is_compound() {
  return peek() == '(' || is_one_of(kCompound, reserved_word());
}

Result<void> BashParser::compound() {
  if (peek() == '(') return parenthesized();
  const std::string_view reserved = reserved_word();
  take(reserved);
  if (reserved == "[[") {
    TRY(condition());
    return expect_reserved("]]");
  }
  if (reserved == "case") return case_command();
  if (reserved == "if") return if_command();
  if (reserved == "while" || reserved == "until") return while_command();
  if (reserved == "{") {
    TRY(some_list());
    return expect_reserved("}");
  }
  skip_blanks();
  if (reserved == "select" && is_next("((")) return unexpected();
  return for_command();
}

Result<void> BashParser::compound_redirections() {
  skip_blanks();
  if (!is_redirection()) return {};
  const auto command = findings_.commands.emplace(findings_.before);
  const Holding holding(findings_, command);
  while (is_redirection()) {
    TRY(redirection(command));
    skip_blanks();
  }
  return {};
}

Result<void> BashParser::parenthesized() {
  if (is_next("((") && TRY(arithmetic_command())) return {};
  take("(");
  TRY(some_list());
  return expect(")");
}

Result<void> BashParser::if_command() {
  TRY(some_list());
  TRY(expect_reserved("then"));
  TRY(some_list());
  while (reserved_word() == "elif") {
    take("elif");
    TRY(some_list());
    TRY(expect_reserved("then"));
    TRY(some_list());
  }
  if (reserved_word() == "else") {
    take("else");
    TRY(some_list());
  }
  return expect_reserved("fi");
}

Result<void> BashParser::while_command() {
  TRY(some_list());
  TRY(expect_reserved("do"));
  TRY(some_list());
  return expect_reserved("done");
}

Result<void> BashParser::for_command() {
  if (is_next("((")) {
    if (!TRY(arithmetic_command())) return unexpected();
    skip_blanks();
    if (!is_next(";;")) take(";");
    TRY(skip_lines());
    return loop_body();
  }
  if (!is_word_start()) return unexpected();
  const std::size_t start = at_;
  const Word name = TRY(word(Place::argument));
  if (name.is_quoted || !is_name(name.word.text)) return refused("does not begin a variable's name", start);
  if (is_script_variable(name.word.text)) findings_.sets_scripts = true;
  skip_blanks();
  if (is_next(";;")) return unexpected();
  const bool has_end = take(";");
  TRY(skip_lines());
  if (!has_end && reserved_word() == "in") TRY(loop_words());
  return loop_body();
}

Result<void> BashParser::loop_words() {
  take("in");
  skip_blanks();
  while (is_word_start()) {
    TRY(word(Place::argument));
    skip_blanks();
  }
  if (is_next(";;") || (peek() != '\n' && !take(";"))) return unexpected();
  return skip_lines();
}

Result<void> BashParser::loop_body() {
  const bool is_group = reserved_word() == "{";
  TRY(expect_reserved(is_group ? "{" : "do"));
  TRY(some_list());
  return expect_reserved(is_group ? "}" : "done");
}

Result<void> BashParser::case_command() {
  skip_blanks();
  if (!is_word_start()) return unexpected();
  TRY(word(Place::argument));
  TRY(skip_lines());
  TRY(expect_reserved("in"));
  TRY(skip_lines());
  while (reserved_word() != "esac") {
    TRY(case_clause());
    TRY(skip_lines());
  }
  take("esac");
  return {};
}

Result<void> BashParser::case_clause() {
  take("(");
  do {
    skip_blanks();
    if (!is_word_start()) return unexpected();
    TRY(word(Place::argument));
    skip_blanks();
  } while (!is_next("||") && take("|"));
  TRY(expect(")"));
  TRY(list());
  if (take(";;&") || take(";;") || take(";&") || reserved_word() == "esac") return {};
  return unexpected();
}

Result<void> BashParser::function_command() {
  take("function");
  skip_blanks();
  if (!is_word_start()) return unexpected();
  const Word name = TRY(word(Place::argument));
  skip_blanks();
  const std::size_t start = at_;
  if (take("(")) {
    skip_blanks();
    if (!take(")")) at_ = start;
  }
  return function_body(name);
}

Result<void> BashParser::function_definition(const Word& name) {
  TRY(expect("("));
  TRY(expect(")"));
  return function_body(name);
}

// bash takes other names too, but then does not define a function or does not call it.
Result<void> BashParser::function_body(const Word& name) {
  const bool is_plain =
      !name.is_quoted && name.word.is_fixed && name.word.text.find_first_of("/@+!") == std::string::npos;
  if (!is_plain) return refused("follows a name that is not plain");
  TRY(skip_lines());
  if (!is_compound()) return unexpected();
  findings_.functions.push_back(name.word.text);
  TRY(compound());
  return compound_redirections();
}

Result<void> BashParser::coproc_command() {
  take("coproc");
  skip_blanks();
  const std::size_t start = at_;
  while (is_name_byte(peek())) ++at_;
  const bool has_name = is_name(since(start)) && is_word_end(peek());
  if (has_name) skip_blanks();
  if (!has_name || !is_compound()) at_ = start;
  // In a substitution bash prints it with a name, which is then the command.
  if (!is_compound()) return substitutions_ > 0 ? unexpected() : simple_command();
  TRY(compound());
  return compound_redirections();
}

Result<void> BashParser::condition() {
  do {
    TRY(condition_term());
    TRY(skip_lines());
  } while (take("&&") || take("||"));
  return {};
}

Result<void> BashParser::condition_term() {
  const Nesting nesting(findings_);
  if (nesting.is_too_deep()) return refused("is nested too deep");
  TRY(skip_lines());
  while (reserved_word() == "!") {
    take("!");
    TRY(skip_lines());
  }
  if (is_next("((")) return refused("begins arithmetic where a condition is expected");
  if (!take("(")) return condition_test();
  TRY(condition());
  return expect(")");
}

Result<void> BashParser::condition_test() {
  const Word left = TRY(operand(Place::argument));
  const std::string& text = left.word.text;
  if (!left.is_quoted && is_one_of(kNumeric, text)) findings_.has_arithmetic = true;
  if (!left.is_quoted && text.size() == 2 && text[0] == '-' && kUnary.find(text[1]) != std::string_view::npos) {
    TRY(operand(Place::argument));
    return {};
  }
  skip_blanks();
  const bool is_alone = peek() == ')' || is_next("&&") || is_next("||") || reserved_word() == "]]";
  if (is_alone) return {};
  if (!is_word_start() && (take("<") || take(">"))) {
    TRY(operand(Place::argument));
    return {};
  }
  const Word comparison = TRY(operand(Place::argument));
  if (comparison.is_quoted || !is_one_of(kComparisons, comparison.word.text)) return unexpected();
  if (is_one_of(kNumeric, comparison.word.text)) findings_.has_arithmetic = true;
  const bool is_pattern = comparison.word.text.find('=') != std::string::npos;
  TRY(operand(comparison.word.text == "=~" ? Place::regexp : is_pattern ? Place::pattern : Place::argument));
  return {};
}

// Where bash would take an assignment, it reads a subscript to its end, blanks and all; elsewhere it does not.
Result<BashParser::Word> BashParser::operand(Place place) {
  skip_blanks();
  const std::size_t start = at_;
  if (reserved_word() == "]]" || !(is_word_start() || place == Place::regexp)) return unexpected();
  Word found = TRY(word(place));
  const std::string_view source = since(start);
  if (source.empty()) return unexpected();
  const std::string_view name = source.substr(0, source.find('['));
  const bool has_subscript = name.size() < source.size() && is_name(name);
  if (has_subscript && std::ranges::count(source, '[') != std::ranges::count(source, ']'))
    return refused("begins a subscript that has no end", start);
  return found;
}

}  // namespace lilux::text
