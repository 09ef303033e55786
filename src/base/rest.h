#pragma once

// The pauses of a thread that looks again and again at what others do: short while they do something, long while they
// do not, and a long one ends soon after they do again.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace lilux::base {

class Rest {
 public:
  // Of who does something, afterwards.
  void disturb() {
    if (!is_long_.exchange(false)) return;
    const std::lock_guard lock(mutex_);  // not between the sleeper's look and its sleep
    disturbed_.notify_all();
  }

  // Sleeps `brief`; but when nothing is left to be looked at, up to `longest`, and `brief` from when it is disturbed.
  template <class IsQuiet>
  void pause(const std::stop_token& stop, std::chrono::milliseconds brief, std::chrono::milliseconds longest,
             const IsQuiet& is_quiet) {
    is_long_.exchange(true);  // before the look: what comes after it disturbs
    const bool was_quiet = is_quiet();
    std::unique_lock lock(mutex_);
    if (was_quiet) disturbed_.wait_for(lock, stop, longest - brief, [&] { return !is_long_; });
    is_long_ = false;
    disturbed_.wait_for(lock, stop, brief, [] { return false; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any disturbed_;
  std::atomic<bool> is_long_{false};
};

}  // namespace lilux::base
