#include "text/inner_commands.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>

#include "text/bash.h"
#include "text/inner_scripts.h"
#include "text/shell.h"

namespace lilux::text {

using base::Result;

namespace {

using Words = std::vector<std::string>;
using Span = std::span<const std::string>;

// Programs that read a command line from their arguments, here or elsewhere.
constexpr auto kShells =
    std::to_array<std::string_view>({"ash",  "bash", "busybox",  "csh",   "dash",  "elvish", "eval",   "fish", "ksh",
                                     "mksh", "nu",   "parallel", "pwsh",  "rbash", "rsh",    "script", "sh",   "ssh",
                                     "su",   "tcsh", "toybox",   "watch", "xonsh", "yash",   "zsh"});
static_assert(std::ranges::is_sorted(kShells));

constexpr auto kScriptShells =
    std::to_array<std::string_view>({"ash", "bash", "dash", "ksh", "mksh", "rbash", "sh", "yash", "zsh"});
// With another language and other options.
constexpr auto kOtherShells = std::to_array<std::string_view>({"csh", "elvish", "fish", "nu", "pwsh", "tcsh", "xonsh"});
constexpr auto kShellOptionsWithValue =
    std::to_array<std::string_view>({"--init-file", "--rcfile", "+O", "+o", "-O", "-o"});
constexpr auto kShellOptions = std::to_array<std::string_view>(
    {"--debugger", "--login", "--noediting", "--noprofile", "--norc", "--posix", "--restricted", "--verbose"});
constexpr std::string_view kShellFlags = "BCEHPTabcefhiklmnprux";  // alone or together in one word

// Builtins that run what stands in a file or in the history, or change what later words run; programs of whose
// arguments it takes more to tell what they run.
constexpr auto kHiding = std::to_array<std::string_view>(
    {".", "alias", "at", "batch", "bind", "enable", "expect", "fc", "history", "parallel", "shopt", "source"});

// Options whose value is a command line.
struct ScriptOption {
  std::string_view program;
  std::string_view letter;
  std::string_view name = {};
};
constexpr auto kScriptOptions = std::to_array<ScriptOption>({
    {"capsh", "c"},
    {"compgen", "C"},
    {"complete", "C"},
    {"flock", "c", "--command"},
    {"install", "", "--strip-program"},
    {"mapfile", "C"},
    {"readarray", "C"},
    {"runuser", "c", "--command"},
    {"runuser", "", "--session-command"},
    {"script", "c", "--command"},
    {"sg", "c"},
    {"sort", "", "--compress-program"},
    {"split", "", "--filter"},
    {"su", "c", "--command"},
    {"su", "", "--session-command"},
    {"tar", "F", "--info-script"},
    {"tar", "I", "--use-compress-program"},
    {"tar", "", "--checkpoint-action"},
    {"tar", "", "--new-volume-script"},
    {"tar", "", "--rmt-command"},
    {"tar", "", "--rsh-command"},
    {"tar", "", "--to-command"},
    {"zip", "TT", "--unzip-command"},
});

// Programs that run the command in their arguments, behind their options and a number of other words.
struct Wrapper {
  std::string_view name;
  std::string_view options_with_value;  // letters
  int operands = 0;
  bool has_variables = false;  // NAME=value before the command
  bool is_known = true;        // else the command may begin at any word
};
constexpr auto kWrappers = std::to_array<Wrapper>({
    {.name = "builtin", .options_with_value = ""},
    {.name = "busybox", .options_with_value = ""},
    {.name = "bwrap", .options_with_value = "", .is_known = false},
    {.name = "capsh", .options_with_value = "", .is_known = false},
    {.name = "choom", .options_with_value = "np"},
    {.name = "chroot", .options_with_value = "", .operands = 1},
    {.name = "chrt", .options_with_value = "DPT", .operands = 1},
    {.name = "command", .options_with_value = ""},
    {.name = "cpulimit", .options_with_value = "", .is_known = false},
    {.name = "dbus-run-session", .options_with_value = "", .is_known = false},
    {.name = "doas", .options_with_value = "Cau"},
    {.name = "entr", .options_with_value = ""},
    {.name = "env", .options_with_value = "uC", .has_variables = true},
    {.name = "exec", .options_with_value = "a"},
    {.name = "fakeroot", .options_with_value = "", .is_known = false},
    {.name = "firejail", .options_with_value = "", .is_known = false},
    {.name = "flock", .options_with_value = "Ew", .operands = 1},
    {.name = "gdb", .options_with_value = "", .is_known = false},
    {.name = "i386", .options_with_value = ""},
    {.name = "ionice", .options_with_value = "cn"},
    {.name = "jobs", .options_with_value = ""},
    {.name = "ld.so", .options_with_value = "", .is_known = false},
    {.name = "linux32", .options_with_value = ""},
    {.name = "linux64", .options_with_value = ""},
    {.name = "logsave", .options_with_value = "", .operands = 1},
    {.name = "ltrace", .options_with_value = "", .is_known = false},
    {.name = "nice", .options_with_value = "n"},
    {.name = "nohup", .options_with_value = ""},
    {.name = "nsenter", .options_with_value = "GSt"},
    {.name = "numactl", .options_with_value = "", .is_known = false},
    {.name = "perf", .options_with_value = "", .is_known = false},
    {.name = "pkexec", .options_with_value = "", .is_known = false},
    {.name = "prlimit", .options_with_value = "op"},
    {.name = "proot", .options_with_value = "", .is_known = false},
    {.name = "runcon", .options_with_value = "", .is_known = false},
    {.name = "runuser", .options_with_value = "", .is_known = false},
    {.name = "setarch", .options_with_value = "", .is_known = false},
    {.name = "setpriv", .options_with_value = "", .is_known = false},
    {.name = "setsid", .options_with_value = ""},
    {.name = "ssh-agent", .options_with_value = "Eaot"},
    {.name = "start-stop-daemon", .options_with_value = "", .is_known = false},
    {.name = "stdbuf", .options_with_value = "ioe"},
    {.name = "strace", .options_with_value = "", .is_known = false},
    {.name = "sudo", .options_with_value = "CDRTUghprtu", .has_variables = true},
    {.name = "systemd-run", .options_with_value = "", .is_known = false},
    {.name = "taskset", .options_with_value = "", .operands = 1},
    {.name = "time", .options_with_value = "fo"},
    {.name = "timeout", .options_with_value = "ks", .operands = 1},
    {.name = "toybox", .options_with_value = ""},
    {.name = "uclampset", .options_with_value = "Mmp"},
    {.name = "unbuffer", .options_with_value = ""},
    {.name = "unshare", .options_with_value = "GRSlw"},
    {.name = "valgrind", .options_with_value = "", .is_known = false},
    {.name = "watch", .options_with_value = "nq"},
    {.name = "x86_64", .options_with_value = ""},
    {.name = "xargs", .options_with_value = "EILPadns"},
    {.name = "xvfb-run", .options_with_value = "", .is_known = false},
});
static_assert(std::ranges::is_sorted(kWrappers, {}, &Wrapper::name));

// Without a command they start a shell.
constexpr auto kStartingShells =
    std::to_array<std::string_view>({"chroot", "firejail", "i386", "linux32", "linux64", "newgrp", "nsenter", "runuser",
                                     "script", "setarch", "sg", "su", "sudo", "unshare", "x86_64"});

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

// What words run beside the program that is named first.
struct Inner {
  std::vector<Words> commands;
  std::vector<std::string> scripts;
  std::size_t decisive = 1;  // so many words say what runs, also where fewer stand there yet
  bool is_sure = true;       // else any of the scripts may run, or something else
  bool reads_input = false;
  bool hides = false;  // something that the words do not tell
  std::string reader;  // what reads a program of its language from its input, which is no shell's
};
Inner inner_of(Span words, int depth = 0);

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

Words from(Span words, std::size_t at) {
  return {words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size())), words.end()};
}

