// shell.run and shell.commit: a command works on a project that stays as it is; what it changed becomes real as one
// call that is judged, asked about and undone like any other.

#include "tools/shell.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/time.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/image.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "sandbox/changes.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/diff.h"
#include "text/shell.h"
#include "tools/command.h"
#include "tools/common.h"
#include "tools/fs_common.h"

namespace lilux::tools::shell {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using kernel::Final;
using policy::Risk;
using policy::Verb;
using sandbox::ChangeKind;
using sandbox::FileChange;

namespace {

constexpr std::string_view kBash = "/bin/bash";
constexpr std::int64_t kSecondsDefault = 120;
constexpr auto kTimeToTell = std::chrono::seconds(5);  // before the call itself is over
constexpr std::int64_t kOutputBytes = 64 * 1024;
constexpr std::size_t kDiffBytes = 64 * 1024;
constexpr std::size_t kComparedBytes = 256 * 1024;  // of a file in a diff
constexpr auto kKept = std::chrono::hours(24);      // as long as a question
constexpr auto kRunning = std::chrono::hours(1);    // longer than any
constexpr std::size_t kRunsKept = 20;               // of one task
constexpr std::size_t kRunsMax = 400;
constexpr auto kLookAgain = std::chrono::milliseconds(250);  // at what a command has written
constexpr std::uint64_t kRoomLeft = std::uint64_t{256} << 20;
constexpr std::uint64_t kWrittenMax = std::uint64_t{4} << 30;
constexpr std::uint64_t kEntriesMax = 500'000;

struct Command {
  std::string program;
  std::vector<std::string> words;
  std::string cwd;
};

Result<Command> command_of(const CallContext& call, const RunRequest& request) {
  if (request.command.has_value() == (request.argv && !request.argv->empty()))
    return fail(ErrorCode::invalid_argument, "give either 'command' or 'argv'",
                "command: a line for bash; argv: words");
  const std::string& project = call.caller().project;
  Command made{.cwd = TRY(call.resolve(request.cwd.value_or(project.empty() ? "/tmp" : "."), Final::follow))};
  if (!sys::is_beneath(made.cwd, project.empty() ? "/tmp" : project))
    return fail(ErrorCode::invalid_argument, "folder " + sys::quoted(made.cwd) + " lies outside of the project",
                "in the sandbox there is only the project, the system's programs and an empty /tmp");
  if (request.command)
    made.words = {std::string(kBash), "-c", *request.command};
  else
    made.words = *request.argv;
  for (const std::string& word : made.words) {
    if (word.find('\0') != std::string::npos)
      return fail(ErrorCode::invalid_argument, "an argument holds a NUL byte", "remove it");
  }
  made.program = TRY(sys::resolve_program(made.words[0], kPlainPath, made.cwd));
  made.words[0] = made.program;
  return made;
}

Result<std::vector<std::string>> environment_of(const CallContext& call, const RunRequest& request) {
  std::map<std::string, std::string> made{
      {"HOME", "/tmp"}, {"LANG", "C.UTF-8"}, {"PATH", std::string(kPlainPath)}, {"TERM", "dumb"}};
  for (const auto& [name, value] : request.env.value_or(std::map<std::string, std::string>{})) made[name] = value;
  return entries_of(call, std::move(made));
}

// Where a run keeps what it wrote, and what has to be known to make it real.
struct Run {
  std::string task;
  std::string project;
  std::string image;  // of what stands where it would change something
  static constexpr std::tuple fields{
      Field{"task", &Run::task, "Whose it is"},
      Field{"project", &Run::project, "What it worked on"},
      Field{"image", &Run::image, "What was there when it ended"},
  };
};

std::string runs_folder(const CallContext& call) {
  return (call.kernel().folders().state / "runs").string();
}
std::string folder_of(const CallContext& call, const std::string& run) {
  return runs_folder(call) + "/" + run;
}

void remove_run(const std::string& folder) {
  const Result<sys::Place> place = sys::open_parent(folder);
  if (place) std::ignore = sys::remove_tree(*place);  // what is left is tried again with a later run
}

Result<Run> run_in(const std::string& folder) {
  return base::decode<Run>(TRY(base::parse_json(TRY(sys::read_file(folder + "/about", 4096)))));
}

// Removes what nobody can ask for any more, and the caller's own oldest when it keeps too many. Others' stay.
Result<void> make_room(const CallContext& call) {
  const Result<std::vector<sys::Entry>> runs = sys::list_directory(runs_folder(call));
  if (!runs) return {};          // there is none yet
  std::vector<std::string> own;  // ids sort by age
  for (const sys::Entry& entry : *runs) {
    const std::string folder = folder_of(call, entry.name);
    const Result<sys::Stat> found = sys::lstat(folder);
    const Result<Run> run = run_in(folder);
    const auto kept =
        std::chrono::microseconds(run ? kKept : kRunning).count();  // without a word it runs, or was killed
    if (found && found->modified_ns / 1000 < base::now_us() - kept)
      remove_run(folder);
    else if (run && run->task == call.task())
      own.push_back(folder);
  }
  for (std::size_t i = 0; i + kRunsKept < own.size(); ++i) remove_run(own[i]);
  if (runs->size() < kRunsMax) return {};
  return fail(ErrorCode::unavailable, "the changes of " + std::to_string(runs->size()) + " commands wait already",
              "commit them, or wait: they are kept for a day");
}

Result<Run> known_run(const CallContext& call, const std::string& id) {
  const auto unknown = [&] {
    return fail(ErrorCode::not_found, "no changes of a call " + sys::quoted(id) + " wait",
                "they are kept for a day; run the command again");
  };
  if (!base::is_id(id, 'c')) return unknown();
  const Result<Run> run = run_in(folder_of(call, id));
  if (!run || !is_own_task(call, run->task)) return unknown();
  return *run;
}

std::string mode_text(std::uint32_t mode) {
  std::string text = "0000";
  for (std::size_t i = 0; i < 3; ++i) text[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7U));
  return text;
}

std::vector<Change> shown(const std::vector<FileChange>& changes) {
  std::vector<Change> made;
  for (const FileChange& change : changes)
    made.push_back({.change = std::string(base::enum_name(change.kind)),
                    .path = base::to_valid_utf8(change.path),
                    .type = change.type == sys::FileType::regular ? "file" : std::string(sys::type_name(change.type)),
                    .size = static_cast<std::int64_t>(change.size),
                    .mode = change.kind == ChangeKind::remove ? "" : mode_text(change.mode)});
  return made;
}

std::string text_or_nothing(const std::string& path) {
  return sys::read_file(path, kComparedBytes).value_or("");
}

// create /p/a: file of 12 bytes, mode 0644
std::string line_of(const FileChange& change, const std::string& upper, const std::string& project) {
  std::string made = std::string(base::enum_name(change.kind)) + " " + base::escape_line(project + "/" + change.path) +
                     ": " + std::string(sys::type_name(change.type));
  if (change.kind == ChangeKind::remove) return made + "\n";
  if (change.type == sys::FileType::symlink) {
    const Result<sys::Place> place = sys::open_parent(upper + "/" + change.path);
    return made + " to " + base::escape_line(place ? sys::read_link(*place).value_or("?") : "?") + "\n";
  }
  if (change.type == sys::FileType::regular) made += " of " + std::to_string(change.size) + " bytes";
  return made + ", mode " + mode_text(change.mode) + "\n";
}

// What tools and shells look for without being told comes first: nobody should have to search for it.
bool is_hidden(const FileChange& change) {
  return change.path.starts_with('.') || change.path.find("/.") != std::string::npos;
}

// All that changes, a line each, and then how.
std::string diff_of(std::vector<FileChange> changes, const std::string& upper, const std::string& project) {
  std::ranges::sort(changes, {}, [](const FileChange& change) { return std::pair(!is_hidden(change), change.path); });
  std::string made;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (made.size() > kDiffBytes) {
      made += "and " + std::to_string(changes.size() - i) + " more, named in the answer of shell.run\n";
      break;
    }
    made += line_of(changes[i], upper, project);
  }
  const std::size_t listed = made.size();
  for (const FileChange& change : changes) {
    const bool has_content = change.type == sys::FileType::regular && change.kind != ChangeKind::properties;
    if (!has_content) continue;
    if (change.size > kComparedBytes || made.size() - listed > kDiffBytes) {
      made += "(the content of " + base::escape_line(change.path) + " is not shown)\n";
      continue;
    }
    const std::string before = change.kind == ChangeKind::create ? "" : text_or_nothing(project + "/" + change.path);
    const std::string after = change.kind == ChangeKind::remove ? "" : text_or_nothing(upper + "/" + change.path);
    made += text::unified_diff(before, after, {.old_name = change.path, .new_name = change.path});
  }
  return made;
}

