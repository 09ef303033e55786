#include "text/inner_scripts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lilux::text {

namespace {

using Span = std::span<const std::string>;
using Name = std::string_view;

constexpr auto kLanguages =
    std::to_array<Name>({"awk", "gawk", "lua", "mawk", "nawk", "node", "perl", "php", "python", "ruby"});
constexpr auto kInputLanguages =  // without arguments they read a program, as with these
    std::to_array<Name>({"lua", "node", "nodejs", "perl", "php", "python", "ruby", "tclsh", "wish"});
constexpr auto kInputOptions = std::to_array<Name>({"-B", "-E", "-I", "-S", "-i", "-q", "-s", "-u", "-w"});
constexpr auto kWaysToRun = std::to_array<Name>(
    {"system", "exec", "popen", "spawn", "subprocess", "`", "qx", "|\"", "\"|", "|'", "'|", "|getline"});

constexpr auto kVims = std::to_array<Name>({"ex", "gvim", "nvim", "rview", "rvim", "vi", "view", "vim", "vimdiff"});
constexpr auto kVimWays = std::to_array<Name>(
    {"system", "job", "term", "exe", "source", "py", "lua", "ruby", "perl", "tcl", "mz", "libcall", "feedkeys"});

constexpr auto kGdbOptions = std::to_array<Name>({"eval-command", "ex", "iex", "init-eval-command"});
constexpr auto kGdbWays =
    std::to_array<Name>({"python", "py", "guile", "gu", "source", "pipe", "compile", "|", "(", "`", "$(", "shell"});

constexpr auto kSshPrograms = std::to_array<Name>({"scp", "sftp", "slogin", "ssh", "ssh-copy-id", "sshfs"});
constexpr auto kSshSettings = std::to_array<Name>({"knownhostscommand", "localcommand", "match", "proxycommand"});

// Last parts of the names of git's settings.
constexpr auto kGitRuns = std::to_array<Name>({"alternaterefscommand",
                                               "askpass",
                                               "clean",
                                               "cmd",
                                               "command",
                                               "defaultkeycommand",
                                               "difffilter",
                                               "driver",
                                               "editor",
                                               "external",
                                               "fsmonitor",
                                               "gitproxy",
                                               "helper",
                                               "packobjectshook",
                                               "pager",
                                               "process",
                                               "program",
                                               "receivepack",
                                               "smudge",
                                               "sshcommand",
                                               "textconv",
                                               "uploadpack"});
constexpr auto kGitHides = std::to_array<Name>({"core.hookspath", "include.path", "protocol.ext.allow"});
constexpr auto kGitScripts =
    std::to_array<Name>({"--commit-filter", "--env-filter", "--exec", "--extcmd", "--index-filter", "--msg-filter",
                         "--parent-filter", "--receive-pack", "--tag-name-filter", "--tree-filter", "--upload-pack"});
constexpr auto kGitValues = std::to_array<Name>(
    {"--attr-source", "--config-env", "--git-dir", "--namespace", "--super-prefix", "--work-tree", "-C", "-c"});

constexpr auto kScriptVariables = std::to_array<Name>({"BROWSER",
                                                       "EDITOR",
                                                       "FCEDIT",
                                                       "GIT_ASKPASS",
                                                       "GIT_EDITOR",
                                                       "GIT_EXTERNAL_DIFF",
                                                       "GIT_PAGER",
                                                       "GIT_PROXY_COMMAND",
                                                       "GIT_SEQUENCE_EDITOR",
                                                       "GIT_SSH",
                                                       "GIT_SSH_COMMAND",
                                                       "LESSCLOSE",
                                                       "LESSOPEN",
                                                       "MANPAGER",
                                                       "PAGER",
                                                       "RSYNC_RSH",
                                                       "SSH_ASKPASS",
                                                       "SUDO_ASKPASS",
                                                       "SUDO_EDITOR",
                                                       "SYSTEMD_PAGER",
                                                       "VISUAL"});

bool is_among(std::span<const Name> names, Name name) {
  return std::ranges::find(names, name) != names.end();
}

bool has_any(Name text, std::span<const Name> ways) {
  return std::ranges::any_of(ways, [&](Name way) { return text.find(way) != Name::npos; });
}

Name name_of(Name program) {
  return program.substr(program.rfind('/') + 1);
}

// Without a version: python3.11 is python.
Name language_of(Name program) {
  const Name name = name_of(program);
  return name.substr(0, name.find_last_not_of("0123456789.") + 1);
}

std::string lower(Name text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return made;
}

Name trimmed(Name text) {
  const std::size_t begin = text.find_first_not_of(" \t\n:");
  return begin == Name::npos ? Name() : text.substr(begin);
}

bool is_input(Name file) {
  return file == "-" || file == "/dev/stdin" || file == "/dev/fd/0" || file == "/proc/self/fd/0";
}

// A script of sed: where each command ends, and what e runs.
class SedScript {
 public:
  SedScript(Name text, InnerScripts& found) : text_(text), found_(found) {}

