#include "surface/shell.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/escape.h"
#include "kernel/call.h"
#include "surface/arguments.h"
#include "surface/ask.h"
#include "surface/call_verbs.h"
#include "surface/completion.h"
#include "surface/help.h"
#include "surface/line_editor.h"
#include "surface/print.h"
#include "surface/session.h"
#include "surface/shell_history.h"
#include "surface/shell_line.h"
#include "surface/shell_pipe.h"
#include "surface/verbs.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/pipe.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/self.h"
#include "sys/sockets.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kHelp =
    "Say what you want, or name it:\n\n"
    "  show me the file README.md         a sentence: you see what it comes to, and let it happen\n"
    "  fs.read README.md                  a tool; fs.read path=README.md limit=100 names the fields\n"
    "  search sandbox                     a verb of `lilux`; undo, logs, ps, approve, top, ...\n"
    "  fs.search *.md | fs.read           what one gives, the next one takes\n"
    "  !make test                         a program, in the sandbox; what it changes can be undone\n"
    "  ? show what can be undone          a sentence that begins like a verb\n\n"
    "What changes something is asked about or can be taken back: `logs` shows calls, `undo` takes back the newest of\n"
    "them, `undo CALL` that one. What waits for you: `approve`. What may happen without asking: `policy list`.\n\n"
    "  help tools     all tools              help fs.read     one of them      help verbs     all verbs\n"
    "  more           the rest of what was cut                cd FOLDER        work there\n"
    "  rules          what answers events and sentences       stop             halt everything at once\n"
    "  exit           or Ctrl-D. Tab completes, Ctrl-R searches what was typed, Ctrl-C ends what runs.\n";
constexpr std::size_t kOutputMax = std::size_t{8} << 20;
constexpr std::size_t kLinesCut = 60;  // of what is longer than twice that
constexpr int kSignalled = 128;
constexpr int kDenied = 6;
constexpr std::size_t kCallsShown = 20;  // of those that a '|' makes
constexpr auto kForEver = std::chrono::hours(24 * 365);

using Words = std::vector<std::string>;

struct Ran {
  int code = 0;
  std::string output;
};

int code_of(const sys::Exit& exit) {
  return exit.signal ? kSignalled + *exit.signal : exit.code.value_or(1);
}

class Shell {
 public:
  explicit Shell(bool is_terminal) : is_terminal_(is_terminal) {}

  // The exit code of the line; nothing for one that ends the shell.
  std::optional<int> run(const std::string& text) {
    const Result<ShellLine> line = read_shell_line(text);
    const Result<std::optional<int>> code = line ? run(*line) : std::unexpected(line.error());
    return code ? *code : tell(code.error());
  }