Result<std::int64_t> start(const CallContext& call, const RunRequest& request, const std::string& folder) {
  kernel::Kernel& kernel = call.kernel();
  const Command command = TRY(command_of(call, request));
  TRY(kernel::check_children(kernel, call.task()));
  kernel::Children::Start start{.task = call.task(),
                                .project = call.caller().project,
                                .command = base::escape_for_terminal(text::join(command.words)),
                                .standard_input = request.stdin_text,
                                .within = sandbox::Spec{}};
  if (!call.caller().project.empty())
    start.within->trees.push_back({.path = call.caller().project, .access = sandbox::Access::write, .changes = folder});
  start.spawn.program = command.program;
  start.spawn.arguments = command.words;
  start.spawn.environment = TRY(environment_of(call, request));
  start.spawn.cwd = command.cwd;
  start.spawn.group = sys::ProcessGroup::own_session;
  start.spawn.umask = call.caller().umask;
  limit_memory(call, start.spawn);
  return kernel.children().start(std::move(start));
}

// What it has written so far fits the disk and what can be kept; the files of /tmp count as memory.
Result<void> check_room(const std::string& folder) {
  const sys::DiskSpace space = TRY(sys::disk_space(folder));
  if (space.available_bytes < kRoomLeft)
    return fail(ErrorCode::over_budget, "the disk of " + sys::quoted(folder) + " is nearly full",
                "make room and run it again");
  std::uint64_t bytes = 0;
  const auto visit = [&](const sys::Place&, const sys::Stat& stat) -> Result<sys::Descend> {
    bytes += stat.is_regular() ? stat.size : 0;
    if (bytes <= kWrittenMax) return sys::Descend::yes;
    return fail(ErrorCode::over_budget, "the command wrote more than " + std::to_string(kWrittenMax >> 20) + " MiB",
                "have it write less, or to /tmp");
  };
  const Result<sys::TreeSize> walked = sys::walk_tree(TRY(sys::open_parent(folder)), kEntriesMax, visit);
  if (walked || walked.error().code != ErrorCode::over_budget) return {};  // it changes while we look
  return std::unexpected(walked.error());
}

