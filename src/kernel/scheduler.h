#pragma once

// A small bounded pool of workers for what is ready, most urgent first, and a clock for what is due later. Work that
// waits gets more urgent by one step a second. Workers start when there is work. One more is kept free for people,
// however much others have to do, and what must never wait for other work has a thread of its own. Any thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lilux::kernel {

class Scheduler {
 public:
  using Work = std::move_only_function<void()>;
  using Time = std::chrono::steady_clock::time_point;
  using Timer = std::pair<Time, std::uint64_t>;
  enum class Lane : std::uint8_t { people, others };
  struct Options {
    std::size_t workers = 4;  // for others
    std::size_t queue_max = 10'000;
    std::size_t timers_max = 250'000;
  };

  explicit Scheduler(const Options& options) : options_(options) {}
  ~Scheduler() { stop(); }

  // Queues work; priority 0 to 9, 9 first. `unavailable` when the queue is full or the scheduler has stopped.
  base::Result<void> push(std::int64_t priority, Work work, Lane lane = Lane::others);
  // The same for a piece that goes on with what was let in before: there is always room for that.
  base::Result<void> push_again(std::int64_t priority, Work work, Lane lane = Lane::others);
  // Runs it whatever the workers do and however much waits for them, one such piece after another.
  base::Result<void> push_first(Work work);
  // Runs a short piece of work on the clock's thread at that time, or soon after.
  base::Result<Timer> at(Time when, Work work);
  void forget(const Timer& timer);  // one that is due may run all the same
  // Ends after what runs now; what waits is dropped. Idempotent.
  void stop();
  bool has_room() const;  // of push
  std::size_t timers() const;

  // While it lives, its thread waits for other work: one more worker stands in for it.
  class Lent {
   public:
    explicit Lent(Scheduler& scheduler) : scheduler_(scheduler) { scheduler_.lend(1); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent() { scheduler_.lend(-1); }

   private:
    Scheduler& scheduler_;
  };

 private:
  using Queue = std::multimap<Time, Work>;  // by arrival less a second per priority step: that order is ageing
  base::Result<void> refuse_full(const Queue& queue) const;
  base::Result<void> refuse_stopped() const;
  void lend(int workers);
  void make_ready(std::int64_t priority, Work work, Lane lane);
  void start_workers();
  Queue* next_queue();  // of the work whose turn it is; null when none may run
  void work();
  void work_urgently();
  void tick();

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ready_changed_;
  std::condition_variable timers_changed_;
  std::condition_variable urgent_changed_;
  Queue for_people_;
  Queue for_others_;
  Queue urgent_;
  std::size_t busy_with_others_ = 0;
  std::size_t lent_ = 0;
  std::map<Timer, Work> timers_;
  std::uint64_t timers_set_ = 0;
  std::size_t idle_ = 0;
  bool is_stopped_ = false;
  std::vector<std::jthread> workers_;
  std::jthread urgent_worker_;
  std::jthread clock_;
};

}  // namespace lilux::kernel