 private:
  static int tell(const base::Error& error) {
    return print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(error)}), false);
  }

  Result<std::optional<int>> run(const ShellLine& line) {
    const std::string unknown = std::exchange(unknown_, {});
    switch (line.kind) {
      case ShellLine::Kind::nothing: return 0;
      case ShellLine::Kind::program: return program(line.text);
      case ShellLine::Kind::sentence: return said(line.text);
      case ShellLine::Kind::commands: break;
    }
    if (line.stages.size() > 1) return TRY(pipe(line.stages));
    const std::optional<int> code = TRY(command(line.stages.front()));
    const std::string next = !unknown.empty() && code == 0 ? offer_to_learn(unknown, line.stages.front()) : "";
    return next.empty() ? Result<std::optional<int>>(code) : run(next);
  }

  // Words of the shell itself are looked at here, as no sentence begins so.
  Result<std::optional<int>> said(const std::string& text) {
    if (text == "exit" || text == "quit") return std::optional<int>();
    if (text == "more") return more();
    if (text == "cd" || text.starts_with("cd ")) return enter(text.size() > 3 ? text.substr(3) : "~");
    const int code = TRY(captured({"do", text}));
    if (is_terminal_ && code != 0) unknown_ = text;
    return code;
  }

  // Whether no layer knew it, and none told what to type instead.
  bool is_unknown(const std::string& sentence) {
    const Result<Ran> asked = gather({"route", sentence, "--json"});
    const Result<Json> envelope = asked ? base::parse_json(asked->output) : std::unexpected(asked.error());
    const Json* route = envelope && envelope->is_object() ? envelope->find("output") : nullptr;
    return route && route->string_or("band") == "defer" && route->string_or("advice").empty() &&
           route->string_or("layer") != "reference" && route->string_or("layer") != "table";
  }

  // A call that is typed right behind a sentence that nobody knew is likely what it meant. What is typed for something
  // else than the question is the next line.
  std::string offer_to_learn(const std::string& sentence, const Words& words) {
    const bool is_by_name = words.front() == "call" && words.size() > 1;
    const kernel::Tool* tool = tools::find(is_by_name ? words[1] : words.front());
    if (!tool || tool->traits.audience == kernel::Audience::people) return {};
    const Result<Json> arguments = arguments_of(words, *tool);
    const bool types_on = sys::wait_readable(0, std::chrono::milliseconds(0)).value_or(true);
    if (!arguments || types_on || !is_unknown(sentence)) return {};
    const std::string call = shown_call(JsonObject{{"tool", tool->name}, {"arguments", *arguments}});
    const std::string line = answered("'" + base::escape_line(sentence) + "' was " + call + "? learn it? y/N ");
    if (line.empty() || line == "n" || line == "N" || line == "no") return {};
    if (line != "y" && line != "Y" && line != "yes") return line;
    learn(JsonObject{{"text", sentence},
                     {"answer", "corrected"},
                     {"tool", tool->name},
                     {"arguments", *arguments},
                     {"band", "defer"}});
    return {};
  }

  void learn(const Json& lesson) {
    const Result<Ran> kept = gather({"call", "brain.learn", "--args", base::to_text(lesson), "--json"});
    const Result<Json> envelope = kept ? base::parse_json(kept->output) : std::unexpected(kept.error());
    const Json* learned = envelope && envelope->is_object() ? envelope->find("output") : nullptr;
    if (!envelope)
      tell(envelope.error());
    else if (!learned)
      print_envelope(*envelope, false);
    else if (!learned->bool_or("kept"))
      print("not learned: something in it looks like a secret\n");
  }

  Result<std::optional<int>> command(const Words& words) {
    if (words == Words{"help"} || words == Words{"help", "me"}) {
      print(kHelp);
      std::fflush(stdout);
      return 0;
    }
    if (words == Words{"undo"}) return undo_newest();
    if (words == Words{"help", "verbs"}) return captured({"help"});
    if (words.front() == "shell") return fail(ErrorCode::invalid_argument, "this is the shell", "`help`");
    // What goes on until it is ended, or talks with the person, has the terminal.
    const Verb* verb = find_verb(words.front());
    const bool is_own =
        verb && verb->tool.empty() && verb->name != "call" && verb->name != "help" && verb->name != "do";
    const bool follows = verb && verb->name == "logs";
    return is_own || follows ? see(words) : captured(words);
  }

  // What was undone is not done again by this: `redo` does that.
  Result<int> undo_newest() {
    const Ran listed = TRY(gather({"call", "undo.list", "--work", "--limit", "1", "--json"}));
    const Json envelope = TRY(base::parse_json(listed.output));
    const Json* output = envelope.find("output");
    if (!output) return print_envelope(envelope, false);
    const base::JsonArray calls = list_of(*output, "calls");
    if (calls.empty()) return fail(ErrorCode::not_found, "there is nothing to undo", "`logs` shows what was done");
    print("undo " + calls.front().string_or("tool") + ", call " + calls.front().string_or("call") + "\n");
    return captured({"undo", calls.front().string_or("call")});
  }

  Result<int> enter(std::string folder) {
    if (folder == "~" || folder.starts_with("~/")) folder.replace(0, 1, TRY(sys::user_home(sys::environment_variable)));
    std::error_code error;
    std::filesystem::current_path(folder, error);
    if (error)
      return fail(ErrorCode::not_found, "cannot enter '" + folder + "': " + error.message(),
                  "`fs.list` shows what is there");
    return 0;
  }

  // As a process of its own, which Ctrl-C ends and not us.
  Result<sys::Child> start(const Words& words, int output) {
    sys::SpawnOptions options{.program = sys::own_program(),
                              .arguments = {"lilux"},
                              .environment = sys::own_environment(),
                              .stdin_fd = is_terminal_ ? 0 : -1,
                              .stdout_fd = output,
                              .stderr_fd = 2,
                              .group = sys::ProcessGroup::inherited};
    options.arguments.insert(options.arguments.end(), words.begin(), words.end());
    if (output != 1) options.environment.push_back("LILUX_COLUMNS=" + std::to_string(sys::terminal_columns(1)));
    return sys::spawn(options);
  }

  Result<int> see(const Words& words) {
    const sys::Child child = TRY(start(words, 1));
    const std::optional<sys::Exit> exit = TRY(sys::wait_for(child, kForEver));
    return exit ? code_of(*exit) : 1;
  }

  // Ctrl-C ends `lilux run`, which only waits; the program is found again by the key of the call that started it.
  Result<int> program(const std::string& text) {
    const int code = TRY(see({"run", "bash", "-c", text}));  // which ends it when it is interrupted
    if (code != 0) std::fprintf(stderr, "exit status %d\n", code);
    return code;
  }

  Result<Ran> gather(const Words& words) {
    sys::Pipe pipe = TRY(sys::make_pipe());
    const sys::Child child = TRY(start(words, pipe.in.get()));
    pipe.in.close();
    Ran ran;
    std::array<char, 16384> piece{};
    while (true) {
      const std::optional<std::size_t> size = TRY(sys::read_some(pipe.out.get(), piece));
      if (!size || *size == 0) break;
      if (ran.output.size() < kOutputMax) ran.output.append(piece.data(), *size);
    }
    const std::optional<sys::Exit> exit = TRY(sys::wait_for(child, kForEver));
    ran.code = exit ? code_of(*exit) : 1;
    return ran;
  }

  // What is long is cut at a terminal, and kept for `more`.
  Result<int> captured(const Words& words) {
    if (!is_terminal_) return see(words);
    Ran ran = TRY(gather(words));
    rest_ = std::move(ran.output);
    show_rest();
    return ran.code;
  }

  Result<int> more() {
    if (rest_.empty()) return fail(ErrorCode::not_found, "nothing was cut", "");
    show_rest();
    return 0;
  }

  void show_rest() {
    const auto lines = static_cast<std::size_t>(std::ranges::count(rest_, '\n'));
    std::size_t end = rest_.size();
    if (lines > 2 * kLinesCut) {
      end = 0;
      for (std::size_t i = 0; i < kLinesCut; ++i) end = rest_.find('\n', end) + 1;
    }
    print(std::string_view(rest_).substr(0, end));
    rest_.erase(0, end);
    if (!rest_.empty()) print("... " + std::to_string(lines - kLinesCut) + " more lines: `more`\n");
    std::fflush(stdout);
  }

  // Each stage's output, as JSON, into the arguments of the next; the last is shown as ever.
  Result<int> pipe(const std::vector<Words>& stages) {
    std::vector<Words> calls{stages.front()};
    for (std::size_t i = 0; i + 1 < stages.size(); ++i) {
      std::vector<Words> next;
      for (Words& call : calls) {
        call.push_back("--json");
        const Ran ran = TRY(gather(call));
        const Result<Json> envelope = base::parse_json(ran.output);
        if (!envelope || !envelope->is_object())
          return fail(ErrorCode::invalid_argument, "'" + call.front() + "' gives nothing that can be handed on",
                      "call it by itself");
        if (ran.code != 0 && !envelope->bool_or("ok")) return print_envelope(*envelope, false);
        for (const Json& arguments : TRY(next_arguments(*envelope, stages[i + 1])))
          next.push_back({"call", tool_name(stages[i + 1]), "--args", base::to_text(arguments)});
      }
      calls = std::move(next);
      if (calls.size() > kFedMax)
        return fail(ErrorCode::invalid_argument, "that would make " + std::to_string(calls.size()) + " calls",
                    "narrow what comes before");
      if (!TRY(may_happen(calls, stages[i + 1]))) return kDenied;
    }
    if (calls.empty())
      return fail(ErrorCode::not_found, "nothing matched: there is nothing to hand to '" + stages.back().front() + "'",
                  "call what comes before by itself");
    return calls.size() == 1 ? captured(calls.front()) : each(calls);
  }

  // Several calls that change something were typed as one line: they are shown before the first of them is made.
  Result<bool> may_happen(std::vector<Words>& calls, const Words& stage) {
    const std::string& tool = calls.empty() ? stage.front() : calls.front()[1];
    const bool is_yes =
        TRY(read_words(std::vector<std::string_view>(stage.begin(), stage.end()), nullptr)).common.is_yes;
    if (is_yes)
      for (Words& call : calls) call.emplace_back("--yes");
    if (calls.size() < 2 || is_yes || tools::is_harmless(tool)) return true;
    const std::string many = std::to_string(calls.size()) + " calls of " + tool;
    if (!is_terminal_)
      return fail(ErrorCode::approval_required, "nobody is here to look at it first: these are " + many,
                  "when they are what you want: " + stage.front() + " --yes");
    for (std::size_t i = 0; i < std::min(calls.size(), kCallsShown); ++i)
      print("-> " + shown_call(JsonObject{{"tool", tool}, {"arguments", TRY(base::parse_json(calls[i][3]))}}) + "\n");
    if (calls.size() > kCallsShown) print("   and " + std::to_string(calls.size() - kCallsShown) + " more\n");
    std::fflush(stdout);
    return agrees("These are " + many + ". Let them happen?");
  }

  // Of several calls each is named, and what they print is cut as one.
  Result<int> each(const std::vector<Words>& calls) {
    int code = 0;
    std::string all;
    for (const Words& call : calls) {
      const Json named = JsonObject{{"tool", call[1]}, {"arguments", TRY(base::parse_json(call[3]))}};
      const Ran ran = TRY(gather(call));
      if (all.size() < kOutputMax) all += "-> " + shown_call(named) + "\n" + ran.output;
      if (ran.code != 0) code = ran.code;
    }
    rest_ = std::move(all);
    if (is_terminal_)
      show_rest();
    else
      print(std::exchange(rest_, {}));
    return code;
  }

  static std::string tool_name(const Words& words) {
    if (words[0] == "call" && words.size() > 1) return words[1];
    if (words.size() > 1 && find_verb(words[0] + " " + words[1]))
      return std::string(find_verb(words[0] + " " + words[1])->tool);
    if (words.size() > 1 && tools::find(words[0] + "." + words[1])) return words[0] + "." + words[1];
    const Verb* verb = find_verb(words[0]);
    return verb ? std::string(verb->tool) : words[0];
  }

  static Result<std::vector<Json>> next_arguments(const Json& envelope, const Words& stage) {
    const std::string name = tool_name(stage);
    const kernel::Tool* tool = tools::find(name);
    const Json* output = envelope.find("output");
    if (!tool || !output)
      return fail(ErrorCode::invalid_argument,
                  "'" + stage.front() + "' is more than one call, so nothing can be handed to it",
                  "name a tool: `help tools`");
    const Json given = TRY(arguments_of(stage, *tool));
    return fed(*output, tool->input_schema(), given, name);
  }

  // What the words behind the tool's name give it.
  static Result<Json> arguments_of(const Words& stage, const kernel::Tool& tool) {
    const Json schema = tool.input_schema();
    const bool is_two = stage[0] == "call" || (!find_verb(stage[0]) && !tools::find(stage[0])) ||
                        (stage.size() > 1 && find_verb(stage[0] + " " + stage[1]));
    std::vector<std::string_view> words(stage.begin() + (is_two ? 2 : 1), stage.end());
    const Command command = TRY(read_words(words, &schema));
    return arguments_from(schema, positional_of(schema), command.words);
  }

  bool is_terminal_;
  std::string rest_;     // of an output that was cut
  std::string unknown_;  // the sentence of the line before, where nothing came of it
};