// Runs it to its end, or to the end of its time or room.
Result<kernel::ChildStatus> finish(const CallContext& call, const RunRequest& request, std::int64_t pid,
                                   const std::string& folder, bool& timed_out) {
  const auto seconds = std::chrono::seconds(request.timeout.value_or(kSecondsDefault));
  const auto deadline = std::min(std::chrono::steady_clock::now() + seconds, call.deadline() - kTimeToTell);
  kernel::Children& children = call.kernel().children();
  const kernel::Scheduler::Lent lent(call.kernel().scheduler());
  std::optional<kernel::ChildStatus> status;
  Result<void> room;
  do {
    const auto now = std::chrono::steady_clock::now();
    status = children.wait(pid, call.stop(), std::min(deadline, now + kLookAgain));
    room = check_room(folder);
    timed_out = now >= deadline;
  } while (status && !status->exit && room && !timed_out && !call.stop().stop_requested());
  if (status && !status->exit) {
    children.kill(pid);
    status = children.wait(pid, {}, std::chrono::steady_clock::now() + std::chrono::seconds(2));
  }
  if (call.stop().stop_requested()) TRY(call.check_alive());
  TRY(std::move(room));
  if (!status) return fail(ErrorCode::internal, "the command's end was missed");
  return *std::move(status);
}

// What stood there while the command ran is what it saw: nothing there, or below what goes, is younger.
Result<void> check_older(const std::string& path, const FileChange& change, std::int64_t began_ns) {
  const Result<sys::Place> place = sys::open_parent(path);
  if (!place) return {};
  const auto found = TRY(sys::stat_if_there(*place));
  if (!found) return {};
  const auto visit = [&](const sys::Place& below, const sys::Stat& stat) -> Result<sys::Descend> {
    if (stat.changed_ns <= began_ns) return sys::Descend::yes;
    return fail(ErrorCode::conflict, sys::quoted(below.path) + " has changed while the command ran", "run it again");
  };
  if (change.kind == ChangeKind::remove) {
    TRY(sys::walk_tree(*place, UINT64_MAX, visit));
  } else if (!found->is_directory()) {
    TRY(visit(*place, *found));
  }
  return {};
}

