#include "kernel/scheduler.h"

#include <algorithm>
#include <array>

#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kLentMax = 64;

}  // namespace

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

Result<void> Scheduler::push(std::int64_t priority, Work work, Lane lane) {
  {
    const std::lock_guard lock(mutex_);
    TRY(refuse_full(lane == Lane::people ? for_people_ : for_others_));
    make_ready(priority, std::move(work), lane);
  }
  ready_changed_.notify_one();
  return {};
}

Result<void> Scheduler::push_again(std::int64_t priority, Work work, Lane lane) {
  {
    const std::lock_guard lock(mutex_);
    TRY(refuse_stopped());
    make_ready(priority, std::move(work), lane);
  }
  ready_changed_.notify_one();
  return {};
}

void Scheduler::make_ready(std::int64_t priority, Work work, Lane lane) {
  Queue& queue = lane == Lane::people ? for_people_ : for_others_;
  queue.emplace(std::chrono::steady_clock::now() - std::chrono::seconds(priority), std::move(work));
  start_workers();
}

void Scheduler::start_workers() {
  if (is_stopped_ || for_people_.size() + for_others_.size() <= idle_) return;
  if (workers_.size() >= options_.workers + 1 + std::min(lent_, kLentMax)) return;
  workers_.emplace_back([this] { work(); });
}

void Scheduler::lend(int workers) {
  const std::lock_guard lock(mutex_);
  lent_ = static_cast<std::size_t>(static_cast<std::int64_t>(lent_) + workers);
  start_workers();
  ready_changed_.notify_one();
}

Scheduler::Queue* Scheduler::next_queue() {
  const bool may_take_other = !for_others_.empty() && busy_with_others_ < options_.workers + std::min(lent_, kLentMax);
  if (!may_take_other) return for_people_.empty() ? nullptr : &for_people_;
  const bool is_person_first = !for_people_.empty() && for_people_.begin()->first <= for_others_.begin()->first;
  return is_person_first ? &for_people_ : &for_others_;
}

Result<void> Scheduler::push_first(Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_full(urgent_));
  urgent_.emplace(std::chrono::steady_clock::now(), std::move(work));
  if (!urgent_worker_.joinable()) urgent_worker_ = std::jthread([this] { work_urgently(); });
  urgent_changed_.notify_one();
  return {};
}

Result<Scheduler::Timer> Scheduler::at(Time when, Work work) {
  const std::lock_guard lock(mutex_);
  TRY(refuse_stopped());
  if (timers_.size() >= options_.timers_max)
    return fail(ErrorCode::unavailable, "too many timers are set", "try again in a moment");
  const auto place = timers_.emplace(Timer(when, ++timers_set_), std::move(work)).first;
  if (!clock_.joinable()) clock_ = std::jthread([this] { tick(); });
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
  ready_changed_.notify_all();
  urgent_changed_.notify_all();
  timers_changed_.notify_all();
  workers.clear();  // joins
  if (clock.joinable()) clock.join();
  std::array<Queue, 3> dropped;  // what they hold goes outside the lock
  std::map<Timer, Work> timers;
  const std::lock_guard lock(mutex_);
  for_people_.swap(dropped[0]);
  for_others_.swap(dropped[1]);
  urgent_.swap(dropped[2]);
  timers_.swap(timers);
}

bool Scheduler::has_room() const {
  const std::lock_guard lock(mutex_);
  return for_others_.size() < options_.queue_max;
}

std::size_t Scheduler::timers() const {
  const std::lock_guard lock(mutex_);
  return timers_.size();
}

void Scheduler::work() {
  sys::answer_soon();
  std::unique_lock lock(mutex_);
  while (true) {
    Queue* queue = nullptr;
    ++idle_;
    ready_changed_.wait(lock, [&] { return is_stopped_ || (queue = next_queue()) != nullptr; });
    --idle_;
    if (is_stopped_) return;
    const bool is_other = queue == &for_others_;
    Work next = std::move(queue->extract(queue->begin()).mapped());
    if (is_other) ++busy_with_others_;
    lock.unlock();
    next();
    next = nullptr;
    lock.lock();
    if (is_other) --busy_with_others_;
  }
}

void Scheduler::work_urgently() {
  sys::answer_soon();
  std::unique_lock lock(mutex_);
  while (true) {
    urgent_changed_.wait(lock, [this] { return is_stopped_ || !urgent_.empty(); });
    if (is_stopped_) return;
    Work next = std::move(urgent_.extract(urgent_.begin()).mapped());
    lock.unlock();
    next();
    next = nullptr;
    lock.lock();
  }
}

void Scheduler::tick() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    if (timers_.empty()) {
      timers_changed_.wait(lock, [this] { return is_stopped_ || !timers_.empty(); });
      continue;
    }
    const Time first = timers_.begin()->first.first;
    if (first > std::chrono::steady_clock::now()) {
      timers_changed_.wait_until(
          lock, first, [&] { return is_stopped_ || timers_.empty() || timers_.begin()->first.first < first; });
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
