// process.*: the machine's processes, and those that tasks start.

#include "tools/process.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <set>
#include <utility>

#include <sys/stat.h>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/time.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/kernel.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/process_table.h"
#include "sys/self.h"
#include "text/argv_glob.h"
#include "text/inner_commands.h"
#include "text/lines.h"
#include "text/shell.h"
#include "tools/command.h"
#include "tools/command_notes.h"
#include "tools/common.h"
#include "tools/confined.h"
#include "tools/file_states.h"

namespace lilux::tools::process {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kInputDigits = 16;
constexpr std::int64_t kOutputDefault = 64 * 1024;
constexpr auto kKillTime = std::chrono::milliseconds(900);
constexpr std::array<std::string_view, 8> kInherited{"LANG", "LC_ALL", "LOGNAME", "PATH",
                                                     "TERM", "TMPDIR", "TZ",      "USER"};
// Where this user's files and our socket lie: as we know it, when the caller does not say.
constexpr std::array<std::string_view, 6> kPlaces{"HOME",          "XDG_CACHE_HOME",  "XDG_CONFIG_HOME",
                                                  "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"};
constexpr std::array<std::string_view, 6> kShells{"sh", "bash", "dash", "zsh", "ksh", "ash"};

struct SignalName {
  std::string_view name;
  int number;
};
constexpr std::array kSignals{SignalName{"HUP", SIGHUP},    SignalName{"INT", SIGINT},   SignalName{"QUIT", SIGQUIT},
                              SignalName{"KILL", SIGKILL},  SignalName{"TERM", SIGTERM}, SignalName{"USR1", SIGUSR1},
                              SignalName{"USR2", SIGUSR2},  SignalName{"STOP", SIGSTOP}, SignalName{"CONT", SIGCONT},
                              SignalName{"WINCH", SIGWINCH}};

Result<int> signal_number(const std::string& text) {
  const std::string_view name = text.starts_with("SIG") ? std::string_view(text).substr(3) : std::string_view(text);
  const auto found = std::ranges::find(kSignals, name, &SignalName::name);
  if (found != kSignals.end()) return found->number;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0 && number < 65) return number;
  return fail(ErrorCode::invalid_argument, "field 'signal': '" + text + "' is no signal",
              "TERM, KILL, INT, HUP, USR1, STOP, CONT, or a number");
}

std::string_view status_name(char state) {
  switch (state) {
    case 'R': return "running";
    case 'D': return "disk";
    case 'T':
    case 't': return "stopped";
    case 'Z': return "zombie";
    default: return "sleeping";
  }
}

std::string path_of(const CallContext& call) {
  std::string path = variable(call.caller().environment.variables(), "PATH");
  return path.empty() ? std::string(kPlainPath) : path;
}

bool is_confined(const SpawnRequest& request) {
  return !request.unconfined.value_or(false);
}

Result<Command> command_of(const CallContext& call, const SpawnRequest& request) {
  std::vector<std::string> words{request.command};
  if (request.args) words.insert(words.end(), request.args->begin(), request.args->end());
  if (is_confined(request)) return confined_command(call, std::move(words), request.cwd);
  TRY(check_words(words));
  Command made{.words = std::move(words), .cwd = TRY(call.resolve(request.cwd.value_or("."), kernel::Final::follow))};
  made.program = TRY(sys::resolve_program(request.command, path_of(call), made.cwd));
  // Rules name programs by plain paths; another spelling of one must not slip past them.
  if (!text::is_canonical_path(made.program)) made.program = TRY(call.resolve(made.program, kernel::Final::keep));
  return made;
}

// Nobody but us and root can put a program there, or another folder in its place.
bool is_closed_to_others(const std::string& folder) {
  for (std::string up = folder;; up = sys::parent_of(up)) {
    const Result<sys::Stat> found = sys::lstat(up);
    const bool is_sticky = up != folder && found && (found->mode & S_ISVTX) != 0;  // entries are their owners' alone
    const bool is_group_ours = found && (found->gid == 0 || found->gid == sys::group_id());
    const std::uint32_t others = S_IWOTH | (is_group_ours ? 0U : S_IWGRP);
    const bool is_closed =
        found && (found->uid == 0 || found->uid == sys::user_id()) && (is_sticky || (found->mode & others) == 0);
    if (!is_closed || up == "/") return is_closed;
  }
}