std::size_t plus(std::size_t decisive, std::size_t before) {
  return decisive == kAll ? kAll : decisive + before;
}

std::string in_one_line(Span words) {
  std::string line;
  for (const std::string& word : words) line.append(word).append(" ");
  return line;
}

// eval takes all its words as one script, trap its first.
Inner inner_of_builtin(Span words) {
  const std::size_t first = words.size() > 1 && words[1] == "--" ? 2 : 1;
  Inner made{.commands = {}, .scripts = {}, .decisive = kAll};
  if (words.size() > first)
    made.scripts.push_back(words[0] == "eval" ? in_one_line(words.subspan(first)) : words[first]);
  return made;
}

Inner inner_of_shell(Span words) {
  Inner made;
  bool has_script = false;
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    const bool is_end = word == "--" || word == "-";
    if (is_end) ++at;
    if (is_end || word.size() < 2 || (word[0] != '-' && word[0] != '+')) break;
    if (is_among(kShellOptions, word)) continue;
    const bool is_flags = word.find_first_not_of(kShellFlags, 1) == std::string::npos && word != "-rcfile";
    if (is_among(kShellOptionsWithValue, word)) {
      ++at;
      made.hides = made.hides || word.starts_with("--") || (at < words.size() && words[at].starts_with("hist"));
    } else if (is_flags) {
      has_script = has_script || word.find('c') != std::string::npos;
    } else {
      made.is_sure = false;
    }
  }
  const bool is_stream = at < words.size() && (words[at].starts_with("/dev/") || words[at].starts_with("/proc/"));
  made.reads_input = !has_script && (at >= words.size() || is_stream);
  made.decisive = made.is_sure ? at + 1 : kAll;
  if (made.is_sure && has_script && at < words.size()) made.scripts.push_back(words[at]);
  if (!made.is_sure) made.scripts = from(words, 1);
  return made;
}

