#include "tools/confined.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/id.h"
#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/image.h"
#include "kernel/kernel.h"
#include "sandbox/record.h"
#include "sandbox/workplace.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/lock.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/process_table.h"
#include "sys/self.h"
#include "sys/tree.h"
#include "text/inner_commands.h"
#include "text/shell.h"
#include "tools/common.h"
#include "tools/git_identity.h"
#include "tools/no_project.h"
#include "tools/sandbox_view.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using kernel::Final;
using policy::Verb;
using sandbox::ChangeKind;
using sandbox::FileChange;
using sandbox::Outlives;

namespace {

constexpr const char* kScratch = "/tmp";
constexpr const char* kHiddenFile = "/hidden";  // of a run: what it did not get to see
constexpr auto kKept = std::chrono::hours(24);  // as long as a question
constexpr auto kBegun = std::chrono::hours(1);  // one that nobody has looked at yet is in somebody's hands
constexpr std::size_t kRunsKept = 20;           // of one task
constexpr std::size_t kRunsMax = 400;
constexpr std::size_t kAboutMax = 64 * 1024;
constexpr std::string_view kSaysIt = "a script says it in its head: ";

// What has to be known to make real what a command wrote.
struct Run {
  std::string task;
  std::string origin;  // the outermost task above it
  std::string project;
  std::int64_t began_us = 0;
  std::string kernel;  // which process of the kernel's
  std::optional<std::string> image;
  std::optional<std::vector<std::string>> rights;
  static constexpr base::Fields fields{
      Field{"task", &Run::task, "Whose it is"},
      Field{"origin", &Run::origin, "On whose behalf"},
      Field{"project", &Run::project, "What it works on"},
      Field{"began_us", &Run::began_us, "When it was started"},
      Field{"kernel", &Run::kernel, "Which process started it"},
      Field{"image", &Run::image, "What was there when it had ended and was looked at"},
      Field{"rights", &Run::rights, "What it is kept to"},
  };
};

std::string this_kernel() {
  static const std::string name = [] {
    const auto own = sys::process_id(sys::process_id());
    return own ? std::to_string(own->pid) + " " + std::to_string(own->start_ticks) : std::string();
  }();
  return name;
}

// Its kernel went away, while it ran or before anybody looked at what it left.
bool is_cut_off(const Run& run) {
  return !run.image && run.kernel != this_kernel();
}

std::string runs_folder(const CallContext& call) {
  return (call.kernel().folders().state / "runs").string();
}

Result<Run> run_in(const std::string& folder) {
  return base::decode<Run>(TRY(base::parse_json(TRY(sys::read_file(folder + "/about", kAboutMax)))));
}
// Nothing can be asked of a run that ends with the machine, so its beginning does not wait for the disk.
Result<void> begin(const Run& run, const std::string& folder) {
  const sys::Fd file = TRY(sys::open(folder + "/about", O_WRONLY | O_CREAT | O_EXCL, 0600));
  return sys::write_all(file.get(), base::to_text(base::encode(run)));
}
Result<void> save(const Run& run, const std::string& folder) {
  return sys::write_file_atomic(folder + "/about", base::to_text(base::encode(run)), 0600);
}

// What says whose it is goes first, so nobody takes what is left for all of it.
void remove(const std::string& folder) {
  std::ignore = sys::remove_file(folder + "/about");
  const Result<sys::Place> place = sys::open_parent(folder);
  if (place) std::ignore = sys::remove_tree(*place);  // what is left is tried again with a later run
}

// When there are too many in all, whoever has most loses the oldest that has ended.
Result<void> make_way(const CallContext& call) {
  std::map<std::string, std::vector<std::string>> by_origin;  // ids sort by age
  const Result<std::vector<sys::Entry>> runs = sys::list_directory(runs_folder(call));
  if (!runs || runs->size() < kRunsMax) return {};
  for (const sys::Entry& entry : *runs) {
    const Result<Run> run = run_in(run_folder(call, entry.name));
    if (run && run->image && !call.kernel().children().is_running(entry.name))
      by_origin[run->origin].push_back(entry.name);
  }
  const auto most = std::ranges::max_element(by_origin, {}, [](const auto& one) { return one.second.size(); });
  if (most == by_origin.end())
    return fail(ErrorCode::unavailable, std::to_string(runs->size()) + " commands run already",
                "wait for some of them: `lilux top`");
  remove(run_folder(call, most->second.front()));
  return {};
}

// Removes what nobody can ask for any more, and the caller's own oldest when it keeps too many. Others' stay.
Result<void> make_room(const CallContext& call) {
  const Result<std::vector<sys::Entry>> runs = sys::list_directory(runs_folder(call));
  if (!runs) return {};          // there is none yet
  std::vector<std::string> own;  // ids sort by age
  for (const sys::Entry& entry : *runs) {
    if (call.kernel().children().is_running(entry.name)) continue;
    const std::string folder = run_folder(call, entry.name);
    const Result<sys::Stat> found = sys::lstat(folder);
    const Result<Run> run = run_in(folder);
    const std::int64_t age_us = found ? base::now_us() - found->modified_ns / 1000 : 0;
    if (age_us > std::chrono::microseconds(kKept).count() || (run && is_cut_off(*run)))
      remove(folder);
    else if (run && run->task == call.task() && (run->image || age_us > std::chrono::microseconds(kBegun).count()))
      own.push_back(folder);
  }
  for (std::size_t i = 0; i + kRunsKept < own.size(); ++i) remove(own[i]);
  return make_way(call);
}

// In the command's home, where git looks for it.
Result<void> introduce(const std::string& identity, const std::string& folder, sandbox::Workplace& place) {
  if (identity.empty()) return {};
  const bool is_made_later = place.scratch == kScratch;
  const std::string file = (is_made_later ? folder + "/" : place.home + "/.") + "gitconfig";
  if (is_made_later) place.spec.trees.push_back({.path = place.home + "/.gitconfig", .stand_in = file});
  return sys::write_file_atomic(file, identity, 0600);
}

std::string origin_of(const CallContext& call) {
  return call.kernel().state().with([&](kernel::State& state) {
    const auto line = kernel::lineage(state, call.task());
    return line.size == 0 ? call.task() : line.tasks[line.size - 1]->id;
  });
}

// For whoever makes the changes real: nobody changes what was hidden from them.
Result<void> remember(const std::vector<sandbox::Hidden>& hidden, const std::string& folder) {
  std::vector<sandbox::RecordLine> lines;
  for (const sandbox::Hidden& one : hidden) lines.push_back({.path = one.path});
  return lines.empty() ? Result<void>() : sandbox::write_record(folder + kHiddenFile, lines, Outlives::power_loss);
}

Result<void> check_hidden(const std::vector<FileChange>& changes, const std::string& project,
                          const std::string& folder) {
  const auto hidden = TRY(sandbox::read_record(folder + kHiddenFile)).value_or(std::vector<sandbox::RecordLine>{});
  for (const FileChange& change : changes) {
    const std::string path = project + "/" + change.path;
    for (const sandbox::RecordLine& one : hidden) {
      const bool is_touched =
          sys::is_beneath(path, one.path) || (change.kind == ChangeKind::remove && sys::is_beneath(one.path, path));
      if (is_touched)
        return fail(ErrorCode::denied, "the command changed " + sys::quoted(one.path) + ", which it may not read",
                    "have it leave that alone, or let it be read: `lilux policy list`");
    }
  }
  return {};
}

Result<std::optional<RunRights>> rights_of(const CallContext& call, const Run& run) {
  if (!run.rights) return std::optional<RunRights>();
  return std::optional(TRY(RunRights::parse(*run.rights, run.project, call.kernel().folders().home)));
}

Result<void> check_rights(const RunRights& rights, const std::vector<FileChange>& changes, const std::string& project) {
  for (const FileChange& change : changes) {
    if (rights.may_make(project + "/" + change.path, change)) continue;
    const bool is_new_folder = change.kind == sandbox::ChangeKind::create && change.type == sys::FileType::directory;
    const std::string wanted = change.path + (is_new_folder ? "/**" : "");  // with what was to lie in it
    base::Error error{.code = ErrorCode::denied,
                      .message = "it changed " + sys::quoted(change.path) + ", which it does not say it writes",
                      .hint = std::string(kSaysIt) + "# permissions = [\"write filesystem " + wanted + "\"]",
                      .rule = std::string(kBeyondRights)};
    return std::unexpected(std::move(error));
  }
  return {};
}

// The file says what it said when it was judged. Where it has a place of its own it is put there; a copy of the project
// is nobody else's, so there it is enough to look.
Result<void> put_text(const KeptTo& kept_to, const std::string& folder, sandbox::Workplace& place) {
  if (kept_to.file.empty()) return {};
  if (place.work == place.tree) {
    const std::string stand_in = folder + "/script";
    TRY(sys::write_file_atomic(stand_in, kept_to.text, 0600));
    place.spec.trees.push_back({.path = kept_to.file, .stand_in = stand_in});
    return {};
  }
  if (TRY(sys::read_file(place.place_of(kept_to.file), kept_to.text.size() + 1)) == kept_to.text) return {};
  return fail(ErrorCode::conflict, sys::quoted(kept_to.file) + " was changed while this call was under way",
              "make the call again");
}

Result<sandbox::Workplace> prepare(const CallContext& call, const std::string& folder, const KeptTo& kept_to) {
  const Run run{.task = call.task(),
                .origin = origin_of(call),
                .project = call.caller().project,
                .began_us = base::now_us(),
                .kernel = this_kernel(),
                .image = std::nullopt,
                .rights = kept_to.rights};
  TRY(sys::make_private_directory(folder));
  TRY(begin(run, folder));
  const std::optional<RunRights> rights = TRY(rights_of(call, run));
  const View view = TRY(view_of(call, rights ? &*rights : nullptr));
  TRY(remember(view.hidden, folder));
  sandbox::Workplace place = TRY(
      sandbox::prepare_workplace(folder, run.project, call.kernel().children().host(), call.stop(), {}, view.hidden));
  for (const std::string& path : view.readable) place.spec.trees.push_back({.path = path});
  place.spec.trees.insert(place.spec.trees.end(), kept_to.shown.begin(), kept_to.shown.end());
  TRY(put_text(kept_to, folder, place));
  TRY(introduce(git_identity(call.kernel().folders().home), folder, place));
  return place;
}

// A plain one. What would try a network again and again fails at once.
Result<std::vector<std::string>> environment_of(const CallContext& call, Variables variables,
                                                const sandbox::Workplace& place) {
  variables.insert({{"HOME", place.home},
                    {"LANG", "C.UTF-8"},
                    {"PATH", std::string(kPlainPath)},
                    {"PIP_RETRIES", "0"},
                    {"TERM", "dumb"},
                    {"TMPDIR", place.scratch},
                    {"npm_config_fetch_retries", "0"}});
  return entries_of(call, std::move(variables));
}

// Nobody is asked about a time alone; where it is not allowed it stays as it was.
bool is_idle(const CallContext& call, const policy::RuleSet& rules, const Run& run, const FileChange& change) {
  if (change.kind != ChangeKind::touch) return false;
  const policy::Need writes{.verb = Verb::write, .resource = "fs", .target = run.project + "/" + change.path};
  return rules.decide({.tool = "shell.commit", .needs = {&writes, 1}, .who = call.caller().principal}).effect !=
         policy::Effect::allow;
}

// What stood there while the command ran is what it saw: nothing that was changed, put there or moved since is.
class Unchanged {
 public:
  Unchanged(const std::string& project, std::int64_t began_ns) : project_(project), began_ns_(began_ns) {}