// Files whose names go on as the word does.
std::vector<std::string> file_names(const std::string& word) {
  const std::size_t slash = word.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : word.substr(0, slash + 1);
  const std::string begun = slash == std::string::npos ? word : word.substr(slash + 1);
  std::vector<std::string> found;
  const Result<std::vector<sys::Entry>> entries = sys::list_directory(folder);
  for (const sys::Entry& entry : entries.value_or(std::vector<sys::Entry>())) {
    if (!entry.name.starts_with(begun) || (begun.empty() && entry.name.starts_with('.'))) continue;
    const bool is_folder = entry.type == sys::FileType::directory;
    found.push_back((slash == std::string::npos ? "" : folder) + entry.name + (is_folder ? "/" : " "));
  }
  return found;
}

struct Typed {
  std::vector<std::string> before;  // whole words of this stage, `name=value` as the flag that it is
  std::string word;                 // that is being typed
};

bool names_field(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && !word.starts_with('-');
}

Typed typed(std::string_view line) {
  const std::size_t bar = line.find_last_of("|!");
  if (bar != std::string_view::npos) line.remove_prefix(bar + 1);
  const std::size_t blank = line.find_last_of(" \t");
  Typed made{.before = {}, .word = std::string(blank == std::string_view::npos ? line : line.substr(blank + 1))};
  line.remove_suffix(made.word.size());
  for (std::size_t from = line.find_first_not_of(" \t"); from != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", from), line.size());
    const std::string_view word = line.substr(from, end - from);
    made.before.push_back((names_field(word) ? "--" : "") + std::string(word));
    from = line.find_first_not_of(" \t", end);
  }
  return made;
}