// A script when it has any options, else a file with one.
Inner inner_of_other_shell(Span words) {
  Inner made{.commands = {}, .scripts = {}, .decisive = 2, .reads_input = words.size() == 1};
  if (words.size() < 2 || !words[1].starts_with('-')) return made;
  made.is_sure = false;
  made.decisive = kAll;
  made.scripts = from(words, 1);
  return made;
}

// The value of the option at words[at], which may be the next word; GNU's long options may be cut short.
std::optional<std::string> value_of(const ScriptOption& option, Span words, std::size_t at) {
  const std::string& word = words[at];
  const std::string next = at + 1 < words.size() ? words[at + 1] : "";
  const std::size_t equals = std::min(word.find('='), word.size());
  if (word.starts_with("--")) {
    if (equals < 3 || !option.name.starts_with(std::string_view(word).substr(0, equals))) return std::nullopt;
    std::string value = equals < word.size() ? word.substr(equals + 1) : next;
    return value.starts_with("exec=") ? value.substr(5) : value;
  }
  const std::size_t letter = word.starts_with('-') && !option.letter.empty() ? word.find(option.letter) : kAll;
  if (letter >= word.size()) return std::nullopt;
  const std::size_t value = letter + option.letter.size();
  return value < word.size() ? word.substr(value) : next;
}

void add_script_options(Span words, Inner& made) {
  for (const ScriptOption& option : kScriptOptions) {
    if (option.program != name_of(words[0])) continue;
    for (std::size_t at = 1; at < words.size(); ++at) {
      std::optional<std::string> value = value_of(option, words, at);
      if (!value) continue;
      made.scripts.push_back(*std::move(value));
      made.decisive = kAll;
    }
  }
}

