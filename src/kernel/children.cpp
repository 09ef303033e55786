#include "kernel/children.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "kernel/children_state.h"
#include "sys/file.h"
#include "sys/process_table.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kNamedBytesMax = 500;  // of what could not be killed

}  // namespace

Children::Children(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  std::error_code ignored;  // what the children of an earlier kernel wrote; what cannot be listed or removed stays
  for (const auto& entry : std::filesystem::directory_iterator(state_->options.output_directory, ignored))
    std::ignore = sys::remove_file(entry.path().string());
}
Children::~Children() {
  stop();
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

}  // namespace lilux::kernel
