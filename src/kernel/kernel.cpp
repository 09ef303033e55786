#include "kernel/kernel.h"

#include <algorithm>
#include <condition_variable>
#include <limits>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "base/random.h"
#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/execution.h"
#include "kernel/forced_end.h"
#include "kernel/scheduler.h"
#include "kernel/upkeep.h"
#include "sys/io.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr auto kTick = std::chrono::milliseconds(50);        // how long a record may wait for the disk
constexpr auto kQuietTick = std::chrono::milliseconds(250);  // a stop must be heeded within a second
constexpr std::uint64_t kReplayWithoutSnapshotMax = 5'000;
constexpr std::size_t kSealBytes = 65;                             // of a snapshot: a digest in hex and a line end
constexpr std::size_t kStateRecordBytes = std::size_t{256} << 10;  // beyond which a row goes into the next one
constexpr std::int64_t kUpkeepPauseUs = std::int64_t{86'400} * 1'000'000;
constexpr std::int64_t kFirstUpkeepUs = std::int64_t{60} * 1'000'000;
constexpr std::int64_t kNextUpkeepUs = std::int64_t{3'600} * 1'000'000;

Task session(std::string_view id, policy::Principal principal, std::string_view title) {
  return {.id = std::string(id),
          .title = std::string(title),
          .principal = principal,
          .state = TaskState::running,
          .grants = {{.capability = std::string(kEverything)}}};
}

// What can be done about a damaged record, where the ledger itself does not say.
template <class T>
Result<T> with_way_out(Result<T> result, const Folders& folders) {
  if (!result && result.error().code == ErrorCode::corrupt && result.error().hint.empty())
    result.error().hint = "keep a copy: cp -a " + folders.state.string() + " " + folders.state.string() +
                          ".damaged; then put back a backup whose end the anchor in " + folders.config.string() +
                          " confirms";
  return result;
}

Result<std::string> read_or_make(const std::string& file, const std::string& fresh) {
  Result<std::string> text = sys::read_file(file, 4096);
  if (text) return text;
  if (text.error().code != ErrorCode::not_found) return text;
  TRY(sys::write_file_atomic(file, fresh, 0600));
  return fresh;
}

}  // namespace

Result<void> make_folders(const Folders& folders) {
  for (const std::filesystem::path& folder :
       {folders.config, folders.state, folders.state / "pending", folders.state / "output"}) {
    Result<void> made = sys::make_private_directory(folder.string());
    if (made) continue;
    std::string& hint = made.error().hint;
    hint += std::string(hint.empty() ? "" : "; ") + "XDG_CONFIG_HOME and XDG_STATE_HOME name other folders";
    return made;
  }
  return {};
}

Kernel::Kernel(const Folders& folders, const Config& config, std::span<const Tool> table, Role role)
    : folders_(folders), config_(config), table_(table), role_(role), started_us_(base::now_us()) {}

Result<std::unique_ptr<Kernel>> Kernel::open(const Folders& folders, const Config& config, std::span<const Tool> table,
                                             Role role) {
  std::unique_ptr<Kernel> kernel(new Kernel(folders, config, table, role));
  TRY(make_folders(folders));
  kernel->lock_ = TRY(sys::Lock::try_lock(folders.state.string()));
  if (!kernel->lock_) {
    return std::unexpected(base::Error{.code = ErrorCode::unavailable,
                                       .message = "another process holds the kernel",
                                       .hint = "`lilux status` asks it",
                                       .rule = std::string(kHeldRule)});
  }
  kernel->secret_key_ = TRY(read_or_make((folders.state / "digest.key").string(), base::random_bytes(32)));
  kernel->ledger_ = TRY(with_way_out(
      ledger::Ledger::open({.directory = folders.state / "ledger", .anchor_directory = folders.config}), folders));
  kernel->store_ = std::make_unique<objects::Store>(TRY(objects::Store::open(folders.state / "objects")));
  kernel->scheduler_ =
      std::make_unique<Scheduler>(Scheduler::Options{.workers = static_cast<std::size_t>(config.profile.workers),
                                                     .queue_max = static_cast<std::size_t>(config.profile.queue_max)});
  kernel->children_ = std::make_unique<Children>(Children::Options{
      .output_directory = folders.state / "output",
      .guard_program = config.program,
      .on_exit = [raw = kernel.get()](std::string_view task, std::int64_t pid) { raw->on_child_exit(task, pid); },
      .is_heard = [raw = kernel.get()] { return raw->events_.is_followed(); },
      .on_output =
          [raw = kernel.get()](const ChildStatus& child, std::string_view stream, const std::string& text) {
            const JsonObject body{{"call", child.call}, {"task", child.task}, {"stream", stream}, {"text", text}};
            raw->events_.pass({.time_us = base::now_us(),
                               .name = "call.output",
                               .task = child.task,
                               .body = base::to_text(body),
                               .project = child.project});
          }});
  TRY(kernel->load_state());
  TRY(kernel->load_stop());
  kernel->events_.start_after(kernel->ledger_->head().sequence);
  TRY(kernel->settle());
  if (role == Role::daemon) {
    TRY(kernel->note("kernel.start", JsonObject{{"version", LILUX_VERSION}, {"pid", std::int64_t{sys::process_id()}}}));
  }
  kernel->start_ready_tasks();
  kernel->is_open_ = true;
  if (role == Role::daemon) {
    kernel->maintenance_ =
        std::jthread([raw = kernel.get()](const std::stop_token& stop) { raw->run_maintenance(stop); });
  }
  return kernel;
}

Kernel::~Kernel() {
  shutdown_.request_stop();
  stop_calls([](const Execution&) { return true; });
  std::optional<ForcedEnd> forced_end;
  if (is_open_ && role_ == Role::daemon) forced_end.emplace(*ledger_, kEndPatience);
  if (std::jthread maintenance = std::move(maintenance_); maintenance.joinable()) {
    maintenance.request_stop();
    maintenance.join();
  }
  if (children_) children_->stop();
  if (scheduler_) scheduler_->stop();
  forced_end.reset();
  if (!is_open_) return;                                                       // nothing has begun
  if (role_ == Role::daemon) std::ignore = note("kernel.stop", JsonObject{});  // the lock tells the same
  if (role_ == Role::one_shot) keep_up_if_due();
  std::ignore = ledger_->flush();  // a failure stands in failure() and was told to whoever waited
  const ledger::Position applied = state_.with([](State& state) { return state.applied; });
  const std::uint64_t indexed = index_ ? index_->indexed().value_or(ledger::Position{}).sequence : 0;
  if (role_ == Role::daemon || applied.sequence - indexed > kReplayWithoutSnapshotMax) save_snapshot();
}

void Kernel::save_snapshot() {
  Result<std::reference_wrapper<Index>> up_to_date = index();
  if (!up_to_date) return;  // the next start replays more instead
  Index::Snapshot snapshot = state_.with(
      [](State& state) { return Index::Snapshot{.position = state.applied, .text = snapshot_text(state)}; });
  snapshot.text.insert(0, snapshot_seal(snapshot.position, snapshot.text));
  std::ignore = up_to_date->get().save_snapshot(snapshot);  // as above
}

// Whoever can write lilux.db must not be able to write the kernel's state with it.
std::string Kernel::snapshot_seal(const ledger::Position& position, std::string_view text) const {
  return base::to_hex(base::hmac_sha256(secret_key_,
                                        std::to_string(position.sequence) + "\n" + base::to_hex(base::sha256(text)))) +
         "\n";
}

// The newest snapshot and what the ledger has after it.
Result<void> Kernel::load_state() {
  State state;
  std::optional<ledger::Position> from;
  // What cannot be used of it, as on a full disk, the ledger says as well.
  if (std::filesystem::exists(folders_.state / "lilux.db")) {
    if (Result<std::unique_ptr<Index>> opened = Index::open(folders_.state / "lilux.db")) index_ = std::move(*opened);
  }
  if (index_) {
    const auto read = index_->snapshot();
    if (const std::optional<Index::Snapshot> kept = read.value_or(std::nullopt)) {
      // One that is ahead of what the ledger kept, or that another hand wrote, is of no use.
      const std::string_view text = std::string_view(kept->text).substr(std::min(kSealBytes, kept->text.size()));
      const bool is_ours = kept->text.starts_with(snapshot_seal(kept->position, text));
      Result<State> loaded =
          is_ours && ledger_->read(kept->position) ? state_from_snapshot(text) : fail(ErrorCode::corrupt, "not ours");
      if (loaded) {
        state = std::move(*loaded);
        state.applied = kept->position;
        from = kept->position;
      }
    }
  }
  state.tasks.emplace(kTerminalTask, session(kTerminalTask, policy::Principal::terminal, "terminal sessions"));
  state.tasks.emplace(kHooksTask, session(kHooksTask, policy::Principal::terminal, "what hooks run"));
  state.tasks.emplace(kHttpTask, session(kHttpTask, policy::Principal::http, "HTTP clients"));
  state.tasks.emplace(kMcpTask, session(kMcpTask, policy::Principal::mcp, "MCP clients"));
  std::optional<base::Error> broken;
  const auto replay = [&](const ledger::Record& record) {
    if (from && record.position.sequence <= from->sequence) return true;
    if (record.kind >= ledger::kCheckpointKind) {
      state.applied = record.position;
      return true;
    }
    const Result<Body> body = body_of(record);
    if (!body) {
      broken = body.error();
      return false;
    }
    apply(state, record.kind, record.position, *body);
    return true;
  };
  TRY(with_way_out(ledger_->scan(from, replay), folders_));
  if (broken) return base::in_context(std::move(*broken), "the ledger holds a record this program cannot read");
  state_.with([&](State& live) { live = std::move(state); });
  return {};
}

Result<ledger::Position> Kernel::write(Kind kind, const Body& body) {
  std::string text = base::encode_text(body);
  const auto number = static_cast<std::uint8_t>(kind);
  ledger::Position position;
  std::shared_ptr<const Event> event;
  {
    const std::lock_guard lock(write_mutex_);
    const ledger::Appended appended = TRY(ledger_->append(number, text));
    position = static_cast<const ledger::Position&>(appended);
    state_.with([&](State& state) { apply(state, number, position, body); });
    event = std::make_shared<const Event>(
        to_event({.position = position, .time_us = appended.time_us, .kind = number, .body = std::move(text)}, body));
    events_.publish(event);
  }
  rest_.disturb();
  after_write(*event, body);
  return position;
}

// What follows from a record, outside the lock that keeps records in order.
void Kernel::after_write(const Event& event, const Body& body) {
  wake("event");
  if (role_ == Role::daemon) run_hooks(event);
  if (!body.changes) return;
  for (const Change& change : *body.changes) {
    if (change.table == "approval" && change.value.is_object()) wake_waiting_for(change.value.string_or("task"));
  }
  const auto is_of_task = [](const Change& change) { return change.table.starts_with("task"); };
  if (std::ranges::any_of(*body.changes, is_of_task)) start_ready_tasks();
}

// Who waits for a task, or for one above it, may want to put its question to somebody.
void Kernel::wake_waiting_for(const std::string& task) {
  std::vector<std::string> keys;
  state_.with([&](const State& state) {
    for (const Task* above : lineage(state, task)) keys.push_back("task:" + above->id);
  });
  for (const std::string& key : keys) wake(key);
}

Result<ledger::Position> Kernel::note(std::string_view event, Json data, std::vector<Change> changes) {
  Body body;
  body.event = std::string(event);
  if (std::string task = data.string_or("task"); !task.empty()) body.task = std::move(task);
  body.data = std::move(data);
  if (!changes.empty()) body.changes = std::move(changes);
  return write(Kind::note, body);
}

// A thread of its own: it waits for the disk, and must go on whatever else is full.
void Kernel::run_maintenance(const std::stop_token& stop) {
  keep_up_at_ = base::steady_us() + kFirstUpkeepUs;
  while (!stop.stop_requested()) {
    maintain();
    rest_.pause(stop, kTick, kQuietTick, [this] { return ledger_->durable_sequence() == ledger_->head().sequence; });
  }
}

void Kernel::maintain() {
  heed_stop_file();
  std::ignore = ledger_->flush();  // a failure is kept and shown by every later call
  expire_questions();
  start_ready_tasks();
  if (const std::int64_t now = base::now_us(); now - checkpointed_us_ >= 1'000'000) {
    checkpointed_us_ = now;
    settle_waiting_tasks();
    std::ignore = ledger_->checkpoint({});  // as above
  }
  if (base::steady_us() < keep_up_at_) return;
  keep_up_at_ = std::numeric_limits<std::int64_t>::max();
  if (!scheduler_->push(0, [this] { keep_up_now(); })) keep_up_at_ = 0;  // full: tried again
}

Result<void> Kernel::write_state_again() {
  std::uint64_t last = 0;
  {
    const std::lock_guard lock(write_mutex_);  // nothing may come between what is read and where it is written
    std::vector<Change> rows = state_.with([](const State& state) { return rows_of(state); });
    for (auto row = rows.begin(); row != rows.end();) {
      Body body;
      body.event = "kernel.state";
      body.changes.emplace();
      for (std::size_t bytes = 0; row != rows.end(); ++row) {
        bytes += base::encode_text(*row).size();
        if (bytes > kStateRecordBytes && !body.changes->empty()) break;
        body.changes->push_back(std::move(*row));
      }
      const ledger::Appended at = TRY(ledger_->append(static_cast<std::uint8_t>(Kind::note), base::encode_text(body)));
      state_.with([&](State& state) { state.applied = static_cast<const ledger::Position&>(at); });
      last = at.sequence;
    }
  }
  return ledger_->wait_durable(last);
}

void Kernel::keep_up_now() {
  // Not due to any call, so nobody is there to be told; the record is.
  if (const Result<Upkeep> done = keep_up(*this, base::now_us()); !done)
    std::ignore = note("kernel.upkeep", JsonObject{{"error", done.error().message}});
  keep_up_at_ = base::steady_us() + kNextUpkeepUs;
}

void Kernel::keep_up_if_due() {
  const std::string stamp = (folders_.state / "upkeep").string();
  const std::int64_t now = base::now_us();
  const Result<sys::Stat> last = sys::stat(stamp);
  if (last && now - last->modified_ns / 1000 < kUpkeepPauseUs) return;
  if (!last) {
    std::ignore = sys::open(stamp, O_WRONLY | O_CREAT, 0600);  // nothing is old on the first day
    return;
  }
  if (sys::set_times(stamp, {.accessed_ns = now * 1000, .modified_ns = now * 1000}))
    std::ignore = keep_up(*this, now);  // tried again tomorrow
}

Result<std::reference_wrapper<Index>> Kernel::index() {
  const std::lock_guard lock(index_mutex_);
  if (!index_) index_ = TRY(Index::open(folders_.state / "lilux.db"));
  TRY(index_->catch_up(*ledger_));
  return std::ref(*index_);
}

Result<void> Kernel::events_since(std::uint64_t sequence, const std::function<bool(const Event&)>& each) {
  if (const auto kept = events_.since(sequence)) {
    for (const auto& event : *kept) {
      if (!each(*event)) return {};
    }
    return {};
  }
  const std::optional<ledger::Position> from = TRY(TRY(index()).get().position_of(sequence + 1));
  if (!from) return {};
  return ledger_->scan(from, [&](const ledger::Record& record) {
    if (record.position.sequence <= sequence || record.kind >= ledger::kCheckpointKind) return true;
    const Result<Body> body = body_of(record);
    return !body || each(to_event(record, *body));
  });
}

void Kernel::request_shutdown() {
  shutdown_.request_stop();
  wake_all();
}

const Tool* Kernel::find_tool(std::string_view name) const {
  const auto found = std::ranges::lower_bound(table_, name, {}, &Tool::name);
  return found != table_.end() && found->name == name ? &*found : nullptr;
}

Result<const Tool*> Kernel::tool(std::string_view name) const {
  if (const Tool* found = find_tool(name)) return found;
  std::vector<std::string_view> names;
  for (const Tool& one : table_) names.push_back(one.name);
  return fail(ErrorCode::not_found, "no tool named '" + std::string(base::clipped(name, 100)) + "'",
              base::guess(name, names, "`lilux help tools` lists them all"));
}

std::string Kernel::digest_secret(std::string_view text) const {
  return std::string(kSecretMark) + base::to_hex(base::hmac_sha256(secret_key_, text));
}

}  // namespace lilux::kernel