// What env takes apart itself, with the words behind it; its long options may be cut short.
void add_split_strings(Span words, Inner& made) {
  constexpr std::string_view kLong = "--split-string";
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t equals = std::min(word.find('='), word.size());
    const bool is_long = equals > 2 && kLong.starts_with(std::string_view(word).substr(0, equals));
    const std::size_t letter = word.starts_with('-') && !word.starts_with("--") ? word.find('S') : kAll;
    if (!is_long && letter == kAll) continue;
    std::string line = word.substr(std::min(word.size(), is_long ? equals + 1 : letter + 1));
    if (line.empty() && i + 1 < words.size()) line = words[++i];
    made.hides = made.hides || line.find("${") != std::string::npos;
    for (std::size_t at = 0; at + 1 < line.size(); ++at) {
      constexpr std::string_view kBlanks = "_fnrtv";
      if (line[at] != '\\') continue;
      if (kBlanks.find(line[at + 1]) != std::string_view::npos) line.replace(at, 2, "  ");
      ++at;
    }
    Words command = split(line).value_or(Words{line.substr(0, line.find(' '))});
    command.insert(command.end(), words.begin() + std::ptrdiff_t(i) + 1, words.end());
    if (!command.empty()) made.commands.push_back(std::move(command));
  }
}

// Where the command begins; not sure where long options may have values.
struct Start {
  std::size_t at = 1;
  bool is_sure = true;
};
Start start_of(const Wrapper& wrapper, Span words) {
  Start start{.is_sure = wrapper.is_known};
  bool has_options = true;
  int operands = wrapper.operands;
  for (std::size_t& at = start.at; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (wrapper.name == "env" && word == "-") continue;  // -i
    if (has_options && word.size() > 1 && word[0] == '-') {
      has_options = word != "--";
      const std::size_t value = word.find_first_of(wrapper.options_with_value, 1);
      if (word[1] != '-' && value + 1 == word.size()) ++at;
      start.is_sure = start.is_sure && (!has_options || word[1] != '-' || word.find('=') != std::string::npos);
    } else if (!(wrapper.has_variables && word.find('=') != std::string::npos) && operands-- == 0) {
      break;
    }
  }
  return start;
}

// What stands in the place of each thing that the command is given, and is put into its words.
std::string placeholder_of(Span words, std::size_t end) {
  for (std::size_t at = 1; at < end; ++at) {
    const std::string& word = words[at];
    const std::size_t letter = word.starts_with('-') && !word.starts_with("--") ? word.find_first_of("Ii") : kAll;
    if (letter < word.size() && letter + 1 < word.size()) return word.substr(letter + 1);
    if (letter < word.size() && word[letter] == 'I') return words[at + 1];
    if (word.starts_with("--replace=")) return word.substr(10);
  }
  return "{}";
}

bool is_completed(const Words& command, const Inner& inner, std::string_view placeholder) {
  const std::size_t decisive = std::min(inner.decisive, command.size());
  return std::ranges::any_of(std::span(command).first(decisive), [&](const std::string& word) {
    return !placeholder.empty() && word.find(placeholder) != std::string::npos;
  });
}

// All that may be the command.
void add_anywhere(Span words, Inner& made) {
  constexpr std::size_t kWordsMax = 500;
  made.decisive = kAll;
  made.hides = made.hides || words.size() > kWordsMax;
  for (std::size_t i = 1; i < words.size() && words.size() <= kWordsMax; ++i) {
    if (!words[i].starts_with('-')) made.commands.push_back(from(words, i));
  }
}

// command -v
bool only_tells(Span options) {
  return std::ranges::any_of(options, [](const std::string& word) { return word.find_first_of("vV") < word.size(); });
}

void add_wrapped(const Wrapper& wrapper, Span words, int depth, Inner& made) {
  const Start start = start_of(wrapper, words);
  if (wrapper.name == "env") add_split_strings(words, made);
  if (wrapper.name == "command" && only_tells(words.subspan(1, std::min(start.at, words.size()) - 1))) return;
  for (std::size_t i = 1; i < std::min(start.at, words.size()); ++i) {
    const std::string_view name = std::string_view(words[i]).substr(0, words[i].find('='));
    made.hides = made.hides || (wrapper.has_variables && is_script_variable(name));
  }
  if (!made.commands.empty()) made.decisive = kAll;
  if (!start.is_sure) return add_anywhere(words, made);
  if (start.at >= words.size()) {
    made.decisive = plus(made.decisive, start.at);
    return;
  }
  Words command = from(words, start.at);
  const Inner inner = inner_of(command, depth + 1);
  made.decisive = plus(std::max(made.decisive, inner.decisive), start.at);
  made.hides = made.hides || inner.hides;
  made.reader = inner.reader;
  if (wrapper.name == "xargs") {
    made.hides =
        made.hides || inner.decisive > command.size() || is_completed(command, inner, placeholder_of(words, start.at));
  }
  if (wrapper.name == "watch" || (wrapper.name == "entr" && command.size() == 1)) {
    made.scripts.push_back(in_one_line(command));
    made.decisive = kAll;
  }
  made.commands.push_back(std::move(command));
}