// Of the tool that these words name; a word of a sentence names none.
Json fields_of(const std::vector<std::string>& words) {
  const kernel::Tool* tool = tools::find(words.front() == "call" && words.size() > 1 ? words[1] : words.front());
  const Json schema = tool ? tool->input_schema() : Json(JsonObject{});
  const Json* fields = schema.find("properties");
  return fields ? *fields : Json(JsonObject{});
}

std::vector<Candidate> known_words(const std::vector<std::string>& before, std::string_view word) {
  return candidates(std::vector<std::string_view>(before.begin(), before.end()), word, call_quietly);
}

// Of "kind=d": what the field takes, else files.
std::vector<std::string> values_of_field(Typed typed) {
  const std::size_t equals = typed.word.find('=');
  const std::string field = typed.word.substr(0, equals + 1);
  const std::string value = typed.word.substr(equals + 1);
  typed.before.push_back("--" + typed.word.substr(0, equals));
  std::vector<std::string> found;
  for (const Candidate& one : known_words(typed.before, value)) found.push_back(field + one.word + " ");
  if (!found.empty()) return found;
  for (const std::string& name : file_names(value)) found.push_back(field + name);
  return found;
}

// A word of the command line, a tool, a field of the one named before, what that takes, or a file.
std::vector<std::string> completions(std::string_view line) {
  const Typed now = typed(line);
  if (names_field(now.word)) return values_of_field(now);
  std::vector<std::string> found;
  for (const Candidate& one : known_words(now.before, now.word)) found.push_back(one.word + " ");
  if (now.before.empty()) {
    for (const kernel::Tool& tool : tools::table()) {
      if (!now.word.empty() && tool.name.starts_with(now.word)) found.push_back(std::string(tool.name) + " ");
    }
  }
  if (found.empty()) found = file_names(now.word);
  if (now.word.empty() || now.word.starts_with('-') || now.before.empty()) return found;
  const Json fields = fields_of(now.before);
  for (const auto& [name, field] : fields.as_object())
    if (name.starts_with(now.word)) found.push_back(std::string(name) + "=");
  return found;
}

