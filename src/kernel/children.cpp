#include "kernel/children.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <future>
#include <iterator>
#include <mutex>
#include <ranges>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>

#include "base/guarded.h"
#include "base/random.h"
#include "base/time.h"
#include "kernel/memory_watch.h"
#include "sandbox/starter.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/poller.h"
#include "sys/process_table.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr auto kKillTime = std::chrono::milliseconds(900);
constexpr auto kOrphanTime = std::chrono::milliseconds(1000);  // between two looks for orphans that have ended
constexpr std::uint64_t kFileBytesMax = std::uint64_t{16} << 30;
constexpr std::uint64_t kRoomLeft = std::uint64_t{256} << 20;  // on the disk
constexpr auto kWatchTime = std::chrono::milliseconds(200);    // between two looks at what the confined take
constexpr auto kReadyTime = std::chrono::seconds(30);          // since the last start
constexpr auto kProbedAgain = std::chrono::minutes(1);
constexpr std::size_t kAliveMax = 4096;
constexpr std::size_t kNamedBytesMax = 500;  // of what could not be killed

// Keeps the newest part. Where the filesystem cannot give space back, all of it stays until it is forgotten.
void trim(const ChildOutput& output) {
  for (const std::string& file : {output.stdout_file, output.stderr_file}) {
    const Result<sys::Fd> fd = sys::open(file, O_RDWR);
    if (!fd) continue;
    const std::uint64_t size = sys::file_size(fd->get(), file).value_or(0);
    if (size > kOutputBytesMax) std::ignore = sys::free_before(fd->get(), size - kOutputBytesMax, file);
  }
}

// Never 0, and no limit that anybody would set.
std::uint64_t new_mark() {
  const std::string bytes = base::random_bytes(sizeof(std::uint64_t));
  std::uint64_t mark = 0;
  std::memcpy(&mark, bytes.data(), sizeof mark);
  return (mark >> 2) | (std::uint64_t{1} << 61);
}

std::int64_t session_of(std::int64_t pid) {
  const Result<sys::ProcessEntry> entry = sys::process(static_cast<pid_t>(pid));
  return entry ? entry->session : 0;
}

struct Live {
  sys::Child child;
  ChildStatus status;
  std::uint64_t memory_bytes = 0;
  std::uint64_t processes = 0;  // at most, where the system does not count them
};

}  // namespace

struct Children::State {
  struct Order {
    std::optional<Start> start;  // without, only the host is asked for
    std::promise<Result<std::int64_t>> answer;
  };
  struct Table {
    std::map<std::int64_t, Live> live;
    std::map<std::int64_t, ChildStatus> ended;
    std::deque<std::int64_t> ended_order;
    std::deque<Order> orders;
    std::int64_t next_output = 1;
    bool is_stopped = false;
    bool is_halted = false;  // by kill_all
    std::optional<sandbox::Host> host;
  };

  Options options;
  base::Guarded<Table> table;
  std::optional<sys::Poller> poller;
  std::optional<sys::Wake> wake;
  std::chrono::steady_clock::time_point next_look;
  std::chrono::steady_clock::time_point next_watch;
  std::chrono::steady_clock::time_point next_probe;
  sandbox::Starter programs;  // both of the reaping thread
  sandbox::Starter scripts{sandbox::kPython};
  std::chrono::steady_clock::time_point last_start;
  std::set<std::uint64_t> hunted;  // marks whose processes have to go; of the reaping thread
  std::mutex reaping;              // while a child that has ended gives up its number
  std::mutex starting;             // from before a child runs until it stands in the table
  std::mutex ending;
  std::condition_variable_any has_ended;
  std::jthread thread;

