#include "text/bash.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "text/bash_parser.h"
#include "text/inner_commands.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kWordEnds = " \t\n;&|()<>";

// Only these may stand where a command begins without being its name.
constexpr auto kReserved = std::to_array<std::string_view>(
    {"!",   "[[",       "]]", "case", "coproc", "do",   "done",  "elif",  "else", "esac", "fi",
     "for", "function", "if", "in",   "select", "then", "until", "while", "{",    "}"});
constexpr auto kListEnds =
    std::to_array<std::string_view>({"]]", "do", "done", "elif", "else", "esac", "fi", "in", "then", "}"});
// Their arguments may assign arrays.
constexpr auto kDeclarations =
    std::to_array<std::string_view>({"alias", "declare", "eval", "export", "let", "local", "readonly", "typeset"});

// They take expressions or names with subscripts, which they expand again.
constexpr auto kEvaluating = std::to_array<std::string_view>({"[", "builtin", "command", "declare", "export", "getopts",
                                                              "let", "local", "mapfile", "printf", "read", "readarray",
                                                              "readonly", "test", "typeset", "unset", "wait"});

// They give values to the variables that their arguments name.
constexpr auto kNaming = std::to_array<std::string_view>(
    {"declare", "export", "getopts", "local", "mapfile", "read", "readarray", "readonly", "typeset"});
constexpr auto kReferring = std::to_array<std::string_view>({"builtin", "command", "declare", "local", "typeset"});
// Among other things.
constexpr auto kAlsoNaming = std::to_array<std::string_view>({"builtin", "command", "printf"});

constexpr auto kScriptVariables =
    std::to_array<std::string_view>({"BASH_ALIASES", "BASH_CMDS", "BASH_ENV", "ENV", "PROMPT_COMMAND", "PS0", "PS1",
                                     "PS2", "PS4", "SHELLOPTS", "TEXTDOMAINDIR"});

bool has_substitution(std::string_view text) {
  return text.find("$(") != std::string_view::npos || text.find('`') != std::string_view::npos;
}

bool has_expansion(std::string_view name) {
  return name.find_first_of("$`") != std::string_view::npos;
}

