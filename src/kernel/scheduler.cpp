#include "kernel/scheduler.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<void> Scheduler::push(std::int64_t priority, Work work) {
  const Time order = std::chrono::steady_clock::now() - std::chrono::seconds(priority);
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return fail(ErrorCode::unavailable, "the kernel is stopping", "start it again: `lilux up`");
  if (ready_.size() >= options_.queue_max) {
    return fail(ErrorCode::unavailable, "the queue is full: " + std::to_string(options_.queue_max) + " calls wait",
                "try again in a moment, or `lilux top`");
  }
  ready_.emplace(order, std::move(work));
  if (ready_.size() > idle_ && workers_.size() < options_.workers) {
    workers_.emplace_back([this](std::stop_token stop) { this->work(std::move(stop)); });
  }
  ready_changed_.notify_one();
  return {};
}

Result<void> Scheduler::at(Time when, Work work) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return fail(ErrorCode::unavailable, "the kernel is stopping", "start it again: `lilux up`");
  if (timers_.size() >= options_.timers_max)
    return fail(ErrorCode::unavailable, "too many timers are set", "try again in a moment");
  const auto place = timers_.emplace(when, std::move(work));
  if (!clock_.joinable()) clock_ = std::jthread([this](std::stop_token stop) { tick(std::move(stop)); });
  if (place == timers_.begin()) timers_changed_.notify_one();
  return {};
}

void Scheduler::stop() {
  std::vector<std::jthread> workers;
  std::jthread clock;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    workers.swap(workers_);
    clock = std::move(clock_);
  }
  clock.request_stop();
  for (std::jthread& worker : workers) worker.request_stop();
  workers.clear();  // joins
  if (clock.joinable()) clock.join();
  std::multimap<Time, Work> dropped;
  const std::lock_guard lock(mutex_);
  ready_.swap(dropped);
  timers_.clear();
}

std::size_t Scheduler::size() const {
  const std::lock_guard lock(mutex_);
  return ready_.size();
}

void Scheduler::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    ++idle_;
    ready_changed_.wait(lock, stop, [this] { return !ready_.empty(); });
    --idle_;
    if (stop.stop_requested()) return;
    Work next = std::move(ready_.extract(ready_.begin()).mapped());
    lock.unlock();
    next();
    next = nullptr;
    lock.lock();
  }
}

void Scheduler::tick(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (timers_.empty()) {
      timers_changed_.wait(lock, stop, [this] { return !timers_.empty(); });
      continue;
    }
    const Time first = timers_.begin()->first;
    if (first > std::chrono::steady_clock::now()) {
      timers_changed_.wait_until(lock, stop, first, [&] { return timers_.empty() || timers_.begin()->first < first; });
      continue;
    }
    Work due = std::move(timers_.extract(timers_.begin()).mapped());
    lock.unlock();
    due();
    due = nullptr;
    lock.lock();
  }
}

}  // namespace lilux::kernel