bool is_mode_of_folder(const FileChange& change) {
  return change.kind == ChangeKind::properties && change.type == sys::FileType::directory;
}

// The outermost paths that hold all that changes but the modes of folders.
std::vector<std::string> outermost(const std::vector<FileChange>& changes, const std::string& project) {
  std::set<std::string> all;
  for (const FileChange& change : changes) {
    if (!is_mode_of_folder(change)) all.insert(project + "/" + change.path);
  }
  const auto is_inner = [&](const std::string& path) {
    for (std::string up = sys::parent_of(path); up.size() > project.size(); up = sys::parent_of(up)) {
      if (all.contains(up)) return true;
    }
    return false;
  };
  std::vector<std::string> made;
  std::ranges::remove_copy_if(all, std::back_inserter(made), is_inner);
  return made;
}

Result<void> apply(CallContext& call, const FileChange& change, const std::string& upper, const std::string& project) {
  const std::string path = project + "/" + change.path;
  const sys::Place to = TRY(sys::open_parent(path));
  if (change.kind == ChangeKind::remove) return TRY(sys::remove_tree(to)), Result<void>();
  const sys::Place from = TRY(sys::open_parent(upper + "/" + change.path));
  if (change.kind == ChangeKind::properties) return sys::set_mode(to, change.mode);
  if (change.type == sys::FileType::directory) return sys::make_directory(to, change.mode);
  if (change.type == sys::FileType::symlink) {
    if (change.kind == ChangeKind::modify) TRY(sys::remove_file(to));
    return sys::make_symlink(TRY(sys::read_link(from)), to);
  }
  TRY(replace_file(call, path, TRY(read_regular(from.path, sandbox::kFileBytesMax))));
  return sys::set_mode(to, change.mode);
}

// What was found at its end, and kept until it is committed.
Result<std::vector<FileChange>> note_changes(const CallContext& call, Run run, std::int64_t began_ns) {
  const std::string folder = folder_of(call, call.call());
  if (run.project.empty()) return std::vector<FileChange>{};
  std::vector<FileChange> changes = TRY(sandbox::changes_of(folder, run.project));
  for (const FileChange& change : changes) TRY(check_older(run.project + "/" + change.path, change, began_ns));
  run.image = TRY(kernel::capture(call.kernel().store(), outermost(changes, run.project),
                                  kernel::Content::fingerprint_only, call.kernel().config().image_limits()));
  TRY(sys::write_file_atomic(folder + "/about", base::to_text(base::encode(run)), 0600));
  return changes;
}

// A command has run, but what it changed could not be made real; what nobody decided is a failure of the call.
Result<void> tell(const base::Error& error, RunResponse& response) {
  const bool is_decided = error.code == ErrorCode::conflict || !error.rule.empty();
  if (!is_decided) return base::in_context(error, "the command has run, but its changes are not real");
  response.next = error.message + (error.hint.empty() ? "" : ": " + error.hint);
  return {};
}

// Rules about what every sandbox sees hold there too; what they keep from being read cannot be left out yet.
Result<void> check_readable(const CallContext& call, const std::string& folder) {
  const auto rules = TRY(call.kernel().rules(call.caller().project));
  const policy::Need reads{.verb = Verb::read, .resource = "fs", .target = folder};
  const policy::Question question{.tool = call.request().tool, .needs = {&reads, 1}, .who = call.caller().principal};
  for (const policy::Rule& rule : rules->restrictions_below(question, reads)) {
    // What the built-in rules keep in /etc, modes keep too, or it is no part of what is public there.
    if (folder == "/etc" && rule.source == "builtin") continue;
    return fail(ErrorCode::unavailable,
                "rule '" + rule.id + "' keeps a part of " + sys::quoted(folder) +
                    " from being read, which the sandbox cannot leave out yet",
                "run it with process.spawn, which asks, or `lilux policy remove " + rule.id + "`");
  }
  return {};
}

}  // namespace

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request) {
  const Command command = TRY(command_of(call, request));
  TRY(environment_of(call, request));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::execute,
                        .resource = "sandbox",
                        .target = request.command ? *request.command : text::join(command.words)});
  const std::string& project = call.caller().project;
  if (!project.empty()) {
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = project});
    TRY(check_readable(call, project));
  }
  for (const char* tree : sandbox::system_trees()) TRY(check_readable(call, tree));
  TRY(check_readable(call, "/etc"));
  TRY(need_inner_programs(call, command.cwd, command.words, made));
  return made;
}