  void read() {
    while (at_ < text_.size() && !found_.hides) command();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip(Name bytes) { at_ = std::min(text_.find_first_not_of(bytes, at_), text_.size()); }
  Name until(Name ends) {
    const std::size_t begin = std::min(at_, text_.size());
    at_ = std::min(text_.find_first_of(ends, begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  // Up to the delimiter, which stands for itself in brackets.
  void part(char delimiter, bool is_pattern) {
    for (; at_ < text_.size() && text_[at_] != delimiter; ++at_) {
      if (text_[at_] == '\\') ++at_;
      if (peek() != '[' || text_[at_ - 1] == '\\' || !is_pattern) continue;
      std::size_t end = at_ + 1;
      if (end < text_.size() && text_[end] == '^') ++end;
      end = text_.find(']', end + 1);
      if (end != Name::npos) at_ = end;
    }
    if (at_ >= text_.size()) found_.hides = true;
    ++at_;
  }

  void addresses() {
    for (;;) {
      skip(" \t\n;,$~+!0123456789");
      if (peek() == '\\')
        ++at_;
      else if (peek() != '/')
        return;
      const char delimiter = peek();
      ++at_;
      part(delimiter, true);
      skip("IM");
    }
  }

  // Text of a, i and c, and names of files, go on to the end of the line.
  void line() {
    while (at_ < text_.size() && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
  }

  void command() {
    addresses();
    if (at_ >= text_.size()) return;
    const char letter = text_[at_++];
    if (letter == 's' || letter == 'y') {
      const char delimiter = peek();
      ++at_;
      part(delimiter, letter == 's');
      part(delimiter, false);
      const Name flags = until(" \t\n;}w#");
      found_.hides = found_.hides || flags.find('e') != Name::npos;  // it runs what the line has become
      if (peek() == 'w') line();
    } else if (letter == 'e') {
      const Name run = trimmed(until("\n"));
      found_.hides = found_.hides || run.empty();
      if (!run.empty()) found_.scripts.emplace_back(run);
    } else if (Name("aicrRwW").find(letter) != Name::npos) {
      line();
    } else if (letter == '#') {
      until("\n");
    } else if (Name("btT:v").find(letter) != Name::npos) {
      until("\n;}");
    } else {
      found_.hides = found_.hides || Name("{}=dDgGhHlLnNpPqQxzF").find(letter) == Name::npos;
    }
  }

  Name text_;
  std::size_t at_ = 0;
  InnerScripts& found_;
};

// The value of an option at words[at], in a word with others or the next one, and which word it ends.
struct Given {
  std::string value;
  std::size_t last = 0;
};
struct Option {
  Name letter;
  Name others;  // letters behind which a value stands
  Name name;
};
std::optional<Given> given(const Option& option, Span words, std::size_t at) {
  const std::string& word = words[at];
  const std::string next = at + 1 < words.size() ? words[at + 1] : "";
  if (word.starts_with("--")) {
    const std::size_t equals = std::min(word.find('='), word.size());
    if (equals < 3 || !option.name.starts_with(Name(word).substr(0, equals))) return std::nullopt;
    return equals < word.size() ? Given{word.substr(equals + 1), at} : Given{next, at + 1};
  }
  if (!word.starts_with('-')) return std::nullopt;
  const std::size_t letter = word.find_first_of(std::string(option.letter) + std::string(option.others), 1);
  if (letter == std::string::npos || Name(word).substr(letter, 1) != option.letter) return std::nullopt;
  return letter + 1 < word.size() ? Given{word.substr(letter + 1), at} : Given{next, at + 1};
}

constexpr Option kSedScript{.letter = "e", .others = "fil", .name = "--expression"};
constexpr Option kSedFile{.letter = "f", .others = "eil", .name = "--file"};
constexpr Option kSedLength{.letter = "l", .others = "efi", .name = "--line-length"};

void read_sed(Span words, InnerScripts& found) {
  std::string script;
  std::size_t decisive = 0;
  std::size_t first = 0;
  bool has_script = false;
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (const auto inside = given(kSedScript, words, at)) {
      script += inside->value + "\n";
      decisive = at = inside->last;
      has_script = true;
    } else if (const auto file = given(kSedFile, words, at)) {
      found.hides = found.hides || is_input(file->value);
      at = file->last;
      has_script = true;
    } else if (const auto length = given(kSedLength, words, at)) {
      at = length->last;
    } else if (first == 0 && !words[at].starts_with('-')) {
      first = at;
    }
  }
  if (!has_script && first > 0) script = words[decisive = first];
  SedScript(script, found).read();
  if (!found.scripts.empty()) found.decisive = decisive + 1;
}

// What stands behind ! runs, up to the end of the line; behind q! and the like there is nothing.
void read_vim_command(Name text, InnerScripts& found) {
  for (std::size_t at = text.find('!'); at != Name::npos; at = text.find('!', at + 1)) {
    const Name run = trimmed(text.substr(at + 1, text.find('\n', at) - at - 1));
    if (!run.empty() && run[0] != '|') found.scripts.emplace_back(run);
  }
  found.hides = found.hides || has_any(text, kVimWays);
}

void read_vim(Span words, InnerScripts& found) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const bool is_long = words[at] == "--cmd" && at + 1 < words.size();
    const auto option = given({.letter = "c", .others = "STUWirtuw", .name = "--"}, words, at);
    if (!is_long && !option && !words[at].starts_with('+')) continue;
    const std::string said = is_long ? words[at + 1] : option ? option->value : words[at].substr(1);
    at = is_long ? at + 1 : option ? option->last : at;
    read_vim_command(said, found);
    found.decisive = at + 1;
  }
}

void read_gdb_command(Name text, InnerScripts& found) {
  const Name said = trimmed(text);
  const Name verb = said.substr(0, said.find_first_of(" \t\n"));
  const bool is_shell = verb.size() > 1 && Name("shell").starts_with(verb);
  if (said.starts_with('!')) {
    found.scripts.emplace_back(said.substr(1));
  } else if (is_shell || verb == "make") {
    found.scripts.emplace_back(is_shell ? said.substr(verb.size()) : said);
  } else {
    found.hides = found.hides || has_any(said, kGdbWays) || has_any(said, kWaysToRun);
  }
}

void read_gdb(Span words, InnerScripts& found) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const Name word = words[at];
    const std::size_t dashes = std::min({word.find_first_not_of('-'), word.size(), std::size_t{2}});
    const std::size_t equals = std::min(word.find('='), word.size());
    if (!word.starts_with('-') || !is_among(kGdbOptions, word.substr(dashes, equals - dashes))) continue;
    const bool is_next = equals == word.size() && at + 1 < words.size();
    read_gdb_command(is_next ? Name(words[++at]) : word.substr(std::min(equals + 1, word.size())), found);
    found.decisive = at + 1;
  }
}

void read_ssh(Span words, InnerScripts& found) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const auto setting = given({.letter = "o", .others = "BDEFIJLPQRSWbceilmpw", .name = "--"}, words, at);
    if (!setting) continue;
    at = setting->last;
    const Name said = trimmed(setting->value);
    const std::size_t end = std::min(said.find_first_of("= \t"), said.size());
    if (!is_among(kSshSettings, lower(said.substr(0, end)))) continue;
    const std::size_t value = std::min(said.find_first_not_of("= \t", end), said.size());
    found.scripts.emplace_back(said.substr(value));
    found.decisive = at + 1;
  }
}