  Result<void> check(const FileChange& change) {
    const std::string path = project_ + "/" + change.path;
    const Result<sys::Place> place = sys::open_parent(path);
    if (!place) return {};
    TRY(check_folders(sys::parent_of(path)));
    const auto found = TRY(sys::stat_if_there(*place));
    if (!found) return {};
    const auto visit = [this](const sys::Place& below, const sys::Stat& stat) -> Result<sys::Descend> {
      if (stat.changed_ns > began_ns_) return has_changed(below.path);
      return sys::Descend::yes;
    };
    if (change.kind == ChangeKind::remove) {
      TRY(sys::walk_tree(*place, UINT64_MAX, visit));
    } else if (!found->is_directory()) {
      TRY(visit(*place, *found));
    }
    return {};
  }

 private:
  // Others may have made something else in the same folders, which sets both times at once; but they must be the same
  // folders.
  Result<void> check_folders(std::string path) {
    for (; path.size() > project_.size() && seen_.insert(path).second; path = sys::parent_of(path)) {
      const sys::Place place = TRY(sys::open_parent(path));
      const sys::Stat found = TRY(sys::stat(place));
      if (found.changed_ns <= began_ns_) continue;
      const bool is_moved = found.changed_ns != found.modified_ns;
      if (is_moved || TRY(sys::made_ns(place)).value_or(0) > began_ns_) return has_changed(path);
    }
    return {};
  }