// A folder of programs that neither others nor the caller's own calls can put one into without a person: of the
// system, known to us, or ours alone and not allowed to be written.
bool is_plain_folder(const CallContext& call, const policy::RuleSet& rules, const std::string& folder) {
  const std::string own = ":" + sys::environment_variable("PATH").value_or("") + ":";
  if (text::is_installed(folder + "/program")) return true;
  if (!folder.empty() && own.find(":" + folder + ":") != std::string::npos) return true;
  const Result<std::string> real = sys::resolve(folder, "/", sys::Final::follow);
  if (!real || !folder.starts_with('/') || !is_closed_to_others(*real)) return false;
  const std::array needs{policy::Need{.verb = Verb::write, .resource = "fs", .target = *real + "/program"}};
  return rules.decide({.tool = "fs.write", .needs = needs, .who = call.caller().principal}).effect !=
         policy::Effect::allow;
}

bool is_plain_path(const CallContext& call, std::string_view path) {
  const auto rules = call.kernel().rules(call.caller().project);
  if (!rules) return false;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find(':', from), path.size());
    if (!is_plain_folder(call, **rules, std::string(path.substr(from, end - from)))) return false;
    from = end + 1;
  }
  return true;
}

// Variables of a caller that is no person and names other folders than we know: programs and their settings may lie
// there that nobody was asked about.
std::map<std::string, std::string> leading_astray(const CallContext& call) {
  std::map<std::string, std::string> found;
  if (call.caller().principal == policy::Principal::terminal) return found;
  for (const std::string name : {"HOME", "PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}) {
    std::string value = variable(call.caller().environment.variables(), name);
    if (value.empty()) continue;
    const bool is_known =
        name == "PATH" ? is_plain_path(call, value) : value == sys::environment_variable(name.c_str());
    if (!is_known) found.emplace(name, std::move(value));
  }
  return found;
}

// Many a variable makes a program run another one (PATH, LD_PRELOAD, BASH_ENV, HOME with its .gitconfig), so a rule
// about the command line alone does not answer for those that are set.
void need_variables(const CallContext& call, const SpawnRequest& request, Assessment& made) {
  std::set<std::string> names;
  for (const auto& [name, value] : request.env.value_or(std::map<std::string, std::string>{})) names.insert(name);
  for (const auto& [name, value] : request.secret_env.value_or(std::map<std::string, base::Secret>{}))
    names.insert(name);
  for (const auto& [name, value] : leading_astray(call)) names.insert(name);
  for (const std::string& name : names) made.needs.push_back({.verb = Verb::write, .resource = "env", .target = name});
}

// What programs take for a program, its place or its options. It is shown to whoever is asked, so it is no secret.
Result<void> check_secret(const std::string& name) {
  constexpr std::array<std::string_view, 34> kNames{"BASHOPTS",
                                                    "BASH_ENV",
                                                    "BROWSER",
                                                    "CLASSPATH",
                                                    "EDITOR",
                                                    "ENV",
                                                    "GCONV_PATH",
                                                    "HOME",
                                                    "IFS",
                                                    "LESSCLOSE",
                                                    "LESSOPEN",
                                                    "MAKEFLAGS",
                                                    "MANPAGER",
                                                    "NODE_OPTIONS",
                                                    "NODE_PATH",
                                                    "PAGER",
                                                    "PATH",
                                                    "PERL5DB",
                                                    "PERL5LIB",
                                                    "PERL5OPT",
                                                    "PROMPT_COMMAND",
                                                    "PS4",
                                                    "RUBYLIB",
                                                    "RUBYOPT",
                                                    "SHELL",
                                                    "SHELLOPTS",
                                                    "TERMINFO",
                                                    "VISUAL",
                                                    "GIT_ASKPASS",
                                                    "GIT_EDITOR",
                                                    "GIT_PAGER",
                                                    "SSH_ASKPASS",
                                                    "SUDO_ASKPASS",
                                                    "JAVA_TOOL_OPTIONS"};
  constexpr std::array<std::string_view, 10> kBeginnings{
      "BASH_FUNC_", "DYLD_", "GIT_CONFIG", "GIT_DIR", "GIT_EXE", "GIT_EXT", "GIT_SSH", "LD_", "PYTHON", "npm_config_"};
  const bool is_taken =
      std::ranges::find(kNames, name) != kNames.end() ||
      std::ranges::any_of(kBeginnings, [&](std::string_view begin) { return name.starts_with(begin); });
  if (!is_taken) return {};
  return fail(ErrorCode::invalid_argument,
              "'" + base::escape_line(name) + "' is no secret: programs run or read what it names",
              "give it in env, where whoever is asked sees it");
}

std::map<std::string, std::string> with_asked(const SpawnRequest& request, std::map<std::string, std::string> made) {
  for (const auto& [name, value] : request.env.value_or(std::map<std::string, std::string>{})) made[name] = value;
  for (const auto& [name, value] : request.secret_env.value_or(std::map<std::string, base::Secret>{}))
    made[name] = value.text;
  return made;
}

Result<std::vector<std::string>> environment_of(const CallContext& call, const SpawnRequest& request) {
  std::map<std::string, std::string> made;
  for (const std::string_view name : kInherited) {
    if (const std::string value = variable(call.caller().environment.variables(), name); !value.empty())
      made[std::string(name)] = value;
  }
  for (const std::string_view name : kPlaces) {
    std::string value = variable(call.caller().environment.variables(), name);
    if (value.empty()) value = sys::environment_variable(std::string(name).c_str()).value_or("");
    if (!value.empty()) made[std::string(name)] = std::move(value);
  }
  if (!made.contains("PATH")) made["PATH"] = kPlainPath;
  return entries_of(call, with_asked(request, std::move(made)));
}

// Its number and when it started: the number alone may be another's by the time a person has approved.
std::string name_of(const sys::ProcessId& id) {
  return std::to_string(id.pid) + ":" + std::to_string(id.start_ticks);
}

// What a process is to policy: "own:7:123" of the caller's tasks, "kernel:7:123" ourselves, "pid:7:123" anybody.
std::string target_of(const CallContext& call, const sys::ProcessId& id) {
  if (id.pid == sys::process_id()) return "kernel:" + name_of(id);
  const auto task = call.kernel().children().task_of_process(id.pid);
  const bool is_own = task && call.kernel().state().with(
                                  [&](kernel::State& state) { return kernel::descends(state, *task, call.task()); });
  return (is_own ? "own:" : "pid:") + name_of(id);
}

Result<sys::ProcessId> process_of(std::int64_t pid) {
  if (!std::in_range<pid_t>(pid))
    return fail(ErrorCode::not_found, "no process " + std::to_string(pid), "lilux call process.list");
  return sys::process_id(static_cast<pid_t>(pid));
}

// The very process that was held against the rules.
Result<sys::ProcessId> assessed_process(const CallContext& call, std::int64_t pid) {
  const sys::ProcessId id = TRY(process_of(pid));
  if (call.assessment() && call.assessment()->needs.front().target.ends_with(":" + name_of(id))) return id;
  return fail(ErrorCode::not_found, "process " + std::to_string(pid) + " has ended; another has its number now",
              "lilux call process.list");
}

// A child that lives, so that what it started is known.
bool is_child(const CallContext& call, const sys::ProcessId& id) {
  const auto child = call.kernel().children().find(id.pid);
  return child && !child->exit;
}

// Nothing about what others wrote, or what is real or forgotten already.
void tell_changes(const CallContext& call, const std::string& run, WaitResponse& response) {
  const Result<Written> written = written_by(call, run);
  const auto is_silent = [](ErrorCode code) { return code == ErrorCode::not_found || code == ErrorCode::unavailable; };
  if (!written && is_silent(written.error().code)) return;
  const std::optional<base::Error> problem = written ? written->problem : written.error();
  if (problem)
    response.problem =
        JsonObject{{"code", base::code_name(problem->code)}, {"message", problem->message}, {"hint", problem->hint}};
  if (written) response.changes = rows_of(*written);
  if (written && !written->left_out.empty()) add_notes(notes_of(*written), response.notes);
  if (problem || written->changes.empty())
    forget_run(call, run);
  else
    response.run = run;
}

Result<std::string> preview_of(const sys::ProcessId& id, const std::string& what) {
  const sys::ProcessEntry entry = TRY(sys::process(id.pid));
  return what + "\n  name " + base::escape_line(entry.name) + "\n  command " +
         base::escape_line(text::join(entry.command)) + "\n  started " + base::format_time(entry.started_us);
}

Result<Assessment> signals(const CallContext& call, std::int64_t pid) {
  const std::string target = target_of(call, TRY(process_of(pid)));
  Assessment made{.risk = target.starts_with("own:") ? Risk::low : Risk::high, .is_irreversible = true};
  made.needs.push_back({.verb = Verb::signal, .resource = "process", .target = target});
  return made;
}

Result<Assessment> reads_processes() {
  Assessment made{.risk = Risk::none};
  made.needs.push_back({.verb = Verb::read, .resource = "process", .target = "all"});
  return made;
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_processes();
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  ListResponse response;
  for (const sys::ProcessEntry& entry : TRY(sys::processes())) {
    if (request.name && entry.name.find(*request.name) == std::string::npos) continue;
    std::optional<std::string> task = call.kernel().children().task_of_process(entry.pid);
    if (request.own.value_or(false) && !task) continue;
    response.processes.push_back({.pid = entry.pid,
                                  .name = base::to_valid_utf8(entry.name),
                                  .cpu = entry.cpu_percent,
                                  .memory = static_cast<std::int64_t>(entry.resident_bytes),
                                  .status = std::string(status_name(entry.state)),
                                  .task = std::move(task)});
  }
  return response;
}

Result<Assessment> assess_spawn(const CallContext& call, const SpawnRequest& request) {
  Command command = TRY(command_of(call, request));
  if (is_confined(request)) {
    command.input = request.stdin_text;
    TRY(check_variables(call, with_asked(request, {})));
    Assessment made{.risk = Risk::low};
    TRY(need_sandbox(call, command, text::join(command.words), made));
    return made;
  }
  TRY(environment_of(call, request));
  for (const auto& [name, value] : request.secret_env.value_or(std::map<std::string, base::Secret>{}))
    TRY(check_secret(name));
  Assessment made{.risk = Risk::medium, .is_irreversible = true, .undo_limit = "what a program does cannot be undone"};
  const std::string name = sys::name_of(command.program);
  // What is merely called sh may do anything with its line.
  const bool is_shell = text::is_installed(command.program) && std::ranges::find(kShells, name) != kShells.end() &&
                        command.words.size() == 3 && command.words[1] == "-c";
  const auto parts = is_shell ? text::simple_commands(command.words[2]) : std::nullopt;
  if (parts && !parts->empty()) {
    // Every command of a simple shell line is judged by itself, however many there are.
    for (const std::vector<std::string>& words : *parts)
      made.needs.push_back({.verb = Verb::execute, .resource = "shell", .target = text::join(words)});
  } else {
    std::vector<std::string> words = command.words;
    words[0] = command.program;
    made.needs.push_back({.verb = Verb::execute, .resource = "shell", .target = text::join(words)});
    if (is_shell) made.risk = Risk::high;
  }
  // A program may run what it reads, so the right to run it is not the right to give it anything.
  if (request.stdin_text && !request.stdin_text->empty())
    made.needs.push_back(
        {.verb = Verb::execute,
         .resource = "shell",
         .target = "stdin:" + base::to_hex(base::sha256(*request.stdin_text)).substr(0, kInputDigits)});
  std::vector<std::string> words = command.words;
  words[0] = command.program;
  TRY(need_inner_programs(call, {.program = command.program, .words = std::move(words), .cwd = command.cwd},
                          path_of(call), made));
  need_variables(call, request, made);
  return made;
}

Result<SpawnResponse> spawn(CallContext& call, const SpawnRequest& request) {
  const Command command = TRY(command_of(call, request));
  SpawnResponse response;
  const auto host = [&] { return call.kernel().children().host(); };
  call.runs_in(is_confined(request) ? sandbox::best_tier(host()) : sandbox::Tier::none, sandbox::Limits::none);
  if (is_confined(request)) {
    response.pid = TRY(start_confined(call, command, with_asked(request, {}), request.stdin_text));
  } else {
    TRY(kernel::check_children(call.kernel(), call.task()));
    kernel::Children::Start start = start_of(call, command, request.stdin_text);
    start.spawn.environment = TRY(environment_of(call, request));
    response.pid = TRY(call.kernel().children().start(std::move(start)));
  }
  const auto status = call.kernel().children().find(response.pid);
  const sandbox::Tier tier = status ? status->tier : sandbox::Tier::none;
  response.tier = base::enum_name(tier);
  call.runs_in(tier, status ? status->limits : sandbox::Limits::none);
  if (status && call.caller().principal == policy::Principal::terminal) {
    response.stdout_file = status->output.stdout_file;
    response.stderr_file = status->output.stderr_file;
  }
  return response;
}

// A program that may do anything is approved with what it is told to read, and in a project with what lies beside it:
// whoever asks can write there.
std::string files_it_finds(const CallContext& call, const Command& command) {
  std::vector<std::string> words = command.words;
  for (const std::string& word : command.words) {
    for (const std::vector<std::string>& inner :
         text::simple_commands(word).value_or(std::vector<std::vector<std::string>>()))
      words.insert(words.end(), inner.begin(), inner.end());
  }
  std::vector<std::string> files = files_named(words, command.cwd);
  files.push_back(command.program);
  const std::string& project = call.caller().project;
  const bool is_in_project = !project.empty() && sys::is_beneath(command.cwd, project);
  if (is_in_project) {
    for (std::string& file : files_in(command.cwd)) files.push_back(std::move(file));
  }
  return "\n  with the files it names" + std::string(is_in_project ? " and those in that folder" : "") +
         " as they are now: " + file_states(files);
}

Result<std::string> preview_spawn(const CallContext& call, const SpawnRequest& request) {
  const Command command = TRY(command_of(call, request));
  std::string text = "run " + base::escape_line(text::join(command.words)) + "\n  program " +
                     base::escape_line(command.program) + "\n  in " + base::escape_line(command.cwd) +
                     (is_confined(request) ? ", in the sandbox" : "");
  for (const auto& [name, value] : is_confined(request) ? Variables{} : leading_astray(call))
    text += "\n  with " + base::escape_line(name + "=" + value);
  for (const auto& [name, value] : request.env.value_or(std::map<std::string, std::string>{}))
    text += "\n  with " + base::escape_line(name + "=" + value);
  for (const auto& [name, value] : request.secret_env.value_or(std::map<std::string, base::Secret>{}))
    text += "\n  with " + base::escape_line(name) + "=(secret)";
  if (!is_confined(request)) text += files_it_finds(call, command);
  if (request.stdin_text && !request.stdin_text->empty()) {
    text += "\n  and give it " + std::to_string(request.stdin_text->size()) + " bytes to read:";
    for (std::string_view line : text::lines_of(*request.stdin_text)) {
      if (line.ends_with('\n')) line.remove_suffix(1);
      text += "\n    " + base::escape_line(line);
    }
  }
  return text;
}

Result<Assessment> assess_wait(const CallContext& call, const WaitRequest& request) {
  const auto status = call.kernel().children().find(request.pid);
  if (!status || !is_own_task(call, status->task))
    return fail(ErrorCode::not_found, "no task started a process " + std::to_string(request.pid),
                "`lilux call process.list --own`");
  return reads_processes();
}

Result<WaitResponse> wait(CallContext& call, const WaitRequest& request) {
  const auto status = call.kernel().children().find(request.pid);
  if (!status)
    return fail(ErrorCode::not_found, "no task started a process " + std::to_string(request.pid),
                "`lilux call process.list --own`");
  if (!status->exit && !call.is_past_deadline()) return call.park("process:" + std::to_string(request.pid));
  WaitResponse response{.finished = status->exit.has_value()};
  const std::int64_t limit = request.limit.value_or(kOutputDefault);
  response.standard_output = TRY(tail_of(status->output.stdout_file, limit, response.stdout_bytes));
  response.standard_error = TRY(tail_of(status->output.stderr_file, limit, response.stderr_bytes));
  if (!status->exit) return response;
  if (status->exit->code) response.exit_code = *status->exit->code;
  if (status->exit->signal) response.signal = *status->exit->signal;
  response.cpu_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(status->exit->user_time + status->exit->system_time)
          .count();
  response.memory_bytes = static_cast<std::int64_t>(status->exit->resident_bytes_max);
  if (!status->reason.empty()) response.reason = status->reason;
  if (status->tier != sandbox::Tier::none) {
    std::int64_t size = 0;
    const Ended ended = response.exit_code == 0 ? Ended::well : Ended::badly;
    const std::string said = TRY(tail_of(status->output.stderr_file, kOutputDefault, size));
    add_notes(notes_on(call, status->call, ended, said), response.notes);
  }
  if (status->tier != sandbox::Tier::none && !status->has_overflowed) tell_changes(call, status->call, response);
  return response;
}

Result<Assessment> assess_kill(const CallContext& call, const KillRequest& request) {
  TRY(signal_number(request.signal.value_or("KILL")));
  return signals(call, request.pid);
}

Result<KillResponse> kill(CallContext& call, const KillRequest& request) {
  const int number = TRY(signal_number(request.signal.value_or("KILL")));
  const sys::ProcessId id = TRY(assessed_process(call, request.pid));
  if (number == SIGKILL && is_child(call, id))
    TRY(sys::kill_tree(id, kKillTime));
  else
    TRY(sys::signal_process(id, number));
  return KillResponse{.killed = true};
}

Result<std::string> preview_kill(const CallContext& call, const KillRequest& request) {
  const std::string signal = request.signal.value_or("KILL");
  const sys::ProcessId id = TRY(process_of(request.pid));
  const bool is_tree = TRY(signal_number(signal)) == SIGKILL && is_child(call, id);
  return preview_of(id, is_tree ? "kill process " + std::to_string(id.pid) + " and everything it started"
                                : "send " + signal + " to process " + std::to_string(id.pid));
}

Result<Assessment> assess_info(const CallContext&, const InfoRequest&) {
  return reads_processes();
}

Result<InfoResponse> info(CallContext& call, const InfoRequest& request) {
  const sys::ProcessEntry entry = TRY(sys::process(static_cast<pid_t>(request.pid)));
  InfoResponse response{.pid = entry.pid,
                        .name = base::to_valid_utf8(entry.name),
                        .cpu = entry.cpu_percent,
                        .memory = static_cast<std::int64_t>(entry.resident_bytes),
                        .threads = entry.threads,
                        .started_at = base::format_time(entry.started_us),
                        .status = std::string(status_name(entry.state)),
                        .parent = entry.parent,
                        .task = call.kernel().children().task_of_process(entry.pid)};
  for (const std::string& word : entry.command) response.cmdline.push_back(base::to_valid_utf8(word));
  return response;
}

Result<Assessment> assess_signal(const CallContext& call, const SignalRequest& request) {
  TRY(signal_number(request.signal));
  return signals(call, request.pid);
}

Result<SignalResponse> signal(CallContext& call, const SignalRequest& request) {
  TRY(sys::signal_process(TRY(assessed_process(call, request.pid)), TRY(signal_number(request.signal))));
  return SignalResponse{.sent = true};
}

Result<std::string> preview_signal(const CallContext&, const SignalRequest& request) {
  return preview_of(TRY(process_of(request.pid)),
                    "send " + request.signal + " to process " + std::to_string(request.pid));
}

}  // namespace lilux::tools::process
