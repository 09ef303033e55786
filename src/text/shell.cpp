#include "text/shell.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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

bool is_simple(std::string_view program) {
  return !program.empty() && program.find('=') == std::string_view::npos &&
         std::ranges::find(kNotSimple, program) == kNotSimple.end();
}

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

}  // namespace lilux::text
