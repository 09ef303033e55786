#include "text/shell.h"

#include <algorithm>
#include <array>

namespace lilux::text {

namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";

constexpr auto kShells =
    std::to_array<std::string_view>({"ash",  "bash", "busybox",  "csh",   "dash",  "elvish", "eval",   "fish", "ksh",
                                     "mksh", "nu",   "parallel", "pwsh",  "rbash", "rsh",    "script", "sh",   "ssh",
                                     "su",   "tcsh", "toybox",   "watch", "xonsh", "yash",   "zsh"});
static_assert(std::ranges::is_sorted(kShells));

// First words that begin something other than a simple command, or change how words after them are read or found.
constexpr auto kReserved = std::to_array<std::string_view>(
    {"!",    "[[",        "alias",    "bind",    "builtin", "case",  "chroot", "command", "coproc", "declare",
     "do",   "done",      "elif",     "else",    "enable",  "esac",  "eval",   "exec",    "export", "fc",
     "fi",   "for",       "function", "getopts", "hash",    "if",    "in",     "let",     "local",  "mapfile",
     "read", "readarray", "readonly", "select",  "set",     "shift", "shopt",  "source",  "then",   "time",
     "trap", "typeset",   "unalias",  "unset",   "until",   "while", "{",      "}"});

// Reads a line byte by byte; `is_ok_` falls at the first thing that is not understood.
class Reader {
 public:
  enum class Operators : bool { refused, taken };
  Reader(std::string_view line, Operators operators) : line_(line), operators_(operators) {}

  // Nothing when a part was not understood.
  std::optional<std::vector<std::vector<std::string>>> read() {
    while (is_ok_ && at_ < line_.size()) step();
    end_command();
    if (!is_ok_ || is_more_needed_) return std::nullopt;
    return std::move(commands_);
  }

 private:
  void step() {
    const char c = line_[at_];
    switch (c) {
      case ' ':
      case '\t':
        end_word();
        ++at_;
        break;
      case '\'': single_quoted(); break;
      case '"': double_quoted(); break;
      case '\\': escaped(); break;
      case '\n':
      case ';':
      case '&':
      case '|': take_operator(c); break;
      default: plain(c);
    }
  }

  void plain(char c) {
    if (kPlain.find(c) == std::string_view::npos) return refuse();
    word_ += c;
    has_word_ = true;
    ++at_;
  }

  void escaped() {
    if (at_ + 1 >= line_.size() || line_[at_ + 1] == '\n') return refuse();
    word_ += line_[at_ + 1];
    has_word_ = true;
    at_ += 2;
  }

  void single_quoted() {
    const std::size_t end = line_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return refuse();
    word_.append(line_.substr(at_ + 1, end - at_ - 1));
    has_word_ = true;
    at_ = end + 1;
  }

  // Plain text only; what double quotes let through to the shell is refused.
  void double_quoted() {
    const std::size_t end = line_.find_first_of("\"$`\\!", at_ + 1);
    if (end == std::string_view::npos || line_[end] != '"') return refuse();
    word_.append(line_.substr(at_ + 1, end - at_ - 1));
    has_word_ = true;
    at_ = end + 1;
  }

  void take_operator(char c) {
    if (operators_ == Operators::refused) return refuse();
    const bool is_double = at_ + 1 < line_.size() && line_[at_ + 1] == c;
    const bool is_pipe = c == '|' && !is_double;
    const bool is_list = (c == '&' || c == '|') && is_double;
    if (c == '\n') {
      end_command();
      is_more_needed_ = is_more_needed_ && had_nothing_;
    } else if ((c == ';' && !is_double) || is_pipe || is_list) {
      end_command();
      if (had_nothing_) return refuse();
      is_more_needed_ = c != ';';
    } else {
      return refuse();
    }
    at_ += is_list ? 2 : 1;
  }

  void end_word() {
    if (!has_word_) return;
    if (operators_ == Operators::taken && words_.empty()) {
      const bool is_reserved = std::ranges::find(kReserved, word_) != kReserved.end() || word_ == ".";
      if (is_reserved || word_.empty() || word_.find('=') != std::string::npos) refuse();
    }
    words_.push_back(std::move(word_));
    word_.clear();
    has_word_ = false;
  }

  void end_command() {
    end_word();
    had_nothing_ = words_.empty();
    if (had_nothing_) return;
    // printf -v sets a variable, PATH for one.
    if (operators_ == Operators::taken && words_[0] == "printf" && words_.size() > 1 && words_[1].starts_with("-v"))
      refuse();
    commands_.push_back(std::move(words_));
    words_.clear();
    is_more_needed_ = false;
  }

  void refuse() { is_ok_ = false; }

  std::string_view line_;
  Operators operators_;
  std::size_t at_ = 0;
  bool is_ok_ = true;
  bool has_word_ = false;
  bool had_nothing_ = false;     // the command that just ended was empty
  bool is_more_needed_ = false;  // after && || |
  std::string word_;
  std::vector<std::string> words_;
  std::vector<std::vector<std::string>> commands_;
};

}  // namespace

std::string quote(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string join(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    if (&word != words.data()) out += ' ';
    out += quote(word);
  }
  return out;
}

std::optional<std::vector<std::string>> split(std::string_view line) {
  auto commands = Reader(line, Reader::Operators::refused).read();
  if (!commands) return std::nullopt;
  if (commands->empty()) return std::vector<std::string>{};
  return std::move(commands->front());
}

std::optional<std::vector<std::vector<std::string>>> simple_commands(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return std::nullopt;
  return Reader(line, Reader::Operators::taken).read();
}

bool is_shell(std::string_view program) {
  std::string_view name = program.substr(program.rfind('/') + 1);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  return std::ranges::binary_search(kShells, name);
}

}  // namespace lilux::text