  static std::unexpected<base::Error> has_changed(const std::string& path) {
    return fail(ErrorCode::conflict, sys::quoted(path) + " has changed while the command ran", "run it again");
  }

  const std::string& project_;
  std::int64_t began_ns_;
  std::set<std::string> seen_;
};

}  // namespace

std::string missing_right(const base::Error& error) {
  const std::size_t begin = error.hint.find('"');
  const std::size_t end = error.hint.rfind('"');
  return begin < end && end != std::string::npos ? error.hint.substr(begin + 1, end - begin - 1) : std::string();
}

Result<Command> confined_command(const CallContext& call, std::vector<std::string> words,
                                 const std::optional<std::string>& cwd) {
  const std::string& project = call.caller().project;
  const bool is_anywhere = project.empty() && call.caller().principal != policy::Principal::terminal;
  Command made{.words = std::move(words),
               .cwd = TRY(call.resolve(cwd.value_or(is_anywhere ? kScratch : "."), Final::follow))};
  TRY(check_words(made.words));
  if (project.empty() && made.cwd != kScratch) {  // which is another one there
    base::Error error = no_project(call, made.cwd).error();
    error.hint += "; with unconfined a command runs anywhere, and asks";
    return std::unexpected(std::move(error));
  }
  if (!project.empty() && !sys::is_beneath(made.cwd, project))
    return fail(ErrorCode::invalid_argument, "folder " + sys::quoted(made.cwd) + " lies outside of the project",
                "in the sandbox there is only the project, the system's programs and an empty /tmp; with unconfined it "
                "runs anywhere, and asks");
  Result<std::string> program = sys::resolve_program(made.words[0], kPlainPath, made.cwd);
  if (!program && program.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "no program " + sys::quoted(made.words[0]) + " in the sandbox",
                made.words[0].contains('/')
                    ? "there is no such file in " + sys::quoted(made.cwd)
                    : "only the system's programs are there; those of a home need to run unconfined, which asks");
  made.program = TRY(std::move(program));
  made.words[0] = made.program;
  return made;
}