// An alias is a shell's line behind !, else words for git itself.
void read_git_setting(Name setting, InnerScripts& found) {
  const std::size_t equals = setting.find('=');
  if (equals == Name::npos) return;
  const std::string name = lower(setting.substr(0, equals));
  const Name value = setting.substr(equals + 1);
  const Name last = Name(name).substr(name.rfind('.') + 1);
  found.hides = found.hides || is_among(kGitHides, name);
  if (value.starts_with('!'))
    found.scripts.emplace_back(value.substr(1));
  else if (name.starts_with("alias."))
    found.scripts.emplace_back("git " + std::string(value));
  else if (name.starts_with("pager.") || is_among(kGitRuns, last))
    found.scripts.emplace_back(value);
}

// Options of git itself, without which it is the same command.
void add_plain_git(Span words, InnerScripts& found) {
  std::size_t at = 1;
  while (at < words.size() && words[at].starts_with('-')) at += is_among(kGitValues, words[at]) ? 2 : 1;
  if (at == 1 || at >= words.size()) return;
  std::vector<std::string>& plain = found.commands.emplace_back();
  plain.push_back(words[0]);
  plain.insert(plain.end(), words.begin() + std::ptrdiff_t(at), words.end());
}

// Long options may be cut short.
bool is_git_script(Name option) {
  const auto is_meant = [&](Name script) { return script.starts_with(option); };
  return option.size() > 3 && option.starts_with("--") && std::ranges::any_of(kGitScripts, is_meant);
}

