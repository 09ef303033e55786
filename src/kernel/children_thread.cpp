#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

#include "base/random.h"
#include "base/time.h"
#include "kernel/children_state.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/process_table.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr auto kProbedAgain = std::chrono::minutes(1);
constexpr std::size_t kAliveMax = 4096;

std::uint32_t random_number() {
  const std::string bytes = base::random_bytes(sizeof(std::uint32_t));
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// Never 0, and with it no mark is a limit that anybody would set.
std::uint32_t new_family() {
  return (random_number() >> 2) | (std::uint32_t{1} << 29);
}

std::uint64_t new_mark(std::uint32_t family) {
  return (std::uint64_t{family} << sandbox::kFamilyShift) | random_number();
}

}  // namespace

Result<void> Children::State::ensure_thread() {
  return table.with([this](Table& open) -> Result<void> {
    if (open.is_stopped) return fail(ErrorCode::unavailable, "the kernel is stopping", "start it again: `lilux up`");
    if (thread.joinable()) return {};
    poller = TRY(sys::Poller::create());
    wake = TRY(sys::Wake::create());
    TRY(poller->add(wake->fd(), {.read = true}, 0));
    TRY(sys::become_subreaper());
    thread = std::jthread([this](std::stop_token stop) { run(stop); });
    written_thread = std::jthread([this](std::stop_token stop) { watch_written(stop); });
    return {};
  });
}

// A child is killed when the thread that started it ends, so all are started by this one.
void Children::State::run(const std::stop_token& stop) {
  std::vector<sys::Ready> ready;
  while (!stop.stop_requested()) {
    if (!poller->wait(ready, has_limited() || options.is_heard() || !hunted.empty() ? kWatchTime : kOrphanTime))
      return refuse_orders();
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
  if (is_another && !is_halted) starter_for(start).prepare(sandbox::best_tier(host), host);
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
  start.spawn.mark = new_mark(new_family());
  start.spawn.limits.push_back({.resource = RLIMIT_FSIZE, .soft = kChildFileBytesMax, .hard = kChildFileBytesMax});
  sandbox::Tier tier = sandbox::Tier::none;
  const auto launch = [&]() -> Result<sys::Child> {
    const sandbox::Host host = known_host();
    tier = sandbox::best_tier(host);
    if (tier == sandbox::Tier::restricted && !options.guard_program.empty()) {
      if (guarded_family == 0) guarded_family = new_family();
      TRY(end_guard.stand(options.guard_program, guarded_family));
      start.spawn.mark = new_mark(guarded_family);
    }
    return sandbox::launch(*start.within, tier, host, start.spawn, &starter_for(start));
  };
  Result<sys::Child> child = start.within ? launch() : sys::spawn(start.spawn);
  if (!child) {
    std::ignore = sys::remove_file(output.stdout_file);  // the first error is the one to tell
    std::ignore = sys::remove_file(output.stderr_file);
    return std::unexpected(child.error());
  }
  const std::int64_t pid = child->pid;
  const auto limits = child->group                  ? sandbox::Limits::cgroup
                      : tier != sandbox::Tier::none ? sandbox::Limits::rlimits
                                                    : sandbox::Limits::none;
  const Result<void> watched = poller->add(child->pidfd.get(), {.read = true}, static_cast<std::uint64_t>(pid));
  if (!watched) {  // nobody would see it end, so it ends now; it is reaped as an orphan
    std::ignore = sys::kill_tree(child->id(), kKillTime);
    return std::unexpected(watched.error());
  }
  table.with([&](Table& open) {
    LiveChild live{.child = std::move(*child),
                   .status = {.pid = pid,
                              .task = start.task,
                              .call = start.call,
                              .project = start.project,
                              .command = start.command,
                              .started_us = base::now_us(),
                              .output = std::move(output),
                              .tier = tier,
                              .limits = limits,
                              .mark = start.spawn.mark,
                              .reason = {},
                              .exit = {}},
                   .written = start.written,
                   .memory_bytes = start.within ? start.within->memory_bytes : 0,
                   .processes = start.within ? start.within->processes : 0};
    open.ended.erase(pid);
    open.live.insert_or_assign(pid, std::move(live));
  });
  {
    const std::lock_guard seen(looking);
  }
  has_started.notify_all();
  return pid;
}

void Children::State::reap(std::int64_t pid) {
  std::string task;
  std::vector<std::string> forgotten;
  std::optional<ChildOutput> output;
  const std::optional<ChildStatus> living = table.with([&](const Table& open) {
    const auto found = open.live.find(pid);
    return found == open.live.end() ? std::nullopt : std::optional(found->second.status);
  });
  // In the stronger tier the system has done it.
  if (living && living->tier == sandbox::Tier::restricted) kill_left_behind(living->mark);
  if (living && options.is_heard()) tell_output(*living, true);  // before who waits for its end forgets it
  tellings.erase(pid);
  sys::Child child;  // is let go of when nothing is held any more
  std::unique_lock guard(reaping);
  const bool is_ended = table.with([&](Table& open) {
    const auto found = open.live.find(pid);
    if (found == open.live.end()) return false;
    const Result<std::optional<sys::Exit>> exit = sys::try_wait(found->second.child);
    if (exit && !*exit) return false;
    std::ignore = poller->remove(found->second.child.pidfd.get());  // closing it removes it too
    const std::string too_much_memory = found->second.too_much_memory();
    child = std::move(found->second.child);
    ChildStatus status = std::move(found->second.status);
    status.exit = exit ? **exit : sys::Exit{};
    if (status.exit->signal == SIGXFSZ && status.reason.empty())
      status.reason = "a file that it wrote grew beyond " + std::to_string(kChildFileBytesMax >> 30) + " GiB";
    if (status.reason.empty() && child.group && child.group->count("memory.events", "oom_kill") > 0)
      status.reason = too_much_memory;
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

void Children::State::refuse_orders() {
  table.with([](Table& open) {
    open.is_stopped = true;
    for (Order& order : open.orders) order.answer.set_value(fail(ErrorCode::unavailable, "the kernel is stopping"));
    open.orders.clear();
  });
}

}  // namespace lilux::kernel
