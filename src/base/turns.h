#pragma once

// Two threads that read one input and handle what they read, without handing it to each other: whoever has the turn
// reads a piece and handles it. When one piece keeps it longer than a moment, the thread that stands by takes the turn
// and goes on with the next piece; the other one stands by when it is done. Any thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace lilux::base {

class Turns {
 public:
  // Waits for the turn; false when everything is over.
  bool take();
  // For whoever has the turn: what follows may lose it.
  void begin_piece();
  // The same when another thread stands by; false when none does, or the turn is not this thread's: then what may take
  // long is for others.
  bool may_linger();
  // False when the turn is lost.
  bool end_piece();
  // Whether somebody would take the turn.
  bool has_standby() const;
  void finish();

 private:
  bool may_take();  // with the lock, as the next
  void begin();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::thread::id owner_;  // of the turn; none when it is free
  std::chrono::steady_clock::time_point begun_;
  std::uint64_t pieces_ = 0;
  bool is_in_piece_ = false;
  bool has_standby_ = false;
  bool is_asleep_ = false;  // the one that stands by, until there is a piece again
  bool is_over_ = false;
};

}  // namespace lilux::base