bool can_edit() {
  const std::optional<std::string> terminal = sys::environment_variable("TERM");
  return terminal && !terminal->empty() && *terminal != "dumb";
}

std::optional<LineEditor::Read> plain_line(const std::string& prompt) {
  print(prompt);
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return LineEditor::Read{.line = std::move(line)};
}

Result<int> at_terminal() {
  const kernel::Folders folders = TRY(own_folders());
  TRY(Session::open(Session::Want::daemon));
  const sys::Signals held_back = TRY(sys::Signals::create({SIGINT, SIGQUIT}));
  ShellHistory history((folders.state / "shell_history").string());
  std::unique_ptr<LineEditor> editor;
  if (can_edit()) editor = TRY(LineEditor::create(completions));
  for (const std::string& line : history.lines()) {
    if (editor) editor->remember(line);
  }
  print("Lilux " LILUX_VERSION ". Say what you want, or `help`.\n");
  Shell shell(true);
  while (true) {
    const std::optional<LineEditor::Read> read = editor ? editor->read("lilux> ") : plain_line("lilux> ");
    if (!read) break;
    if (read->is_interrupted) continue;
    if (history.add(read->line)) {
      if (editor) editor->remember(read->line);
      std::ignore = history.save();  // the next shell does without
    }
    const std::optional<int> code = shell.run(read->line);
    while (held_back.next()) {
    }
    if (!code) return 0;
  }
  print("\n");
  return 0;
}

Result<int> of_lines() {
  Shell shell(false);
  int code = 0;
  std::string line;
  bool is_empty = true;
  while (std::getline(std::cin, line)) {
    is_empty = false;
    const std::optional<int> ended = shell.run(line);
    if (!ended) break;
    if (*ended != 0) code = *ended;
  }
  if (is_empty) print(general_help());
  return code;
}

}  // namespace

Result<int> shell_verb(std::span<const std::string_view> words) {
  TRY(only_words("shell", words, 0));
  return sys::is_terminal(0) && sys::is_terminal(1) ? at_terminal() : of_lines();
}

}  // namespace lilux::surface