void read_git(Span words, InnerScripts& found) {
  add_plain_git(words, found);
  bool clones = false;
  for (std::size_t at = 1; at < words.size(); ++at) {
    const Name word = words[at];
    const Name option = word.substr(0, word.find('='));
    const bool is_attached = option.size() < word.size();
    clones = clones || word == "clone";
    if (option == "--config-env") {
      found.hides = true;
    } else if (word == "-c" || option == "--config") {
      if (!is_attached && ++at >= words.size()) return;
      read_git_setting(is_attached ? word.substr(option.size() + 1) : Name(words[at]), found);
    } else if (is_git_script(option) || (clones && word == "-u")) {
      if (!is_attached && ++at >= words.size()) return;
      found.scripts.emplace_back(is_attached ? word.substr(option.size() + 1) : Name(words[at]));
    } else if (word == "foreach" || (word == "run" && words[at - 1] == "bisect")) {
      std::string line;
      for (const std::string& one : words.subspan(at + 1)) line += one + " ";
      found.scripts.push_back(std::move(line));
      at = words.size();
    } else if (word == "-x" && at + 1 < words.size() && !words[at + 1].starts_with('-')) {
      found.scripts.push_back(words[++at]);  // of rebase and difftool; elsewhere it is a flag, and this a name
    } else {
      continue;
    }
    found.decisive = at + 1;
  }
}

}  // namespace

Name script_in_variable(Name assignment) {
  const std::size_t equals = assignment.find('=');
  return equals != Name::npos && is_among(kScriptVariables, assignment.substr(0, equals))
             ? assignment.substr(equals + 1)
             : Name();
}

InnerScripts inner_scripts(Span words) {
  InnerScripts found;
  if (words.empty()) return found;
  const Name name = name_of(words[0]);
  if (name == "sed" || name == "gsed") read_sed(words, found);
  if (name == "git") read_git(words, found);
  if (name == "gdb") read_gdb(words, found);
  if (is_among(kVims, name)) read_vim(words, found);
  if (is_among(kSshPrograms, name)) read_ssh(words, found);
  if (name == "ed" && words.size() > 1 && words.back().starts_with('!')) {
    found.scripts.push_back(words.back().substr(1));
    found.decisive = words.size();
  }
  return found;
}

bool reads_program(Span words) {
  const Name name = name_of(words[0]);
  const auto any = [&](auto is_meant) { return std::ranges::any_of(words.subspan(1), is_meant); };
  if (name == "ed" || name == "red" || name == "ex") return true;
  if (name == "gdb") return !any([](Name word) { return word == "--batch" || word == "-batch"; });
  if (is_among(kVims, name))
    return any([](Name word) { return word.starts_with("-e") || word.starts_with("-E") || word == "-s"; });
  if (language_of(name).ends_with("awk") && any(is_input))
    return any([](Name word) { return word == "-f" || word == "--file"; });
  if (!is_among(kInputLanguages, language_of(name))) return false;
  std::size_t at = 1;
  while (at < words.size() && is_among(kInputOptions, words[at])) ++at;
  return at == words.size() || is_input(words[at]);
}

bool takes_programs(Name interpreter) {
  return is_among(kLanguages, language_of(interpreter));
}

bool may_run_others(Name interpreter, std::string program) {
  const Name name = name_of(interpreter);
  const bool is_editor = name == "ed" || name == "red" || name == "gdb" || is_among(kVims, name);
  if (is_editor && program.find('!') != std::string::npos) return true;
  if (is_among(kVims, name) && has_any(program, kVimWays)) return true;
  if (name == "gdb" && has_any(program, kGdbWays)) return true;
  if (language_of(name) == "tclsh" && program.find("open") != std::string::npos) return true;
  std::erase_if(program, [](char c) { return c == ' ' || c == '\t'; });
  return has_any(program, kWaysToRun);
}

}  // namespace lilux::text
