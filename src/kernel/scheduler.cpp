#include "kernel/scheduler.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<void> Scheduler::refuse_stopped() const {
  if (!is_stopped_) return {};
  return fail(ErrorCode::unavailable, "the kernel is stopping", "start it again: `lilux up`");
}

Result<void> Scheduler::refuse_full(const Queue& queue) const {
  TRY(refuse_stopped());
  if (queue.size() < options_.queue_max) return {};
  return fail(ErrorCode::unavailable, "the queue is full: " + std::to_string(options_.queue_max) + " calls wait",
              "try again in a moment, or `lilux top`");
}

Result<void> Scheduler::push(std::int64_t priority, Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_full(ready_));
  make_ready(priority, std::move(work));
  return {};
}

Result<void> Scheduler::push_again(std::int64_t priority, Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_stopped());
  make_ready(priority, std::move(work));
  return {};
}

void Scheduler::make_ready(std::int64_t priority, Work work) {
  ready_.emplace(std::chrono::steady_clock::now() - std::chrono::seconds(priority), std::move(work));
  if (ready_.size() > idle_ && workers_.size() < options_.workers) {
    workers_.emplace_back([this](const std::stop_token& stop) { this->work(ready_, ready_changed_, idle_, stop); });
  }
  ready_changed_.notify_one();
}

Result<void> Scheduler::push_first(Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_full(urgent_));
  urgent_.emplace(std::chrono::steady_clock::now(), std::move(work));
  if (!urgent_worker_.joinable()) {
    urgent_worker_ =
        std::jthread([this](const std::stop_token& stop) { this->work(urgent_, urgent_changed_, urgent_idle_, stop); });
  }
  urgent_changed_.notify_one();
  return {};
}

Result<Scheduler::Timer> Scheduler::at(Time when, Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_stopped());
  if (timers_.size() >= options_.timers_max)
    return fail(ErrorCode::unavailable, "too many timers are set", "try again in a moment");
  const auto place = timers_.emplace(Timer(when, ++timers_set_), std::move(work)).first;
  if (!clock_.joinable()) clock_ = std::jthread([this](std::stop_token stop) { tick(std::move(stop)); });
  if (place == timers_.begin()) timers_changed_.notify_one();
  return place->first;
}

void Scheduler::forget(const Timer& timer) {
  std::map<Timer, Work>::node_type dropped;  // what it holds goes outside the lock
  const std::lock_guard lock(mutex_);
  dropped = timers_.extract(timer);
}

void Scheduler::stop() {
  std::vector<std::jthread> workers;
  std::jthread clock;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    workers.swap(workers_);
    workers.push_back(std::move(urgent_worker_));
    clock = std::move(clock_);
  }
  clock.request_stop();
  for (std::jthread& worker : workers) worker.request_stop();
  workers.clear();  // joins
  if (clock.joinable()) clock.join();
  Queue ready;
  Queue urgent;
  std::map<Timer, Work> timers;
  const std::lock_guard lock(mutex_);
  ready_.swap(ready);
  urgent_.swap(urgent);
  timers_.swap(timers);
}

bool Scheduler::has_room() const {
  const std::lock_guard lock(mutex_);
  return ready_.size() < options_.queue_max;
}

std::size_t Scheduler::timers() const {
  const std::lock_guard lock(mutex_);
  return timers_.size();
}

void Scheduler::work(Queue& queue, std::condition_variable_any& changed, std::size_t& idle,
                     const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    ++idle;
    changed.wait(lock, stop, [&queue] { return !queue.empty(); });
    --idle;
    if (stop.stop_requested()) return;
    Work next = std::move(queue.extract(queue.begin()).mapped());
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
    const Time first = timers_.begin()->first.first;
    if (first > std::chrono::steady_clock::now()) {
      timers_changed_.wait_until(lock, stop, first,
                                 [&] { return timers_.empty() || timers_.begin()->first.first < first; });
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