Result<RunResponse> run(CallContext& call, const RunRequest& request) {
  TRY(make_room(call));
  const std::string folder = folder_of(call, call.call());
  const Run about{.task = call.task(), .project = call.caller().project, .image = {}};
  TRY(sys::make_private_directory(runs_folder(call)));
  TRY(sys::make_private_directory(folder));
  if (!about.project.empty()) TRY(sandbox::prepare_changes(folder, about.project));
  const std::int64_t began_ns = base::now_us() * 1000;
  RunResponse response;
  const Result<std::int64_t> pid = start(call, request, folder);
  Result<kernel::ChildStatus> status =
      pid ? finish(call, request, *pid, folder, response.timed_out) : std::unexpected(pid.error());
  if (!status) {
    remove_run(folder);
    return std::unexpected(status.error());
  }
  response.tier = std::string(base::enum_name(status->tier));
  if (status->exit && status->exit->code) response.exit_code = *status->exit->code;
  if (status->exit && status->exit->signal) response.signal = *status->exit->signal;
  response.standard_output = TRY(tail_of(status->output.stdout_file, kOutputBytes, response.stdout_bytes));
  response.standard_error = TRY(tail_of(status->output.stderr_file, kOutputBytes, response.stderr_bytes));
  const Result<std::vector<FileChange>> changes = note_changes(call, about, began_ns);
  if (!changes || changes->empty()) {
    remove_run(folder);
    if (!changes) TRY(tell(changes.error(), response));
    return response;
  }
  response.changes = shown(*changes);
  if (request.preview.value_or(false)) response.diff = diff_of(*changes, folder + "/upper", about.project);
  if (request.preview.value_or(false) || response.timed_out) {
    response.next = "lilux call shell.commit --run " + call.call();
    return response;
  }
  const Result<Json> committed = call.call_tool("shell.commit", JsonObject{{"run", call.call()}});
  response.committed = committed.has_value();
  if (!committed) TRY(tell(committed.error(), response));
  return response;
}

Result<Assessment> assess_commit(const CallContext& call, const CommitRequest& request) {
  const Run run = TRY(known_run(call, request.run));
  if (const std::string differs = TRY(kernel::difference(call.kernel().store(), run.image)); !differs.empty())
    return fail(ErrorCode::conflict,
                "the project has changed since the command ran: " + differs.substr(0, differs.find('\n')),
                "run it again");
  const std::vector<FileChange> changes = TRY(sandbox::changes_of(folder_of(call, request.run), run.project));
  Assessment made{.risk = Risk::low, .paths = outermost(changes, run.project)};
  for (const FileChange& change : changes) {
    const std::string path = run.project + "/" + change.path;
    made.risk = std::max(made.risk, path_risk(call, path, Risk::medium));
    if (is_mode_of_folder(change)) made.undo_limit = "the mode of a folder stays as the command made it";
    if (change.kind == ChangeKind::remove)
      TRY(need_tree(made, Verb::write, path));
    else
      made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
    if (change.type == sys::FileType::regular && change.kind != ChangeKind::remove)
      made.scratch.push_back(scratch_for(call, path));
  }
  return made;
}

Result<CommitResponse> commit(CallContext& call, const CommitRequest& request) {
  const Run run = TRY(known_run(call, request.run));
  const std::string folder = folder_of(call, request.run);
  const std::vector<FileChange> changes = TRY(sandbox::changes_of(folder, run.project));
  call.begins();
  for (const FileChange& change : changes) TRY(apply(call, change, folder + "/upper", run.project));
  remove_run(folder);
  return CommitResponse{.changes = shown(changes)};
}

Result<std::string> preview_commit(const CallContext& call, const CommitRequest& request) {
  const Run run = TRY(known_run(call, request.run));
  const std::string folder = folder_of(call, request.run);
  const std::vector<FileChange> changes = TRY(sandbox::changes_of(folder, run.project));
  return "make real what " + request.run + " changed\n" + diff_of(changes, folder + "/upper", run.project);
}

}  // namespace lilux::tools::shell
