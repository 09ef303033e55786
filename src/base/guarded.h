#pragma once

// State that is reached only under its lock: guarded.with([](State& s) { ... }). No I/O and no callbacks in there.

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

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace lilux::base
