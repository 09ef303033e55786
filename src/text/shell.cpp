#include "text/shell.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "text/bash.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
constexpr std::string_view kOperators = "&|;\n";

// First words that begin something other than a simple command, evaluate their arguments in the shell itself, or change
// which program a later word means. Several shells' together; `test -v`, `printf -v` evaluate subscripts in bash.
constexpr auto kNotSimple = std::to_array<std::string_view>(
    {"!",        "-",         ".",        "[",       "[[",       "alias",     "always",  "autoload", "bind",
     "builtin",  "case",      "command",  "compgen", "complete", "coproc",    "declare", "do",       "done",
     "elif",     "else",      "emulate",  "enable",  "end",      "esac",      "eval",    "exec",     "export",
     "fc",       "fi",        "float",    "for",     "foreach",  "function",  "getopts", "hash",     "if",
     "in",       "integer",   "let",      "local",   "mapfile",  "nocorrect", "noglob",  "print",    "printf",
     "read",     "readarray", "readonly", "repeat",  "sched",    "select",    "set",     "setopt",   "shopt",
     "source",   "test",      "then",     "time",    "trap",     "typeset",   "umask",   "unalias",  "unset",
     "unsetopt", "until",     "vared",    "wait",    "while",    "zmodload",  "{",       "}"});

// Programs that read a command line from their arguments, here or elsewhere.
constexpr auto kShells =
    std::to_array<std::string_view>({"ash",  "bash", "busybox",  "csh",   "dash",  "elvish", "eval",   "fish", "ksh",
                                     "mksh", "nu",   "parallel", "pwsh",  "rbash", "rsh",    "script", "sh",   "ssh",
                                     "su",   "tcsh", "toybox",   "watch", "xonsh", "yash",   "zsh"});
static_assert(std::ranges::is_sorted(kShells));

constexpr auto kScriptShells =
    std::to_array<std::string_view>({"ash", "bash", "dash", "ksh", "mksh", "rbash", "sh", "yash", "zsh"});
constexpr auto kShellOptionsWithValue =
    std::to_array<std::string_view>({"--init-file", "--rcfile", "+O", "+o", "-O", "-o"});

// Programs that run the command in their arguments, behind their options and a number of other words.
struct Wrapper {
  std::string_view name;
  std::string_view options_with_value;  // letters
  int operands = 0;
  bool has_variables = false;  // NAME=value before the command
};
constexpr auto kWrappers = std::to_array<Wrapper>({
    {.name = "builtin", .options_with_value = ""},
    {.name = "busybox", .options_with_value = ""},
    {.name = "command", .options_with_value = ""},
    {.name = "env", .options_with_value = "uC", .has_variables = true},
    {.name = "exec", .options_with_value = "a"},
    {.name = "ionice", .options_with_value = "cn"},
    {.name = "nice", .options_with_value = "n"},
    {.name = "nohup", .options_with_value = ""},
    {.name = "setsid", .options_with_value = ""},
    {.name = "stdbuf", .options_with_value = "ioe"},
    {.name = "time", .options_with_value = "fo"},
    {.name = "timeout", .options_with_value = "ks", .operands = 1},
    {.name = "toybox", .options_with_value = ""},
    {.name = "xargs", .options_with_value = "EILPadns"},
});

std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

bool is_simple(std::string_view first) {
  return !first.empty() && first.find('=') == std::string_view::npos &&
         std::ranges::find(kNotSimple, first) == kNotSimple.end();
}

bool is_posix_shell(std::string_view name) {
  return name == "ash" || name == "dash" || name == "sh";
}

// What bash takes as an expression or a quote, and these as commands.
bool is_read_alike(std::string_view script) {
  constexpr std::array<std::string_view, 3> kOfBash{"((", "[[", "$'"};
  return std::ranges::none_of(kOfBash,
                              [&](std::string_view one) { return script.find(one) != std::string_view::npos; });
}

struct Token {
  enum class Kind : std::uint8_t { word, line_end, semicolon, joiner, end };
  Kind kind = Kind::end;
  std::string word = {};
};

class Lexer {
 public:
  explicit Lexer(std::string_view line) : line_(line) {}