bool is_descriptor(std::string_view target) {
  if (target.ends_with('-')) target.remove_suffix(1);
  return target.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<BashScript> parse_bash(std::string_view script) {
  if (script.size() > kBashBytesMax)
    return fail(ErrorCode::invalid_argument, "the script is larger than 256 KiB, more than is read of one",
                "put it into several files");
  // bash marks bytes of its own with 1 and 127, and is not always right about those of others.
  if (script.find_first_of(std::string_view("\0\x01\x7f", 3)) != std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "the script holds a byte that bash does not take as it stands");
  BashFindings findings(script.size());
  TRY(BashParser(script, findings).script());
  if ((findings.has_arithmetic && findings.hides_subscript) ||
      (findings.has_inner_script && findings.is_subscript_outside)) {
    return fail(ErrorCode::invalid_argument,
                "the script has arithmetic and a text that would run a command in it, as a subscript");
  }
  const bool composes = findings.has_arithmetic && findings.begins_subscript && findings.begins_substitution;
  return BashScript{.commands = {std::make_move_iterator(findings.commands.begin()),
                                 std::make_move_iterator(findings.commands.end())},
                    .functions = std::move(findings.functions),
                    .sets_scripts = findings.sets_scripts || composes};
}

bool is_script_variable(std::string_view name) {
  return is_one_of(kScriptVariables, name) || name.starts_with("BASH_FUNC_");
}

Result<void> BashParser::script() {
  TRY(list());
  if (at_ < text_.size()) return unexpected();
  return {};
}

char BashParser::peek() {
  while (text_.substr(at_, 2) == "\\\n") at_ += 2;
  return at_ < text_.size() ? text_[at_] : '\0';
}

char BashParser::peek_second() {
  if (peek() == '\0') return '\0';
  const std::size_t first = at_++;
  const char second = peek();
  at_ = first;
  return second;
}

bool BashParser::take(std::string_view wanted) {
  const std::size_t start = at_;
  for (const char byte : wanted) {
    if (peek() != byte) {
      at_ = start;
      return false;
    }
    ++at_;
  }
  return true;
}

bool BashParser::is_next(std::string_view wanted) {
  const std::size_t start = at_;
  const bool is_there = take(wanted);
  at_ = start;
  return is_there;
}

void BashParser::skip_blanks() {
  while (peek() == ' ' || peek() == '\t') ++at_;
  if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
}

Result<void> BashParser::skip_lines() {
  skip_blanks();
  while (peek() == '\n') {
    TRY(line_end());
    skip_blanks();
  }
  return {};
}

Result<void> BashParser::line_end() {
  ++at_;
  for (const HereDocument& here : std::exchange(here_documents_, {})) TRY(here_document(here));
  return {};
}

Result<void> BashParser::expect(std::string_view wanted) {
  skip_blanks();
  if (!take(wanted)) return unexpected();
  return {};
}

bool BashParser::is_word_end(char byte) {
  if (byte == '\0') return true;
  const bool is_process = (byte == '<' || byte == '>') && peek_second() == '(';
  return !is_process && kWordEnds.find(byte) != std::string_view::npos;
}

BashParser::Mark BashParser::mark() const {
  Mark mark{.at = at_,
            .last = std::nullopt,
            .functions = findings_.functions.size(),
            .here_documents = here_documents_.size()};
  if (findings_.before != findings_.commands.begin()) mark.last = std::prev(findings_.before);
  return mark;
}

void BashParser::go_back(const Mark& mark) {
  at_ = mark.at;
  const auto first = mark.last ? std::next(*mark.last) : findings_.commands.begin();
  findings_.commands.erase(first, findings_.before);
  findings_.functions.resize(mark.functions);
  here_documents_.resize(mark.here_documents);
}

Result<void> BashParser::spend(std::size_t bytes) {
  if (bytes > findings_.bytes_left) return refused("is too entangled");
  findings_.bytes_left -= bytes;
  return {};
}

std::unexpected<base::Error> BashParser::refused(std::string_view why, std::size_t at) const {
  const std::string_view before = text_.substr(0, std::min(at, text_.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  std::string shown = at < text_.size() ? "'" + std::string(1, text_[at]) + "'" : "the end";
  if (at < text_.size() && (text_[at] < ' ' || text_[at] > '~'))
    shown = text_[at] == '\n' ? "the line end" : "byte " + std::to_string(static_cast<unsigned char>(text_[at]));
  return fail(ErrorCode::invalid_argument, shown + " at line " + std::to_string(line) + ", column " +
                                               std::to_string(column) + " " + std::string(why));
}

std::unexpected<base::Error> BashParser::unexpected() const {
  return refused("is not expected there");
}

Result<bool> BashParser::list() {
  for (bool has_any = false;; has_any = true) {
    TRY(skip_lines());
    if (is_list_end()) return has_any;
    TRY(and_or());
    skip_blanks();
    if (peek() == '\n') continue;
    const bool goes_on = !is_next(";;") && !is_next(";&") && (take(";") || take("&"));
    if (!goes_on) return true;
  }
}

Result<void> BashParser::some_list() {
  if (!TRY(list())) return unexpected();
  return {};
}

bool BashParser::is_list_end() {
  return peek() == '\0' || peek() == ')' || is_next(";;") || is_next(";&") || is_one_of(kListEnds, reserved_word());
}

Result<void> BashParser::and_or() {
  TRY(pipeline());
  while (true) {
    skip_blanks();
    if (!take("&&") && !take("||")) return {};
    TRY(skip_lines());
    TRY(pipeline());
  }
}

Result<void> BashParser::pipeline() {
  const bool has_prefix = TRY(pipeline_prefix());
  const char first = peek();
  if (has_prefix && (first == '\0' || first == '\n' || first == ';' || first == ')')) return {};
  TRY(command());
  while (true) {
    skip_blanks();
    if (is_next("||") || (!take("|&") && !take("|"))) return {};
    TRY(skip_lines());
    TRY(command());
  }
}

// ! and time, as often as they stand there.
Result<bool> BashParser::pipeline_prefix() {
  const auto take_word = [this](std::string_view wanted) {
    const std::size_t start = at_;
    if (take(wanted) && is_word_end(peek())) return true;
    at_ = start;
    return false;
  };
  bool has_any = false;
  while (true) {
    skip_blanks();
    if (is_next("!(")) return refused("begins a pattern or a command as options say");
    if (take_word("time")) {
      skip_blanks();
      if (take_word("-p")) skip_blanks();
      take_word("--");
    } else if (!take_word("!")) {
      return has_any;
    }
    has_any = true;
  }
}

Result<void> BashParser::command() {
  const Nesting nesting(findings_);
  if (nesting.is_too_deep()) return refused("is nested too deep");
  skip_blanks();
  if (is_compound()) {
    TRY(compound());
    return compound_redirections();
  }
  const std::string_view reserved = reserved_word();
  if (reserved == "function") return function_command();
  if (reserved == "coproc") return coproc_command();
  if (!reserved.empty()) return unexpected();
  return simple_command();
}

std::string_view BashParser::reserved_word() {
  const std::size_t start = at_;
  std::string found;
  while (found.size() < 9 && !is_word_end(peek())) found += text_[at_++];
  const bool is_whole = is_word_end(peek());
  at_ = start;
  const auto* reserved = std::ranges::find(kReserved, found);
  return is_whole && reserved != kReserved.end() ? *reserved : std::string_view();
}

Result<void> BashParser::expect_reserved(std::string_view word) {
  if (reserved_word() != word) return unexpected();
  take(word);
  return {};
}

Result<void> BashParser::simple_command() {
  const auto command = findings_.commands.emplace(findings_.before);
  const Holding holding(findings_, command);
  const auto is_empty = [&] {
    return command->words.empty() && command->assignments.empty() && command->redirections.empty();
  };
  bool is_declaration = false;
  bool hides = false;
  for (skip_blanks(); is_redirection() || is_word_start(); skip_blanks()) {
    if (is_redirection()) {
      TRY(redirection(command));
      continue;
    }
    const bool is_head = command->words.empty();
    const Place place = is_head ? Place::command : is_declaration ? Place::declaration : Place::argument;
    Word found = TRY(word(place));
    skip_blanks();
    if (peek() == '(' && is_empty() && !found.is_assignment) {
      findings_.before = findings_.commands.erase(command);
      return function_definition(found);
    }
    if (is_head && is_one_of(kEvaluating, found.word.text)) findings_.has_arithmetic = true;
    if (is_head && !found.is_assignment) is_declaration = !found.is_quoted && is_one_of(kDeclarations, found.word.text);
    hides = hides || hides_subscript(found.literal);
    auto& where = is_head && found.is_assignment ? command->assignments : command->words;
    where.push_back(std::move(found.word));
  }
  if (is_empty()) return unexpected();
  note_values(*command, hides);
  return {};
}

// What the command's words make of variables. An assignment's value may become a part of another one, so that a
// substitution in it counts without a bracket too.
void BashParser::note_values(const BashCommand& command, bool hides_subscript) {
  const auto note = [&](const BashWord& word, bool is_name) {
    const std::string_view text = word.text;
    const std::string_view name = text.substr(0, text.find_first_of("+=["));
    const std::string_view value = text.substr(std::min(text.find('='), text.size()));
    const bool is_open = is_name && !word.is_fixed && !name.starts_with('-') && has_expansion(name);
    if (is_open || is_script_variable(name) || (!value.empty() && is_script_variable(value.substr(1))))
      findings_.sets_scripts = true;
    if (word.is_fixed && has_substitution(value)) findings_.hides_subscript = findings_.is_subscript_outside = true;
  };
  for (const BashWord& word : command.assignments) note(word, false);
  if (command.words.empty()) return;
  const std::string_view head = command.words[0].text;
  bool refers = false;  // to another variable, by a name of its own
  for (const BashWord& word : std::span(command.words).subspan(1)) {
    const bool is_option = word.text.starts_with('-');
    refers = refers || (is_one_of(kReferring, head) && is_option && word.text.find('n') != std::string::npos);
    const bool is_settled = word.is_fixed && word.text.find('=') != std::string::npos;
    if (refers && !is_option && !is_settled) findings_.sets_scripts = true;
    const bool is_variable = head == "printf" && (&word - 1)->text == "-v";
    if (is_one_of(kNaming, head) || is_one_of(kAlsoNaming, head)) note(word, is_variable || is_one_of(kNaming, head));
  }
  // A script that is given on is judged by itself, without what variables hold.
  const auto runs_script = [](const BashWord& word) { return word.text == "trap" || is_shell(word.text); };
  if (std::ranges::any_of(command.words, runs_script))
    findings_.has_inner_script = true;
  else if (hides_subscript)
    findings_.is_subscript_outside = true;
}

bool BashParser::is_redirection() {
  const std::size_t start = at_;
  if (take("{")) {
    while (is_name_byte(peek())) ++at_;
    if (!take("}")) at_ = start;
  } else {
    while (is_digit(peek())) ++at_;
  }
  const bool has_prefix = at_ != start;
  const bool is_there = (!has_prefix && is_next("&>")) || ((peek() == '<' || peek() == '>') && peek_second() != '(');
  at_ = start;
  return is_there;
}

Result<void> BashParser::redirection(std::list<BashCommand>::iterator command) {
  const std::size_t start = at_;
  while (peek() != '<' && peek() != '>' && peek() != '&') ++at_;
  if (at_ - start > 9 && text_[start] != '{') return refused("follows too large a number");
  if (is_next("<<") && !is_next("<<<")) return here_redirection(command);
  if (take(">&")) return duplication(*command, '>');
  if (take("<&")) return duplication(*command, '<');
  BashRedirection found;
  if (take("<<<"))
    found.kind = BashStream::here_string;
  else if (take("&>>") || take(">>"))
    found.kind = BashStream::append;
  else if (take("<>"))
    found.kind = BashStream::read_write;
  else if (take("&>") || take(">|") || take(">"))
    found.kind = BashStream::write;
  else
    TRY(expect("<"));
  skip_blanks();
  found.target = TRY(word(Place::argument)).word;
  command->redirections.push_back(std::move(found));
  return {};
}

// `>&` and `<&`; with something else than a descriptor, `>&` opens a file for both streams.
Result<void> BashParser::duplication(BashCommand& command, char direction) {
  skip_blanks();
  BashRedirection found{.kind = BashStream::duplicate, .target = {.text = "-"}};
  if (!take("-")) found.target = TRY(word(Place::argument)).word;
  if (direction == '>' && !is_descriptor(found.target.text)) found.kind = BashStream::write;
  command.redirections.push_back(std::move(found));
  return {};
}

}  // namespace lilux::text