  Result<void> ensure_thread();
  void run(const std::stop_token& stop);
  Result<std::int64_t> start_now(Start& start);
  sandbox::Starter& starter_for(const Start& start);
  void make_ready(const Start& start);
  void reap(std::int64_t pid);
  void reap_orphans();
  void look_after();
  bool has_limited();
  void trim_output();
  void keep_room();
  void keep_memory();
  void keep_count();
  void end_confined(const std::function<std::string(const Live&)>& why);
  void find_host();
  sandbox::Host known_host();
  Result<std::int64_t> order(std::optional<Start> start);
  void refuse_orders();
  bool kill_until(std::chrono::steady_clock::time_point deadline);
  std::optional<ChildStatus> child_of_mark(pid_t pid);
  void kill_left_behind(std::uint64_t mark);
  void hunt();
};

Children::Children(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  std::error_code ignored;  // what the children of an earlier kernel wrote; what cannot be listed or removed stays
  for (const auto& entry : std::filesystem::directory_iterator(state_->options.output_directory, ignored))
    std::ignore = sys::remove_file(entry.path().string());
}
Children::~Children() {
  stop();
}

Result<void> Children::State::ensure_thread() {
  return table.with([this](Table& open) -> Result<void> {
    if (open.is_stopped) return fail(ErrorCode::unavailable, "the kernel is stopping", "start it again: `lilux up`");
    if (thread.joinable()) return {};
    poller = TRY(sys::Poller::create());
    wake = TRY(sys::Wake::create());
    TRY(poller->add(wake->fd(), {.read = true}, 0));
    TRY(sys::become_subreaper());
    thread = std::jthread([this](std::stop_token stop) { run(stop); });
    return {};
  });
}

// A child is killed when the thread that started it ends, so all are started by this one.
void Children::State::run(const std::stop_token& stop) {
  std::vector<sys::Ready> ready;
  while (!stop.stop_requested()) {
    if (!poller->wait(ready, has_limited() ? kWatchTime : kOrphanTime)) return refuse_orders();
    for (const sys::Ready& event : ready) {
      if (event.key != 0) reap(static_cast<std::int64_t>(event.key));
    }
    reap_orphans();
    look_after();
    wake->clear();
    std::deque<Order> orders = table.with([](Table& open) { return std::exchange(open.orders, {}); });
    for (Order& order : orders) {
      if (!order.start || order.start->within) find_host();
      const bool is_confined = order.start && order.start->within;
      order.answer.set_value(order.start ? start_now(*order.start) : 0);
      if (is_confined) make_ready(*order.start);
    }
  }
  programs.close();
  scripts.close();
}

sandbox::Starter& Children::State::starter_for(const Start& start) {
  return sandbox::is_plain_python(start.spawn) ? scripts : programs;
}

// For the next like it, while this one runs: where there was one before, there will be another.
void Children::State::make_ready(const Start& start) {
  const sandbox::Host host = known_host();
  const auto now = std::chrono::steady_clock::now();
  const bool is_another = now - std::exchange(last_start, now) < kReadyTime;
  const bool is_halted = table.with([](const Table& open) { return open.is_halted || open.is_stopped; });
  if (is_another && !is_halted) starter_for(start).prepare(sandbox::best_tier(host), host.landlock);
}

// The child that left an orphan behind.
std::optional<ChildStatus> Children::State::child_of_mark(pid_t pid) {
  const std::uint64_t mark = sys::mark_of(pid).value_or(0);
  if (mark == 0) return std::nullopt;
  return table.with([&](const Table& open) -> std::optional<ChildStatus> {
    for (const auto& [number, live] : open.live) {
      if (live.status.mark == mark) return live.status;
    }
    for (const auto& [number, ended] : open.ended) {
      if (ended.mark == mark) return ended;
    }
    return std::nullopt;
  });
}

// All that has the mark of a child that has ended; what is left after a while is looked for again.
void Children::State::kill_left_behind(std::uint64_t mark) {
  const auto deadline = std::chrono::steady_clock::now() + kKillTime;
  hunted.insert(mark);
  while (hunted.contains(mark) && std::chrono::steady_clock::now() < deadline) hunt();
}