  // Fails at the first byte that is not understood; nothing may be asked after that.
  Result<Token> next() {
    at_ = std::min(line_.find_first_not_of(" \t", at_), line_.size());
    if (at_ == line_.size()) return Token{};
    const char c = line_[at_];
    if (c == '\n') return operator_of(1, Token::Kind::line_end);
    if (c == ';') return operator_of(1, Token::Kind::semicolon);
    const std::string_view two = line_.substr(at_, 2);
    if (two == "&&" || two == "||") return operator_of(2, Token::Kind::joiner);
    if (c == '|') return operator_of(1, Token::Kind::joiner);
    if (c == '&') return refused("begins a command in the background");
    return word();
  }

 private:
  Token operator_of(std::size_t size, Token::Kind kind) {
    at_ += size;
    return Token{.kind = kind};
  }

  Result<Token> word() {
    Token token{.kind = Token::Kind::word};
    if (line_[at_] == '=') return refused("has a meaning of its own at the beginning of a word");
    while (at_ < line_.size() && line_[at_] != ' ' && line_[at_] != '\t' &&
           kOperators.find(line_[at_]) == std::string_view::npos) {
      const char c = line_[at_];
      if (c == '\'')
        TRY(single_quoted(token.word));
      else if (c == '"')
        TRY(double_quoted(token.word));
      else if (c == '\\')
        TRY(escaped(token.word));
      else if (kPlain.find(c) == std::string_view::npos)
        return refused("has a meaning of its own");
      else
        token.word += line_[at_++];
    }
    return token;
  }