Result<void> check_variables(const CallContext& call, const Variables& variables) {
  TRY(entries_of(call, variables));
  return {};
}

Result<void> need_sandbox(const CallContext& call, const Command& command, std::string shown, Assessment& made) {
  made.needs.push_back({.verb = Verb::execute, .resource = "sandbox", .target = std::move(shown)});
  const std::string& project = call.caller().project;
  if (!project.empty()) made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = project});
  // What cannot be told is for a person to judge; the rest is judged command by command.
  constexpr std::size_t kCommandsMax = 200;
  const auto inside = text::shell_commands(command.words);
  if (inside && (!inside->is_understood || inside->commands.size() > kCommandsMax))
    made.needs.push_back({.verb = Verb::execute, .resource = "shell", .target = text::join(command.words)});
  // Who may run one command may not run another behind it.
  for (const std::vector<std::string>& words : inside ? inside->commands : std::vector<std::vector<std::string>>{}) {
    policy::Need one{.verb = Verb::execute, .resource = "sandbox", .target = text::join(words)};
    if (std::ranges::find(made.needs, one) == made.needs.end()) made.needs.push_back(std::move(one));
  }
  return need_inner_programs(call, command, std::string(kPlainPath), made);
}

Result<std::int64_t> start_confined(const CallContext& call, Command command, const Variables& variables,
                                    const std::optional<std::string>& input, const KeptTo& kept_to) {
  TRY(kernel::check_children(call.kernel(), call.task()));
  TRY(make_room(call));
  TRY(sys::make_private_directory(runs_folder(call)));
  const std::string folder = run_folder(call, call.call());
  const auto start = [&]() -> Result<std::int64_t> {
    const sandbox::Workplace place = TRY(prepare(call, folder, kept_to));
    command.words[0] = command.program = place.place_of(command.program);
    command.cwd = place.place_of(command.cwd);
    kernel::Children::Start made = start_of(call, command, input);
    made.within = place.spec;
    const kernel::Profile& most = call.kernel().config().profile;
    made.within->memory_bytes = most.memory_bytes;
    made.within->processes = static_cast<std::uint32_t>(most.processes_max);
    made.within->descriptors = static_cast<std::uint32_t>(most.descriptors_max);
    made.within->cpu_seconds = static_cast<std::uint64_t>(kept_to.seconds) * std::thread::hardware_concurrency();
    made.written = folder;
    made.spawn.environment = TRY(environment_of(call, variables, place));
    return call.kernel().children().start(std::move(made));
  };
  const std::string asked = command.program;
  const std::string cwd = command.cwd;
  Result<std::int64_t> pid = start();
  if (!pid) remove(folder);
  const bool is_nowhere = !pid && pid.error().code == ErrorCode::not_found && cwd != kScratch && !sys::exists(cwd);
  if (is_nowhere)
    return fail(ErrorCode::not_found, "there is no folder " + sys::quoted(cwd) + " for the command to run in",
                "`lilux call fs.list` tells those that are");
  const bool is_hidden = !pid && pid.error().code == ErrorCode::not_found && sys::exists(asked) &&
                         !sys::is_beneath(asked, call.caller().project);
  if (is_hidden)
    return fail(ErrorCode::not_found, "program " + sys::quoted(asked) + " is not to be seen in the sandbox",
                "only the project, the system's programs and what a rule opens are there; with unconfined it runs "
                "anywhere, and asks");
  return pid;
}