// One look at what runs; what was started meanwhile is found by the next.
void Children::State::hunt() {
  const Result<std::vector<sys::ProcessEntry>> entries = sys::processes_without_commands();
  if (!entries) return;
  std::set<std::uint64_t> seen;
  for (const sys::ProcessEntry& entry : *entries) {
    if (entry.uid != sys::user_id() || entry.has_ended()) continue;
    const std::uint64_t mark = sys::mark_of(entry.pid).value_or(0);
    if (!hunted.contains(mark)) continue;
    seen.insert(mark);
    std::ignore = sys::signal_process(entry.id(), SIGKILL);  // what is gone is gone
  }
  hunted = std::move(seen);
}

Result<std::int64_t> Children::State::start_now(Start& start) {
  const std::lock_guard guard(starting);
  const std::int64_t number = table.with([](Table& open) { return open.is_halted ? 0 : open.next_output++; });
  if (number == 0)
    return fail(ErrorCode::unavailable, "everything is being stopped", "a person can run `lilux resume`");
  const std::string stem =
      (options.output_directory / (std::to_string(base::now_us()) + "-" + std::to_string(number))).string();
  ChildOutput output{.stdout_file = stem + ".out", .stderr_file = stem + ".err"};
  const sys::Fd out = TRY(sys::open(output.stdout_file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600));
  const sys::Fd err = TRY(sys::open(output.stderr_file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600));
  std::optional<sys::Fd> input;
  if (start.standard_input) {
    input = TRY(sys::open(stem + ".in", O_RDWR | O_CREAT | O_EXCL, 0600));
    TRY(sys::remove_file(stem + ".in"));
    TRY(sys::write_all(input->get(), *start.standard_input));
    TRY(sys::seek_to(input->get(), 0));
    start.spawn.stdin_fd = input->get();
  }
  start.spawn.stdout_fd = out.get();
  start.spawn.stderr_fd = err.get();
  start.spawn.dies_with_thread = true;
  start.spawn.mark = new_mark();
  start.spawn.limits.push_back({.resource = RLIMIT_FSIZE, .soft = kFileBytesMax, .hard = kFileBytesMax});
  sandbox::Tier tier = sandbox::Tier::none;
  const auto launch = [&] {
    const sandbox::Host host = known_host();
    tier = sandbox::best_tier(host);
    return sandbox::launch(*start.within, tier, host, start.spawn, &starter_for(start));
  };
  Result<sys::Child> child = start.within ? launch() : sys::spawn(start.spawn);
  if (!child) {
    std::ignore = sys::remove_file(output.stdout_file);  // the first error is the one to tell
    std::ignore = sys::remove_file(output.stderr_file);
    return std::unexpected(child.error());
  }
  const std::int64_t pid = child->pid;
  const bool counts_itself = tier == sandbox::Tier::none || tier == sandbox::Tier::separated;
  const Result<void> watched = poller->add(child->pidfd.get(), {.read = true}, static_cast<std::uint64_t>(pid));
  if (!watched) {  // nobody would see it end, so it ends now; it is reaped as an orphan
    std::ignore = sys::kill_tree(child->id(), kKillTime);
    return std::unexpected(watched.error());
  }
  table.with([&](Table& open) {
    Live live{.child = std::move(*child),
              .status = {.pid = pid,
                         .task = start.task,
                         .call = start.call,
                         .project = start.project,
                         .command = start.command,
                         .started_us = base::now_us(),
                         .output = std::move(output),
                         .tier = tier,
                         .mark = start.spawn.mark,
                         .reason = {},
                         .exit = {}},
              .memory_bytes = start.within ? start.memory_bytes : 0,
              .processes = counts_itself ? 0 : start.within->processes};
    open.ended.erase(pid);
    open.live.insert_or_assign(pid, std::move(live));
  });
  return pid;
}

bool Children::State::has_limited() {
  return table.with([](const Table& open) {
    return std::ranges::any_of(
        open.live, [](const auto& entry) { return entry.second.memory_bytes > 0 || entry.second.processes > 0; });
  });
}

