#pragma once

// State that is reached only under its lock: guarded.with([](State& s) { ... }). No I/O and no callbacks in there.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace lilux::base {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class F>
  decltype(auto) with(F&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }
  template <class F>
  decltype(auto) with(F&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }
  // Waits until `predicate` holds or the time has come; gives whether it holds. Whoever changes the state notifies.
  template <class Predicate>
  bool wait_until(std::chrono::steady_clock::time_point deadline, Predicate&& predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [&] { return predicate(value_); });
  }
  void notify_all() { changed_.notify_all(); }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  T value_;
};

}  // namespace lilux::base