// The commands behind -exec and the like, each up to its end.
void add_executed(Span words, std::span<const std::string_view> actions, int depth, Inner& made) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (!is_among(actions, words[at])) continue;
    Words command;
    for (++at; at < words.size() && words[at] != ";" && words[at] != "+"; ++at) command.push_back(words[at]);
    if (command.empty()) continue;
    const Inner inner = inner_of(command, depth + 1);
    made.hides = made.hides || inner.hides || is_completed(command, inner, "{}");
    made.decisive = kAll;
    made.commands.push_back(std::move(command));
  }
}

void add_variable(const std::string& word, Inner& made) {
  const std::string_view script = script_in_variable(word);
  if (script.empty()) return;
  made.scripts.emplace_back(script);
  made.decisive = kAll;
}

bool hides_itself(Span words, std::string_view name) {
  const auto any = [&](auto is_meant) { return std::ranges::any_of(words.subspan(1), is_meant); };
  if (is_among(kHiding, name)) return words.size() > 1 || name == "fc" || name == "history";
  if (name == "hash") return any([](const std::string& word) { return word.starts_with('-') && word != "-r"; });
  if (name == "set") {
    return any([](const std::string& word) {
      const bool is_flags = word.starts_with('-') && !word.starts_with("--");
      return word.starts_with("hist") || (is_flags && word.find('H') != std::string::npos);
    });
  }
  if (name == "compgen" || name == "complete")
    return any([](const std::string& word) { return word.find_first_of("$`") != std::string::npos; });
  if (!takes_programs(name)) return false;
  return any([&](const std::string& word) {
    const bool is_program = word.find_first_of("(\"'`;{ ") != std::string::npos;
    return is_program && may_run_others(name, word);
  });
}

Inner inner_of(Span words, int depth) {
  constexpr int kDepthMax = 8;
  constexpr std::array<std::string_view, 4> kFindActions{"-exec", "-execdir", "-ok", "-okdir"};
  constexpr std::array<std::string_view, 4> kFdActions{"--exec", "--exec-batch", "-X", "-x"};
  if (words.empty()) return {};
  if (depth > kDepthMax) return {.commands = {}, .scripts = {}, .decisive = kAll, .hides = true};
  const std::string_view name = name_of(words[0]);
  if (name == "eval" || name == "trap") return inner_of_builtin(words);
  if (is_among(kScriptShells, name)) return inner_of_shell(words);
  if (is_among(kOtherShells, name)) return inner_of_other_shell(words);
  Inner made{.commands = {}, .scripts = {}, .hides = hides_itself(words, name)};
  if (is_among(kHiding, name)) made.decisive = kAll;
  add_script_options(words, made);
  // Commands of its own, some of which run others.
  if (name == "cmake" && words.size() > 2 && words[1] == "-E") {
    made.commands.push_back(from(words, 2));
    made.decisive = kAll;
  }
  for (const std::string& word : words) add_variable(word, made);
  InnerScripts own = inner_scripts(words);
  std::ranges::move(own.commands, std::back_inserter(made.commands));
  std::ranges::move(own.scripts, std::back_inserter(made.scripts));
  made.decisive = std::max(made.decisive, own.decisive);
  made.hides = made.hides || own.hides;
  if (reads_program(words)) made.reader = name;
  const std::string_view known = name.starts_with("ld-linux") ? "ld.so" : name;
  const auto* wrapper = std::ranges::find(kWrappers, known, &Wrapper::name);
  if (wrapper != kWrappers.end()) add_wrapped(*wrapper, words, depth, made);
  if (name == "find") add_executed(words, kFindActions, depth, made);
  if (name == "fd" || name == "fdfind") add_executed(words, kFdActions, depth, made);
  made.reads_input = made.commands.empty() && made.scripts.empty() && is_among(kStartingShells, name);
  return made;
}