void Children::State::look_after() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_watch) {
    next_watch = now + kWatchTime;
    keep_memory();
    keep_count();
    keep_room();
    if (!hunted.empty()) hunt();
  }
  if (now < next_look) return;
  next_look = now + kOrphanTime;
  if (now - last_start > kReadyTime) {
    programs.close();
    scripts.close();
  }
  trim_output();
}

// What a child writes has no end of its own, but there is only so much that process.wait gives.
void Children::State::trim_output() {
  const std::vector<ChildOutput> outputs = table.with([](const Table& open) {
    std::vector<ChildOutput> found;
    for (const auto& [pid, live] : open.live) found.push_back(live.status.output);
    return found;
  });
  for (const ChildOutput& output : outputs) trim(output);
}

// What the confined write is kept on our disk; who fills it is not known, so all of them end.
void Children::State::keep_room() {
  const Result<sys::DiskSpace> space = sys::disk_space(options.output_directory.string());
  if (!space || space->available_bytes >= kRoomLeft) return;
  end_confined([](const Live&) { return std::string("the disk was nearly full"); });
}

void Children::State::keep_memory() {
  const std::map<pid_t, std::uint64_t> limits = table.with([](const Table& open) {
    std::map<pid_t, std::uint64_t> found;
    for (const auto& [pid, live] : open.live) {
      if (live.memory_bytes > 0) found.emplace(live.child.pid, live.memory_bytes);
    }
    return found;
  });
  if (limits.empty()) return;
  const std::set<pid_t> over = holding_more(limits);
  end_confined([&](const Live& live) {
    return over.contains(live.child.pid)
               ? "its processes held more than " + std::to_string(live.memory_bytes >> 20) + " MiB of memory"
               : std::string();
  });
}

// By their marks, since those that lost their parent are ours. None is older than the child.
void Children::State::keep_count() {
  struct Count {
    std::uint64_t started = UINT64_MAX;
    std::uint64_t threads = 0;
  };
  auto counts = table.with([](const Table& open) {
    std::map<std::uint64_t, Count> found;
    for (const auto& [pid, live] : open.live) {
      if (live.processes > 0) found[live.status.mark].started = live.child.start_ticks;
    }
    return found;
  });
  const auto entries = counts.empty() ? std::vector<sys::ProcessEntry>()
                                      : sys::processes_without_commands().value_or(std::vector<sys::ProcessEntry>());
  if (entries.empty()) return;
  const std::uint64_t first = std::ranges::min(counts | std::views::values | std::views::transform(&Count::started));
  for (const sys::ProcessEntry& entry : entries) {
    if (entry.uid != sys::user_id() || entry.has_ended() || entry.start_ticks < first) continue;
    const auto count = counts.find(sys::mark_of(entry.pid).value_or(0));
    if (count != counts.end()) count->second.threads += static_cast<std::uint64_t>(entry.threads);
  }
  end_confined([&](const Live& live) {
    const auto count = counts.find(live.status.mark);
    const bool is_over = count != counts.end() && count->second.threads > live.processes;
    return is_over ? "it had more than " + std::to_string(live.processes) + " processes and threads" : std::string();
  });
}

// Those for which there is a reason.
void Children::State::end_confined(const std::function<std::string(const Live&)>& why) {
  const std::vector<sys::ProcessId> ending_now = table.with([&](Table& open) {
    std::vector<sys::ProcessId> found;
    for (auto& [pid, live] : open.live) {
      std::string reason = live.status.tier == sandbox::Tier::none ? "" : why(live);
      if (reason.empty()) continue;
      live.status.reason = std::move(reason);
      found.push_back(live.child.id());
    }
    return found;
  });
  for (const sys::ProcessId& id : ending_now) std::ignore = sys::kill_tree(id, kKillTime);  // what is gone is gone
}

