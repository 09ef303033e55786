#include <algorithm>
#include <csignal>
#include <iterator>
#include <vector>

#include "kernel/children_state.h"
#include "sys/process_table.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::Result;

namespace {

std::int64_t session_of(std::int64_t pid) {
  const Result<sys::ProcessEntry> entry = sys::process(static_cast<pid_t>(pid));
  return entry ? entry->session : 0;
}

}  // namespace

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

// All that has the mark of a child that has ended, as long as looks find some; then it is looked for now and again, as
// what starts another and ends may pass by a look.
void Children::State::kill_left_behind(std::uint64_t mark) {
  const auto deadline = std::chrono::steady_clock::now() + kKillTime;
  hunted[mark] = 0;
  while (hunt() && hunted.contains(mark) && hunted[mark] == 0 && std::chrono::steady_clock::now() < deadline) {
  }
}

// Nobody but its starter knows a mark. False when nobody could look.
bool Children::State::hunt() {
  constexpr int kLooksMax = 10;  // that find nothing
  const auto seen = sys::kill_marked([this](std::uint64_t mark) { return hunted.contains(mark); });
  if (!seen) return false;
  for (auto& [mark, looks] : hunted) looks = seen->contains(mark) ? 0 : looks + 1;
  std::erase_if(hunted, [](const auto& one) { return one.second > kLooksMax; });
  return true;
}

// Here and not elsewhere: a child that is just being started is not in the table yet and looks like an orphan.
void Children::State::reap_orphans() {
  while (const std::optional<pid_t> pid = sys::ended_child()) {
    const std::lock_guard guard(reaping);
    const bool is_ours = table.with([&](const Table& open) { return open.live.contains(*pid); });
    if (is_ours || !sys::reap_orphan(*pid)) return;  // its turn comes with its own event
  }
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

}  // namespace lilux::kernel
