#pragma once

// A small bounded pool of workers for what is ready, most urgent first, and a clock for what is due later. Work that
// waits gets more urgent by one step a second. Workers start when there is work. Any thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace lilux::kernel {

class Scheduler {
 public:
  using Work = std::move_only_function<void()>;
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    std::size_t workers = 4;
    std::size_t queue_max = 10'000;
    std::size_t timers_max = 250'000;
  };

  explicit Scheduler(const Options& options) : options_(options) {}
  ~Scheduler() { stop(); }

  // Queues work; priority 0 to 9, 9 first. `unavailable` when the queue is full or the scheduler has stopped.
  base::Result<void> push(std::int64_t priority, Work work);
  // Runs a short piece of work on the clock's thread at that time, or soon after.
  base::Result<void> at(Time when, Work work);
  // Ends after what runs now; what waits is dropped. Idempotent.
  void stop();
  std::size_t size() const;  // ready, and not taken by a worker

 private:
  void work(std::stop_token stop);
  void tick(std::stop_token stop);

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable_any ready_changed_;
  std::condition_variable_any timers_changed_;
  std::multimap<Time, Work> ready_;  // by arrival less a second per priority step: that order is ageing
  std::multimap<Time, Work> timers_;
  std::size_t idle_ = 0;
  bool is_stopped_ = false;
  std::vector<std::jthread> workers_;
  std::jthread clock_;
};

}  // namespace lilux::kernel