std::vector<std::string> hidden_from(const CallContext& call, const std::string& run) {
  std::vector<std::string> paths;
  const Result<Run> about = run_in(run_folder(call, run));
  if (!about || about->rights) return paths;
  const auto hidden = sandbox::read_record(run_folder(call, run) + kHiddenFile);
  for (const sandbox::RecordLine& one : hidden && *hidden ? **hidden : std::vector<sandbox::RecordLine>{})
    paths.push_back(one.path);
  return paths;
}

std::string run_folder(const CallContext& call, const std::string& run) {
  return runs_folder(call) + "/" + run;
}

void forget_run(const CallContext& call, const std::string& run) {
  forget_run(call.kernel(), run);
}

void forget_run(kernel::Kernel& kernel, const std::string& run) {
  remove((kernel.folders().state / "runs" / run).string());
}

std::string run_asked_about(kernel::Kernel& kernel, const kernel::Approval& approval) {
  if (approval.tool != "shell.commit") return {};
  const auto request = kernel::kept_request(kernel::request_file(kernel, approval.call));
  const std::string run = request ? request->arguments.string_or("run") : "";
  return base::is_id(run, 'c') ? run : "";
}

Result<void> check_run(const CallContext& call, const std::string& id) {
  const Result<Run> run = base::is_id(id, 'c') ? run_in(run_folder(call, id)) : fail(ErrorCode::not_found, "no id");
  if (!run || !is_own_task(call, run->task))
    return fail(ErrorCode::not_found, "no changes of a call " + sys::quoted(id) + " wait",
                "they are kept for a day; run the command again");
  if (call.kernel().children().is_running(id))
    return fail(ErrorCode::conflict, "the command of call " + sys::quoted(id) + " still runs",
                "process.wait, or process.kill");
  return {};
}