void Children::State::reap(std::int64_t pid) {
  std::string task;
  std::vector<std::string> forgotten;
  std::optional<ChildOutput> output;
  // In the stronger tier the system has done it.
  const std::uint64_t mark = table.with([&](const Table& open) {
    const auto found = open.live.find(pid);
    const bool is_ours_to_do = found != open.live.end() && found->second.status.tier == sandbox::Tier::restricted;
    return is_ours_to_do ? found->second.status.mark : 0;
  });
  if (mark != 0) kill_left_behind(mark);
  sys::Child child;  // is let go of when nothing is held any more
  std::unique_lock guard(reaping);
  const bool is_ended = table.with([&](Table& open) {
    const auto found = open.live.find(pid);
    if (found == open.live.end()) return false;
    const Result<std::optional<sys::Exit>> exit = sys::try_wait(found->second.child);
    if (exit && !*exit) return false;
    std::ignore = poller->remove(found->second.child.pidfd.get());  // closing it removes it too
    child = std::move(found->second.child);
    ChildStatus status = std::move(found->second.status);
    status.exit = exit ? **exit : sys::Exit{};
    if (status.exit->signal == SIGXFSZ && status.reason.empty())
      status.reason = "a file that it wrote grew beyond " + std::to_string(kFileBytesMax >> 30) + " GiB";
    task = status.task;
    output = status.output;
    open.live.erase(found);
    open.ended.insert_or_assign(pid, std::move(status));
    open.ended_order.push_back(pid);
    while (open.ended_order.size() > kEndedChildrenKept) {
      if (const auto oldest = open.ended.find(open.ended_order.front()); oldest != open.ended.end()) {
        forgotten.push_back(oldest->second.output.stdout_file);
        forgotten.push_back(oldest->second.output.stderr_file);
        open.ended.erase(oldest);
      }
      open.ended_order.pop_front();
    }
    return true;
  });
  guard.unlock();
  {
    const std::lock_guard ended(ending);
  }  // who looks before it waits sees it or is woken
  has_ended.notify_all();
  if (output) trim(*output);
  for (const std::string& file : forgotten) std::ignore = sys::remove_file(file);  // nobody can ask for it any more
  if (is_ended && options.on_exit) options.on_exit(task, pid);
}

// Here and not elsewhere: a child that is just being started is not in the table yet and looks like an orphan.
void Children::State::reap_orphans() {
  while (const std::optional<pid_t> pid = sys::ended_child()) {
    const std::lock_guard guard(reaping);
    const bool is_ours = table.with([&](const Table& open) { return open.live.contains(*pid); });
    if (is_ours || !sys::reap_orphan(*pid)) return;  // its turn comes with its own event
  }
}

// By real launches, in the thread that reaps, so that nobody else takes them for orphans.
void Children::State::find_host() {
  const auto now = std::chrono::steady_clock::now();
  const bool is_known = table.with([&](const Table& open) {
    // What failed may have failed for want of room or time, or because everything is being stopped.
    return open.is_halted || (open.host && (open.host->has_overlay || now < next_probe));
  });
  if (is_known) return;
  next_probe = now + kProbedAgain;
  const std::lock_guard guard(starting);
  sandbox::Host found = sandbox::probe(options.output_directory.string());
  table.with([&](Table& open) { open.host = std::move(found); });
}

sandbox::Host Children::State::known_host() {
  return table.with([](const Table& open) { return open.host.value_or(sandbox::Host{}); });
}

Result<std::int64_t> Children::State::order(std::optional<Start> start) {
  TRY(ensure_thread());
  Order made{.start = std::move(start), .answer = {}};
  std::future<Result<std::int64_t>> answer = made.answer.get_future();
  const bool has_room = table.with([&](Table& open) {
    if (open.live.size() >= kAliveMax || open.is_stopped) return false;
    open.orders.push_back(std::move(made));
    return true;
  });
  if (!has_room)
    return fail(ErrorCode::unavailable, "too many processes run already", "`lilux ps`, then `lilux kill <task>`");
  wake->raise();
  return answer.get();
}

Result<std::int64_t> Children::start(Start start) {
  return state_->order(std::move(start));
}

