// shell.run and shell.commit: a command works on a project that stays as it is; what it changed becomes real as one
// call that is judged, asked about and undone like any other.

#include "tools/shell.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/escape.h"
#include "kernel/children.h"
#include "kernel/image.h"
#include "kernel/kernel.h"
#include "kernel/output_telling.h"
#include "kernel/scheduler.h"
#include "sandbox/changes.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/diff.h"
#include "text/shell.h"
#include "tools/command_notes.h"
#include "tools/common.h"
#include "tools/confined.h"
#include "tools/fs_common.h"
#include "tools/git_folders.h"

namespace lilux::tools::shell {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;
using sandbox::ChangeKind;
using sandbox::FileChange;

namespace {

constexpr std::string_view kBash = "/bin/bash";
constexpr std::int64_t kSecondsDefault = 120;
constexpr auto kTimeToTell = std::chrono::seconds(5);  // before the call itself is over, or a tenth of what it has
constexpr std::size_t kDiffBytes = 64 * 1024;
constexpr std::size_t kComparedBytes = 256 * 1024;           // of a file in a diff
constexpr auto kLookAgain = std::chrono::milliseconds(250);  // at what a command has said

Result<Command> command_of(const CallContext& call, const RunRequest& request) {
  if (request.command.has_value() == (request.argv && !request.argv->empty()))
    return fail(ErrorCode::invalid_argument, "give either 'command' or 'argv'",
                "command: a line for bash; argv: words");
  return confined_command(
      call, request.command ? std::vector{std::string(kBash), std::string("-c"), *request.command} : *request.argv,
      request.cwd);
}

std::string text_or_nothing(const std::string& path) {
  return sys::read_file(path, kComparedBytes).value_or("");
}

// create /p/a: file of 12 bytes, mode 0644
std::string line_of(const FileChange& change, const Written& written) {
  std::string made = std::string(base::enum_name(change.kind)) + " " +
                     base::escape_line(written.project + "/" + change.path) + ": " +
                     std::string(sys::type_name(change.type));
  if (change.kind == ChangeKind::remove) return made + "\n";
  if (change.type == sys::FileType::symlink) {
    const Result<sys::Place> place = sys::open_parent(written.upper + "/" + change.path);
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
std::string diff_of(const Written& written) {
  std::vector<FileChange> changes = written.changes;
  std::ranges::sort(changes, {}, [](const FileChange& change) { return std::pair(!is_hidden(change), change.path); });
  std::string made;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (made.size() > kDiffBytes) {
      made += "and " + std::to_string(changes.size() - i) + " more, named in the answer of shell.run\n";
      break;
    }
    made += line_of(changes[i], written);
  }
  const std::size_t listed = made.size();
  for (const FileChange& change : changes) {
    const bool has_content = change.type == sys::FileType::regular && change.kind != ChangeKind::properties &&
                             change.kind != ChangeKind::touch;
    if (!has_content) continue;
    if (change.size > kComparedBytes || made.size() - listed > kDiffBytes) {
      made += "(the content of " + base::escape_line(change.path) + " is not shown)\n";
      continue;
    }
    const std::string before =
        change.kind == ChangeKind::create ? "" : text_or_nothing(written.project + "/" + change.path);
    const std::string after =
        change.kind == ChangeKind::remove ? "" : text_or_nothing(written.upper + "/" + change.path);
    made += text::unified_diff(before, after, {.old_name = change.path, .new_name = change.path});
  }
  return made;
}

// All of it, or the last of it as far as it is kept.
Result<std::string> keep(const CallContext& call, const std::string& file) {
  const sys::Fd fd = TRY(sys::open(file, 0));
  const std::uint64_t size = TRY(sys::file_size(fd.get(), file));
  const std::uint64_t from = size - std::min(size, kernel::kOutputBytesMax);
  return call.kernel().store().put(TRY(sys::read_at(fd.get(), from, kernel::kOutputBytesMax, file)));
}

// Runs it to its end, or to the end of its time or room.
Result<kernel::ChildStatus> finish(const CallContext& call, std::chrono::seconds seconds, std::int64_t pid,
                                   bool& timed_out) {
  const auto began = std::chrono::steady_clock::now();
  const auto left = call.deadline() - began;
  const auto deadline =
      began + std::min<std::chrono::steady_clock::duration>(
                  seconds, left - std::min<std::chrono::steady_clock::duration>(kTimeToTell, left / 10));
  kernel::Children& children = call.kernel().children();
  const kernel::Scheduler::Lent lent(call.kernel().scheduler());
  std::optional<kernel::ChildStatus> status;
  kernel::OutputTelling telling;
  const auto tell = [&](bool is_last) {
    if (!call.request().peer) return;
    telling.tell(status->output, is_last, [&](std::string_view stream, const std::string& text) {
      call.log("info", JsonObject{{"stream", stream}, {"text", text}});
    });
  };
  do {
    const auto now = std::chrono::steady_clock::now();
    status = children.wait(pid, call.stop(), std::min(deadline, now + kLookAgain));
    if (status) tell(false);
    timed_out = now >= deadline && status && !status->exit;
  } while (status && !status->exit && !timed_out && !call.stop().stop_requested());
  if (status && !status->exit) {
    children.kill(pid);
    status = children.wait(pid, {}, std::chrono::steady_clock::now() + std::chrono::seconds(2));
  }
  if (status) tell(true);
  if (call.stop().stop_requested()) TRY(call.check_alive());
  if (status && status->has_overflowed)
    return fail(ErrorCode::over_budget, status->reason,
                "have it write less, in parts, or run it with --unconfined, which asks");
  if (!status) return fail(ErrorCode::internal, "the command's end was missed");
  return *std::move(status);
}

// A file that has other names, which may lie anywhere, gets content of its own.
Result<void> part_from_others(const sys::Place& place) {
  const auto found = TRY(sys::stat_if_there(place));
  return found && found->is_regular() && found->links > 1 ? sys::remove_file(place) : Result<void>();
}

// What is older stays older, as those who build look at that.
Result<void> take_times(const sys::Place& from, const sys::Place& to) {
  const sys::Stat stat = TRY(sys::stat(from));
  return sys::set_times(to, sys::times_of(stat));
}

Result<void> apply(CallContext& call, const FileChange& change, const Written& written) {
  const std::string path = written.project + "/" + change.path;
  const sys::Place to = TRY(sys::open_parent(path));
  if (change.kind == ChangeKind::remove) return TRY(sys::remove_tree(to)), Result<void>();
  const sys::Place from = TRY(sys::open_parent(written.upper + "/" + change.path));
  if (change.kind == ChangeKind::touch) return take_times(from, to);
  if (change.kind == ChangeKind::properties) {
    TRY(sys::set_mode(to, change.mode));
    return change.type == sys::FileType::regular ? take_times(from, to) : Result<void>();
  }
  if (change.type == sys::FileType::directory) return sys::make_directory(to, change.mode);
  if (change.type == sys::FileType::symlink) {
    if (change.kind == ChangeKind::modify) TRY(sys::remove_file(to));
    return sys::make_symlink(TRY(sys::read_link(from)), to);
  }
  if (change.kind == ChangeKind::modify) TRY(part_from_others(to));
  TRY(replace_file(call, path, TRY(read_regular(from.path, sandbox::kFileBytesMax)), Durable::later));
  TRY(sys::set_mode(to, change.mode));
  return take_times(from, to);
}

bool has_other_names(const std::string& path) {
  const Result<sys::Stat> found = sys::lstat(path);
  return found && found->is_regular() && found->links > 1;
}

// A command has run, but what it changed is not real: what it said is told, unless something broke.
Result<void> tell(const base::Error& error, RunResponse& response) {
  const bool is_decided =
      error.rule != kBeyondRights && (error.code == ErrorCode::conflict || error.code == ErrorCode::over_budget ||
                                      error.code == ErrorCode::denied || !error.rule.empty());
  if (!is_decided) return base::in_context(error, "the command has run, but its changes are not real");
  response.next = "nothing of it is real: " + error.message + (error.hint.empty() ? "" : ": " + error.hint);
  return {};
}

Result<Written> committable(const CallContext& call, const std::string& run) {
  Written written = TRY(written_by(call, run));
  if (written.problem) return std::unexpected(*std::move(written.problem));
  return written;
}

}  // namespace

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request) {
  Command command = TRY(command_of(call, request));
  command.input = request.stdin_text;
  TRY(check_variables(call, request.env.value_or(Variables{})));
  Assessment made{.risk = Risk::low};
  TRY(need_sandbox(call, command, request.command ? *request.command : text::join(command.words), made));
  return made;
}

Result<RunResponse> run(CallContext& call, const RunRequest& request) {
  return run_command(
      call, TRY(command_of(call, request)), request.env.value_or(Variables{}),
      {.input = request.stdin_text, .seconds = request.timeout, .is_preview = request.preview.value_or(false)});
}

Result<RunResponse> run_command(CallContext& call, const Command& command, const Variables& variables,
                                const Terms& terms) {
  call.runs_in(sandbox::best_tier(call.kernel().children().host()), sandbox::Limits::none);  // until it has started
  KeptTo kept_to = terms.kept_to;
  kept_to.seconds = terms.seconds.value_or(kSecondsDefault);
  const std::int64_t pid = TRY(start_confined(call, command, variables, terms.input, kept_to));
  RunResponse response;
  const Result<kernel::ChildStatus> status =
      finish(call, std::chrono::seconds(kept_to.seconds), pid, response.timed_out);
  if (!status) {
    forget_run(call, call.call());
    return std::unexpected(status.error());
  }
  response.tier = std::string(base::enum_name(status->tier));
  call.runs_in(status->tier, status->limits);
  if (status->exit && status->exit->code) response.exit_code = *status->exit->code;
  if (status->exit && status->exit->signal) response.signal = *status->exit->signal;
  if (!status->reason.empty()) response.reason = status->reason;
  const kernel::ChildOutput& files = status->output;
  response.standard_output = TRY(tail_of(files.stdout_file, terms.output_bytes, response.stdout_bytes));
  response.standard_error = TRY(tail_of(files.stderr_file, terms.output_bytes, response.stderr_bytes));
  if (response.stdout_bytes > terms.output_bytes) response.stdout_object = TRY(keep(call, files.stdout_file));
  if (response.stderr_bytes > terms.output_bytes) response.stderr_object = TRY(keep(call, files.stderr_file));
  const auto largest = static_cast<std::uint64_t>(std::max(response.stdout_bytes, response.stderr_bytes));
  if (largest > kernel::kOutputBytesMax)
    add_notes({"it wrote more than " + std::to_string(kernel::kOutputBytesMax >> 20) +
               " MiB, of which the end is kept, so much of it"},
              response.notes);
  const Ended ended = response.exit_code == 0 ? Ended::well : Ended::badly;
  add_notes(notes_on(call, call.call(), ended, response.standard_error), response.notes);
  call.kernel().children().forget(pid);
  const Result<Written> written = written_by(call, call.call());
  if (!written || written->problem || written->changes.empty()) forget_run(call, call.call());
  if (!written) {
    TRY(tell(written.error(), response));
    return response;
  }
  response.changes = rows_of(*written);
  if (!written->left_out.empty()) add_notes(notes_of(*written), response.notes);
  if (written->problem) TRY(tell(*written->problem, response));
  if (written->problem || written->changes.empty()) return response;
  if (terms.is_preview) response.diff = diff_of(*written);
  const bool is_half = response.timed_out || response.reason || lacks_files(*written);  // which is nobody's wish
  if (terms.is_preview || is_half) {
    response.next = "lilux call shell.commit --run " + call.call();
    return response;
  }
  const Result<Json> committed = call.call_tool("shell.commit", JsonObject{{"run", call.call()}});
  response.committed = committed.has_value();
  if (!committed) TRY(tell(committed.error(), response));
  return response;
}

Result<Assessment> assess_commit(const CallContext& call, const CommitRequest& request) {
  const Written written = TRY(committable(call, request.run));
  if (written.changes.empty())
    return fail(ErrorCode::not_found, "call " + sys::quoted(request.run) + " changed nothing",
                "there is nothing to do");
  if (const std::string differs = TRY(kernel::difference(call.kernel().store(), written.image)); !differs.empty())
    return fail(ErrorCode::conflict,
                "the project has changed since the command ran: " + differs.substr(0, differs.find('\n')),
                "run it again");
  Assessment made{.risk = Risk::low,
                  .paths = outermost(written.changes, written.project),
                  .folders = changed_folders(written.changes, written.project)};
  for (const FileChange& change : written.changes) {
    const std::string path = written.project + "/" + change.path;
    made.risk = std::max(made.risk, path_risk(call, path, Risk::medium));
    if (change.kind == ChangeKind::modify && has_other_names(path))
      made.undo_limit = "a file with several names is parted from the others for good";
    if (change.kind == ChangeKind::remove)
      TRY(need_tree(made, Verb::write, path));
    else
      made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
    if (change.type == sys::FileType::regular && change.kind != ChangeKind::remove)
      made.scratch.push_back(scratch_for(call, path));
  }
  need_git_folders(made);
  return made;
}

Result<CommitResponse> commit(CallContext& call, const CommitRequest& request) {
  const Written written = TRY(committable(call, request.run));
  call.begins();
  for (const FileChange& change : written.changes) TRY(apply(call, change, written));
  TRY(sys::sync_filesystem(written.project));
  forget_run(call, request.run);
  return CommitResponse{.changes = rows_of(written.changes)};
}

Result<std::string> preview_commit(const CallContext& call, const CommitRequest& request) {
  return "make real what " + request.run + " changed\n" + diff_of(TRY(committable(call, request.run)));
}

Result<Assessment> assess_drop(const CallContext& call, const DropRequest& request) {
  TRY(check_run(call, request.run));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::execute, .resource = "sandbox", .target = "drop " + request.run});
  return made;
}

Result<DropResponse> drop(CallContext& call, const DropRequest& request) {
  forget_run(call, request.run);
  return DropResponse{.dropped = !sys::exists(run_folder(call, request.run))};
}

}  // namespace lilux::tools::shell