Result<Written> written_by(const CallContext& call, const std::string& id) {
  TRY(check_run(call, id));
  const std::string folder = run_folder(call, id);
  Result<Run> run = run_in(folder);
  if (!run) return fail(ErrorCode::not_found, "what call " + sys::quoted(id) + " changed has just been forgotten");
  Written made{.project = run->project, .image = {}, .upper = {}, .changes = {}, .left_out = {}, .problem = {}};
  if (run->project.empty()) return made;
  const auto with_problem = [&made](const base::Error& error) -> Result<Written> {
    made.problem = error;
    return std::move(made);
  };
  const auto lock = TRY(sys::Lock::try_lock(folder));
  if (!lock)
    return fail(ErrorCode::unavailable, "another call looks at what call " + sys::quoted(id) + " changed",
                "do it again");
  run = TRY(run_in(folder));
  if (is_cut_off(*run)) {
    forget_run(call, id);
    return fail(ErrorCode::unavailable,
                "the kernel went away before anybody looked at what the command of call " + sys::quoted(id) +
                    " changed: whether that is all nobody knows, so it is forgotten",
                "run it again");
  }
  made.changes =
      TRY(run->image ? sandbox::changes_of(folder, run->project) : sandbox::settle_changes(folder, run->project));
  const auto is_left_out = [](const FileChange& change) { return change.kind == ChangeKind::left_out; };
  std::ranges::copy_if(made.changes, std::back_inserter(made.left_out), is_left_out);
  std::erase_if(made.changes, is_left_out);
  if (made.changes.empty()) return made;
  made.upper = sandbox::content_of(folder);
  const auto rules = TRY(call.kernel().rules(run->project));
  std::erase_if(made.changes, [&](const FileChange& change) { return is_idle(call, *rules, *run, change); });
  if (const std::optional<RunRights> rights = TRY(rights_of(call, *run))) {
    std::erase_if(made.changes, [&](const FileChange& change) {  // a time alone is by the way
      return change.kind == ChangeKind::touch && !rights->may_make(run->project + "/" + change.path, change);
    });
    if (Result<void> held = check_rights(*rights, made.changes, run->project); !held) return with_problem(held.error());
  }
  if (Result<void> held = check_hidden(made.changes, run->project, folder); !held) return with_problem(held.error());
  if (!run->image) {
    Unchanged tree(run->project, run->began_us * 1000);
    for (const FileChange& change : made.changes) {
      if (Result<void> held = tree.check(change); !held) return with_problem(held.error());
    }
    run->image = TRY(kernel::capture(call.kernel().store(), outermost(made.changes, run->project),
                                     kernel::Content::fingerprint_only, call.kernel().config().image_limits(),
                                     changed_folders(made.changes, run->project)));
    TRY(save(*run, folder));
  }
  made.image = *run->image;
  return made;
}

std::string mode_text(std::uint32_t mode) {
  std::string text = "0000";
  for (std::size_t i = 0; i < 3; ++i) text[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7U));
  return text;
}

std::vector<Change> rows_of(const std::vector<FileChange>& changes) {
  std::vector<Change> made;
  for (const FileChange& change : changes)
    made.push_back({.change = std::string(base::enum_name(change.kind)),
                    .path = base::to_valid_utf8(change.path),
                    .type = change.type == sys::FileType::regular ? "file" : std::string(sys::type_name(change.type)),
                    .size = static_cast<std::int64_t>(change.size),
                    .mode = change.kind == ChangeKind::remove ? "" : mode_text(change.mode)});
  return made;
}

std::vector<Change> rows_of(const Written& written) {
  std::vector<Change> made = rows_of(written.changes);
  std::ranges::move(rows_of(written.left_out), std::back_inserter(made));
  return made;
}

std::vector<std::string> notes_of(const Written& written) {
  constexpr std::size_t kNotesMax = 10;
  std::vector<std::string> made;
  for (const FileChange& change : written.left_out) {
    if (made.size() == kNotesMax) {
      made.push_back("and " + std::to_string(written.left_out.size() - kNotesMax) + " more are not made real");
      break;
    }
    if (change.path == sandbox::kTreeItself) {
      made.emplace_back("the mode of the project's own folder stays as it is: change it with fs.chmod");
      continue;
    }
    const bool is_large = change.type == sys::FileType::regular;
    const std::string why = is_large ? "has more than " + std::to_string(sandbox::kFileBytesMax >> 20) + " MiB"
                                     : "is a " + std::string(sys::type_name(change.type));
    made.push_back(sys::quoted(change.path) + " " + why +
                   ", so it is not made real: have the command write it to /tmp" + (is_large ? ", or in parts" : ""));
  }
  return made;
}

void add_notes(std::vector<std::string> more, std::optional<std::vector<std::string>>& notes) {
  if (more.empty()) return;
  if (!notes) notes.emplace();
  std::ranges::move(more, std::back_inserter(*notes));
}

bool lacks_files(const Written& written) {
  return std::ranges::find(written.left_out, sys::FileType::regular, &FileChange::type) != written.left_out.end();
}

bool is_mode_of_folder(const FileChange& change) {
  return change.kind == ChangeKind::properties && change.type == sys::FileType::directory;
}

std::vector<std::string> changed_folders(const std::vector<FileChange>& changes, const std::string& project) {
  std::vector<std::string> made;
  for (const FileChange& change : changes) {
    if (is_mode_of_folder(change)) made.push_back(project + "/" + change.path);
  }
  return made;
}

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

}  // namespace lilux::tools