bool is_posix_shell(std::string_view name) {
  return !is_among(kScriptShells, name) || name == "ash" || name == "dash" || name == "sh";
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

// What a program reads is a script in its own language; that of a pipe or a file is not known.
bool may_read_commands(const std::string& reader, const BashCommand& command) {
  bool is_told = false;
  for (const BashRedirection& one : command.redirections) {
    if (one.kind != BashStream::here_document && one.kind != BashStream::here_string) continue;
    if (!one.target.is_fixed || may_run_others(reader, one.target.text)) return true;
    is_told = true;
  }
  return !is_told;
}

void add_script(const std::string& script, std::string_view shell, ShellCommands& found);

void add_command(const BashCommand& command, ShellCommands& found) {
  found.is_certain = found.is_certain && command.assignments.empty();
  for (const BashWord& variable : command.assignments) {
    const std::string_view script = script_in_variable(variable.text);
    if (script.empty()) continue;
    found.hides_programs = found.hides_programs || !variable.is_fixed;
    add_script(std::string(script), "sh", found);
  }
  if (command.words.empty()) return;  // its substitutions are commands of their own
  Words texts;
  for (const BashWord& word : command.words) texts.push_back(word.text);
  const auto are_fixed = [](std::span<const BashWord> words) {
    return std::ranges::all_of(words, &BashWord::is_fixed);
  };
  const Inner inner = inner_of(texts);
  const bool is_told = are_fixed(std::span(command.words).first(std::min(inner.decisive, texts.size())));
  found.is_certain = found.is_certain && are_fixed(command.words) && is_simple(texts[0]);
  const bool is_fed = !inner.reader.empty() && may_read_commands(inner.reader, command);
  found.hides_programs = found.hides_programs || inner.hides || is_fed || !is_told;
  if (changes_words(texts[0])) found.is_understood = false;
  found.commands.push_back(std::move(texts));
}

void add_script(const std::string& script, std::string_view shell, ShellCommands& found) {
  if (script.size() > kBashBytesMax) {
    found.is_understood = found.is_certain = false;
    found.hides_programs = true;
    return;
  }
  const auto simple = simple_commands(script);
  // Other shells read some of it differently, but what is a command to bash is judged all the same.
  constexpr std::array<std::string_view, 8> kBash{"bash",    "compgen", "complete",  "eval",
                                                  "mapfile", "rbash",   "readarray", "trap"};
  const bool is_alike = is_among(kBash, shell) || (is_posix_shell(shell) && is_read_alike(script));
  const Result<BashScript> parsed = parse_bash(script);
  found.is_understood = found.is_understood && (simple || (parsed && is_alike));
  found.is_certain = found.is_certain && (simple || (parsed && is_alike && parsed->functions.empty()));
  if (!parsed && simple) found.commands.insert(found.commands.end(), simple->begin(), simple->end());
  if (!parsed) return;
  found.hides_programs = found.hides_programs || parsed->sets_scripts;
  for (const BashCommand& command : parsed->commands) add_command(command, found);
}

}  // namespace

std::optional<ShellCommands> shell_commands(Span words) {
  const Inner inner = inner_of(words);
  if (inner.is_sure && inner.scripts.empty() && !inner.reads_input && !inner.hides) return std::nullopt;
  ShellCommands found{.commands = {},
                      .is_understood = inner.is_sure,
                      .hides_programs = inner.hides,
                      .reads_input = inner.reads_input,
                      .is_certain = inner.is_sure};
  for (const std::string& script : inner.scripts) add_script(script, name_of(words[0]), found);
  return found;
}

std::vector<std::vector<std::string>> wrapped_commands(Span words) {
  return inner_of(words).commands;
}

bool is_shell(std::string_view program) {
  std::string_view name = name_of(program);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  return std::ranges::binary_search(kShells, name);
}

}  // namespace lilux::text
