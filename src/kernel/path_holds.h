#pragma once

// Paths that calls are changing just now. Whoever changes a path holds it, with all above and below it, from the look
// before the effect to the look after it, so that no two calls read, change and restore the same thing at once. Any
// thread.

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace lilux::kernel {

class PathHolds {
  using Paths = std::vector<std::string>;

 public:
  // Lets go when it ends.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept : holds_(std::exchange(other.holds_, nullptr)), place_(other.place_) {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(holds_, other.holds_);
      std::swap(place_, other.place_);
      return *this;
    }
    ~Hold() {
      if (holds_) holds_->release(place_);
    }

   private:
    friend PathHolds;
    Hold(PathHolds& holds, std::list<Paths>::iterator place) : holds_(&holds), place_(place) {}

    PathHolds* holds_ = nullptr;
    std::list<Paths>::iterator place_;
  };

  // All of these canonical paths at once, as soon as nobody holds any; nothing when the time is up or it is stopped.
  std::optional<Hold> take(Paths paths, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

 private:
  void release(std::list<Paths>::iterator place);
  bool is_free(const Paths& paths) const;

  std::mutex mutex_;
  std::condition_variable_any released_;
  std::list<Paths> held_;  // one entry a call
};

}  // namespace lilux::kernel