sandbox::Host Children::host() {
  if (sandbox::Host known = state_->known_host(); known.has_overlay) return known;  // it gets no better
  const Result<std::int64_t> asked = state_->order(std::nullopt);
  if (!asked) return {.landlock_problem = asked.error().message, .namespace_problem = asked.error().message};
  return state_->known_host();
}

std::optional<ChildStatus> Children::wait(std::int64_t pid, const std::stop_token& stop,
                                          std::chrono::steady_clock::time_point deadline) const {
  std::optional<ChildStatus> status;
  const auto is_over = [&] {
    status = find(pid);
    return !status || status->exit;
  };
  std::unique_lock lock(state_->ending);
  state_->has_ended.wait_until(lock, stop, deadline, is_over);
  return status;
}

void Children::forget(std::int64_t pid) {
  const auto output = state_->table.with([&](State::Table& open) -> std::optional<ChildOutput> {
    const auto found = open.ended.find(pid);
    if (found == open.ended.end()) return std::nullopt;
    ChildOutput written = std::move(found->second.output);
    open.ended.erase(found);
    return written;
  });
  if (!output) return;
  for (const std::string& file : {output->stdout_file, output->stderr_file})
    std::ignore = sys::remove_file(file);  // the next start does it
}

void Children::kill(std::int64_t pid) {
  const auto id = state_->table.with([&](const State::Table& open) {
    const auto found = open.live.find(pid);
    return found == open.live.end() ? std::nullopt : std::optional(found->second.child.id());
  });
  if (id) std::ignore = sys::kill_tree(*id, kKillTime);  // what is gone is gone
}

std::optional<ChildStatus> Children::find(std::int64_t pid) const {
  return state_->table.with([&](State::Table& open) -> std::optional<ChildStatus> {
    if (const auto live = open.live.find(pid); live != open.live.end()) return live->second.status;
    if (const auto ended = open.ended.find(pid); ended != open.ended.end()) return ended->second;
    return std::nullopt;
  });
}

bool Children::is_running(std::string_view call) const {
  return state_->table.with([&](const State::Table& open) {
    return std::ranges::any_of(open.live, [&](const auto& entry) { return entry.second.status.call == call; });
  });
}

std::vector<std::int64_t> Children::alive(std::string_view task) const {
  return state_->table.with([&](State::Table& open) {
    std::vector<std::int64_t> pids;
    for (const auto& [pid, live] : open.live) {
      if (live.status.task == task) pids.push_back(pid);
    }
    return pids;
  });
}

std::size_t Children::count(std::string_view task) const {
  return alive(task).size();
}

std::multimap<std::string, std::int64_t> Children::alive_by_task() const {
  return state_->table.with([](const State::Table& open) {
    std::multimap<std::string, std::int64_t> pids;
    for (const auto& [pid, live] : open.live) pids.emplace(live.status.task, pid);
    return pids;
  });
}

std::optional<ChildStatus> Children::child_above(std::int64_t pid) const {
  std::vector<pid_t> line{static_cast<pid_t>(pid)};
  if (const auto above = sys::ancestors(static_cast<pid_t>(pid))) {
    for (const sys::ProcessId& one : *above) line.push_back(one.pid);
  }
  const auto find = [&] {
    return state_->table.with([&](State::Table& open) -> std::optional<ChildStatus> {
      for (const pid_t one : line) {
        if (const auto live = open.live.find(one); live != open.live.end()) return live->second.status;
      }
      return std::nullopt;
    });
  };
  const bool is_below_us = std::ranges::find(line, sys::process_id()) != line.end();
  if (std::optional<ChildStatus> child = find(); child || !is_below_us) return child;
  const std::lock_guard started(state_->starting);  // a child runs before it stands in the table
  if (std::optional<ChildStatus> child = find()) return child;
  std::optional<ChildStatus> left_by = state_->child_of_mark(static_cast<pid_t>(pid));
  // Who is not confined may take on the mark of another, but cannot enter its session.
  const bool is_sure = left_by && (left_by->tier != sandbox::Tier::none || session_of(pid) == left_by->pid);
  return is_sure ? std::move(left_by) : std::nullopt;
}

