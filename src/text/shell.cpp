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
constexpr auto kShellOptions = std::to_array<std::string_view>(
    {"--debugger", "--login", "--noediting", "--noprofile", "--norc", "--posix", "--restricted", "--verbose"});
constexpr std::string_view kShellFlags = "BCEHPTabcefhiklmnprux";  // alone or together in one word

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

// What later words mean to the shell.
bool changes_words(std::string_view first) {
  return first == "alias" || first == "enable" || first == "hash" || first == "shopt";
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

// What a shell is given to run.
struct Given {
  std::vector<std::string> scripts;
  bool is_sure = true;  // else it may be any of them, or something that is read elsewhere
  bool reads_input = false;
};

std::optional<Given> given_to_shell(std::span<const std::string> words) {
  if (words.empty()) return std::nullopt;
  const std::size_t first = words.size() > 1 && words[1] == "--" ? 2 : 1;
  if (words[0] == "eval" || words[0] == "trap") {
    Given made;
    std::string line;
    for (const std::string& word : words.subspan(std::min(first, words.size()))) line.append(word).append(" ");
    if (words.size() > first) made.scripts.push_back(words[0] == "eval" ? line : words[first]);
    return made;
  }
  if (std::ranges::find(kScriptShells, name_of(words[0])) == kScriptShells.end()) return std::nullopt;
  Given made;
  bool has_script = false;
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    const bool is_end = word == "--" || word == "-";
    if (is_end) ++at;
    if (is_end || word.size() < 2 || (word[0] != '-' && word[0] != '+')) break;
    if (std::ranges::find(kShellOptions, word) != kShellOptions.end()) continue;
    const bool is_flags = word.find_first_not_of(kShellFlags, 1) == std::string::npos && word != "-rcfile";
    if (std::ranges::find(kShellOptionsWithValue, word) != kShellOptionsWithValue.end())
      ++at;
    else if (is_flags)
      has_script = has_script || word.find('c') != std::string::npos;
    else
      made.is_sure = false;
  }
  made.reads_input = !has_script && at >= words.size();
  if (made.is_sure && has_script && at < words.size()) made.scripts.push_back(words[at]);
  if (!made.is_sure) made.scripts.assign(words.begin() + 1, words.end());
  return made;
}

void add_commands(const std::string& script, std::string_view shell, ShellCommands& found) {
  const auto simple = simple_commands(script);
  // Other shells read some of it differently, but what is a command to bash is judged all the same.
  constexpr std::array<std::string_view, 4> kBash{"bash", "eval", "rbash", "trap"};
  const bool is_bash = std::ranges::find(kBash, shell) != kBash.end();
  const bool is_alike = is_bash || (is_posix_shell(shell) && is_read_alike(script));
  const Result<BashScript> parsed = parse_bash(script);
  found.is_understood = found.is_understood && (simple || (parsed && is_alike));
  found.is_certain = found.is_certain && (simple || (parsed && is_alike && parsed->functions.empty()));
  if (!parsed && simple) found.commands.insert(found.commands.end(), simple->begin(), simple->end());
  for (const BashCommand& command : parsed ? parsed->commands : std::vector<BashCommand>{}) {
    found.is_certain = found.is_certain && command.assignments.empty();
    if (command.words.empty()) continue;  // its substitutions are commands of their own
    std::vector<std::string> texts;
    for (const BashWord& word : command.words) texts.push_back(word.text);
    const bool is_fixed = std::ranges::all_of(command.words, &BashWord::is_fixed);
    const bool is_source = texts[0] == "." || texts[0] == "source";
    found.is_certain = found.is_certain && is_fixed && is_simple(texts[0]);
    found.hides_programs = found.hides_programs || !command.words[0].is_fixed || (is_source && !is_fixed);
    if (changes_words(texts[0])) found.is_understood = false;
    found.commands.push_back(std::move(texts));
  }
}

// What env takes apart itself, with the words behind it.
std::vector<std::vector<std::string>> split_strings(std::span<const std::string> words) {
  constexpr std::string_view kLong = "--split-string";
  std::vector<std::vector<std::string>> found;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t letter = word.starts_with('-') && !word.starts_with("--") ? word.find('S') : std::string::npos;
    std::string line;
    if (word.starts_with(kLong))
      line = word.substr(std::min(word.size(), kLong.size() + 1));
    else if (letter != std::string::npos)
      line = word.substr(letter + 1);
    else
      continue;
    if (line.empty() && i + 1 < words.size()) line = words[++i];
    std::vector<std::string> command = split(line).value_or(std::vector{line.substr(0, line.find(' '))});
    command.insert(command.end(), words.begin() + std::ptrdiff_t(i) + 1, words.end());
    if (!command.empty()) found.push_back(std::move(command));
  }
  return found;
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

std::optional<ShellCommands> shell_commands(std::span<const std::string> words) {
  const std::optional<Given> given = given_to_shell(words);
  if (!given || (given->is_sure && given->scripts.empty() && !given->reads_input)) return std::nullopt;
  ShellCommands found{.commands = {},
                      .is_understood = given->is_sure,
                      .hides_programs = given->reads_input,
                      .is_certain = given->is_sure};
  for (const std::string& script : given->scripts) add_commands(script, name_of(words[0]), found);
  return found;
}

std::vector<std::vector<std::string>> wrapped_commands(std::span<const std::string> words) {
  if (words.empty()) return {};
  const auto* wrapper = std::ranges::find(kWrappers, name_of(words[0]), &Wrapper::name);
  if (wrapper == kWrappers.end()) return {};
  const auto from = [&](std::size_t at) {
    return std::vector<std::string>(words.begin() + std::ptrdiff_t(at), words.end());
  };
  bool is_sure = true;
  bool has_options = true;
  int operands = wrapper->operands;
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (has_options && word.size() > 1 && word[0] == '-') {
      has_options = word != "--";
      const std::size_t value = word.find_first_of(wrapper->options_with_value, 1);
      if (word[1] != '-' && value + 1 == word.size()) ++at;
      is_sure = is_sure && (!has_options || word[1] != '-' || word.find('=') != std::string::npos);
    } else if (!(wrapper->has_variables && word.find('=') != std::string::npos) && operands-- == 0) {
      break;
    }
  }
  std::vector<std::vector<std::string>> found;
  if (wrapper->name == "env") found = split_strings(words);
  if (is_sure && at < words.size()) found.push_back(from(at));
  for (std::size_t i = 1; !is_sure && i < words.size(); ++i) {
    if (!words[i].starts_with('-')) found.push_back(from(i));
  }
  return found;
}

bool is_shell(std::string_view program) {
  std::string_view name = name_of(program);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  return std::ranges::binary_search(kShells, name);
}

}  // namespace lilux::text