  Result<void> single_quoted(std::string& word) {
    const std::size_t end = line_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return refused("opens quotes that are not closed");
    word.append(line_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return {};
  }

  Result<void> double_quoted(std::string& word) {
    const std::size_t open = at_++;
    for (; at_ < line_.size(); ++at_) {
      const char c = line_[at_];
      if (c == '$' || c == '`') return refused("begins an expansion");
      if (c == '"') {
        ++at_;
        return {};
      }
      const bool is_escape = c == '\\' && at_ + 1 < line_.size() &&
                             std::string_view("$`\"\\\n").find(line_[at_ + 1]) != std::string_view::npos;
      if (is_escape && line_[++at_] == '\n') return refused("continues a line");
      word += line_[at_];
    }
    at_ = open;
    return refused("opens quotes that are not closed");
  }

  Result<void> escaped(std::string& word) {
    if (at_ + 1 == line_.size() || line_[at_ + 1] == '\n') return refused("continues a line");
    word += line_[at_ + 1];
    at_ += 2;
    return {};
  }

  std::unexpected<base::Error> refused(std::string_view why) const {
    const auto byte = static_cast<unsigned char>(line_[at_]);
    const std::string shown =
        byte >= 0x20 && byte < 0x7f ? "'" + std::string(1, line_[at_]) + "'" : "byte " + std::to_string(byte);
    return fail(ErrorCode::invalid_argument, shown + " at column " + std::to_string(at_ + 1) + " " + std::string(why),
                "put single quotes around what shall stay as it is");
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

std::string single_quotes(std::string_view word) {
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

}  // namespace

std::string quote(std::string_view word) {
  const bool is_plain =
      !word.empty() && word.front() != '=' && word.find_first_not_of(kPlain) == std::string_view::npos;
  return is_plain ? std::string(word) : single_quotes(word);
}

std::string join(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    const bool is_first = &word == &words.front();
    out.append(is_first ? "" : " ").append(is_first && !is_simple(word) ? single_quotes(word) : quote(word));
  }
  return out;
}

Result<std::vector<std::string>> split(std::string_view line) {
  if (line.find('\0') != std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "the command line holds a NUL byte");
  std::vector<std::string> words;
  Lexer lexer(line);
  while (true) {
    Token token = TRY(lexer.next());
    if (token.kind == Token::Kind::end) return words;
    if (token.kind != Token::Kind::word) {
      return fail(ErrorCode::invalid_argument, "the line holds more than the command '" + join(words) + "'",
                  "quote what belongs to a word, or run `sh -c` with the line");
    }
    words.push_back(std::move(token.word));
  }
}

std::optional<std::vector<std::vector<std::string>>> simple_commands(std::string_view script) {
  if (script.find('\0') != std::string_view::npos) return std::nullopt;
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> words;
  bool needs_more = false;  // after a joiner
  Lexer lexer(script);
  while (true) {
    Result<Token> token = lexer.next();
    if (!token) return std::nullopt;
    if (token->kind == Token::Kind::word) {
      words.push_back(std::move(token->word));
      needs_more = false;
      continue;
    }
    const bool may_be_empty = token->kind == Token::Kind::line_end || (token->kind == Token::Kind::end && !needs_more);
    if (words.empty() ? !may_be_empty : !is_simple(words.front())) return std::nullopt;
    if (!words.empty()) commands.push_back(std::exchange(words, {}));
    if (token->kind == Token::Kind::end) return commands;
    needs_more = needs_more || token->kind == Token::Kind::joiner;
  }
}

std::optional<std::string> shell_script(std::span<const std::string> words) {
  if (words.size() > 1 && words[0] == "eval") {
    std::string line = words[1];
    for (const std::string& word : words.subspan(2)) line.append(" ").append(word);
    return line;
  }
  if (words.size() > 2 && words[0] == "trap") return words[1];
  if (words.empty() || std::ranges::find(kScriptShells, name_of(words[0])) == kScriptShells.end()) return std::nullopt;
  bool has_script = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_option = word.size() > 1 && (word[0] == '-' || word[0] == '+') && word != "--";
    if (!is_option) {
      const std::size_t at = word == "--" || word == "-" ? i + 1 : i;
      return has_script && at < words.size() ? std::optional(words[at]) : std::nullopt;
    }
    if (std::ranges::find(kShellOptionsWithValue, word) != kShellOptionsWithValue.end()) ++i;
    has_script = has_script || (word[0] == '-' && word[1] != '-' && word.find('c') != std::string::npos);
  }
  return std::nullopt;
}

std::optional<ShellCommands> shell_commands(std::span<const std::string> words) {
  const std::optional<std::string> script = shell_script(words);
  if (!script) return std::nullopt;
  const auto simple = simple_commands(*script);
  ShellCommands found{.commands = {}, .is_understood = simple.has_value(), .is_certain = simple.has_value()};
  // Other shells read some of it differently, but what is a command to bash is judged all the same.
  constexpr std::array<std::string_view, 4> kBash{"bash", "eval", "rbash", "trap"};
  const bool is_bash = std::ranges::find(kBash, name_of(words[0])) != kBash.end();
  const bool is_alike = is_bash || (is_posix_shell(name_of(words[0])) && is_read_alike(*script));
  const Result<BashScript> parsed = parse_bash(*script);
  if (!parsed) {
    found.commands = simple.value_or(std::vector<std::vector<std::string>>{});
    return found;
  }
  found.is_understood = found.is_understood || is_alike;
  found.is_certain = found.is_certain || (is_alike && parsed->functions.empty());
  for (const BashCommand& command : parsed->commands) {
    if (command.words.empty()) continue;  // its substitutions are commands of their own
    std::vector<std::string> texts;
    for (const BashWord& word : command.words) texts.push_back(word.text);
    const bool is_fixed = std::ranges::all_of(command.words, &BashWord::is_fixed);
    found.is_certain = found.is_certain && is_fixed && command.assignments.empty() && is_simple(texts[0]);
    if (!is_bash && texts[0] == "alias") found.is_understood = false;  // later words may be other programs
    found.commands.push_back(std::move(texts));
  }
  return found;
}

std::vector<std::string> wrapped_command(std::span<const std::string> words) {
  if (words.empty()) return {};
  const auto* wrapper = std::ranges::find(kWrappers, name_of(words[0]), &Wrapper::name);
  if (wrapper == kWrappers.end()) return {};
  int operands = wrapper->operands;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.starts_with('-')) {
      const bool takes_next = word.size() == 2 && wrapper->options_with_value.find(word[1]) != std::string_view::npos;
      if (takes_next) ++i;
    } else if (!(wrapper->has_variables && word.find('=') != std::string::npos) && operands-- == 0) {
      return {words.begin() + static_cast<std::ptrdiff_t>(i), words.end()};
    }
  }
  return {};
}

bool is_shell(std::string_view program) {
  std::string_view name = name_of(program);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  return std::ranges::binary_search(kShells, name);
}

}  // namespace lilux::text