std::optional<std::string> Children::task_of_process(std::int64_t pid) const {
  std::optional<ChildStatus> child = child_above(pid);
  return child ? std::optional(std::move(child->task)) : std::nullopt;
}

// The children that were started for the task, and those orphans of theirs that fell to this process.
std::vector<sys::ProcessId> Children::trees_of(std::string_view task) const {
  const std::vector<std::int64_t> started = alive(task);
  const auto is_of_task = [&](const sys::ProcessId& child) {
    if (std::ranges::find(started, child.pid) != started.end()) return true;
    const std::optional<ChildStatus> left_by = state_->child_of_mark(child.pid);
    return left_by && left_by->task == task;
  };
  std::vector<sys::ProcessId> trees;
  std::ranges::copy_if(sys::children(sys::process_id()), std::back_inserter(trees), is_of_task);
  return trees;
}

// Of the next three: what is gone meanwhile is gone.
void Children::kill_task(std::string_view task) {
  for (const sys::ProcessId& tree : trees_of(task)) std::ignore = sys::kill_tree(tree, kKillTime);
}

void Children::suspend_task(std::string_view task) {
  for (const sys::ProcessId& tree : trees_of(task)) std::ignore = sys::freeze_tree(tree);
}

void Children::resume_task(std::string_view task) {
  for (const sys::ProcessId& tree : trees_of(task)) std::ignore = sys::thaw_tree(tree);
}

// All at once, so that a second is enough, and orphans too: a daemon is the parent of what its children left behind, so
// nothing is left when it has no child at all. What forks faster than it is killed is stopped for a moment.
Result<void> Children::kill_all() {
  const bool has_started = state_->table.with([&](State::Table& open) {
    open.is_halted = true;
    return state_->poller.has_value();
  });
  if (!has_started) return {};  // what is below us is another's
  {
    const std::lock_guard guard(state_->starting);
  }  // what is being started stands in the table then
  const auto begin = std::chrono::steady_clock::now();
  if (state_->kill_until(begin + kKillTime / 3)) return {};
  if (const Result<sys::ProcessId> own = sys::process_id(sys::process_id()))
    std::ignore = sys::freeze_tree(*own);  // what cannot be stopped may still be killed
  if (state_->kill_until(begin + kKillTime)) return {};
  std::string left;
  for (const sys::ProcessId& id : sys::children(sys::process_id())) {
    const Result<sys::ProcessEntry> entry = sys::process(id.pid);
    if (entry && left.size() < kNamedBytesMax)
      left.append(left.empty() ? "" : ", ").append(std::to_string(id.pid) + " (" + entry->name + ")");
  }
  return fail(ErrorCode::timeout, "still running: " + left, "they cannot be killed: `lilux call process.list --own`");
}

// Whether all have ended by then.
bool Children::State::kill_until(std::chrono::steady_clock::time_point deadline) {
  while (sys::has_children()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    {
      const std::lock_guard guard(reaping);
      sys::kill_children();
    }
    wake->raise();  // they are reaped
    std::this_thread::yield();
  }
  return true;
}

void Children::accept() {
  state_->table.with([](State::Table& open) { open.is_halted = false; });
}

void Children::stop() {
  std::jthread thread;
  state_->table.with([&](State::Table& open) {
    open.is_stopped = true;
    thread = std::move(state_->thread);
  });
  if (!thread.joinable()) return;
  std::ignore = kill_all();  // what is left cannot be killed
  thread.request_stop();
  state_->wake->raise();
  thread.join();
  state_->refuse_orders();
}

void Children::State::refuse_orders() {
  table.with([](Table& open) {
    open.is_stopped = true;
    for (Order& order : open.orders) order.answer.set_value(fail(ErrorCode::unavailable, "the kernel is stopping"));
    open.orders.clear();
  });
}

}  // namespace lilux::kernel
