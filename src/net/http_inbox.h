#pragma once

// How the handles of a server (Exchange, Stream) reach its event loop from any thread: letters in a queue. Owned by the
// loop and every handle together, since no one knows which ends last. For net/http_*.cpp only.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/guarded.h"
#include "net/http_server.h"
#include "sys/poller.h"

namespace lilux::net {

// What a Stream and its connection both look at.
struct StreamState {
  std::size_t bytes_max = 0;
  std::atomic<std::size_t> queued{0};  // bytes taken and not yet sent, framing included
  std::atomic<bool> open{true};
};

struct Abandoned {};  // the exchange was destroyed unanswered
struct StartStream {
  int status = 200;
  Headers headers = {};
  std::shared_ptr<StreamState> state = {};
};
struct CloseStream {};

struct Letter {
  ExchangeId exchange = {};
  std::variant<Abandoned, Response, StartStream, std::string, CloseStream, GoneCallback> content = {};
};

class Inbox {
 public:
  Inbox(sys::Wake wake, std::size_t stream_bytes_max) : wake_(std::move(wake)), stream_bytes_max_(stream_bytes_max) {}

  // False, with the letter as it was, once the inbox is closed. Wakes the loop unless called on its thread, which looks
  // here before it waits.
  bool post(Letter& letter);
  void request_stop(std::chrono::steady_clock::time_point deadline);
  std::size_t stream_bytes_max() const { return stream_bytes_max_; }

  // For the loop.
  void belong_to_this_thread() { loop_thread_ = std::this_thread::get_id(); }
  int wake_fd() const { return wake_.fd(); }
  void clear_wake() const { wake_.clear(); }
  // Exchanges `letters`, which is cleared first, for what has come.
  void take(std::vector<Letter>& letters);
  std::optional<std::chrono::steady_clock::time_point> stop_deadline();
  void close();

 private:
  sys::Wake wake_;
  const std::size_t stream_bytes_max_;
  std::atomic<std::thread::id> loop_thread_;
  struct Mail {
    std::vector<Letter> letters;
    std::optional<std::chrono::steady_clock::time_point> stop_deadline;
    bool is_closed = false;
  };
  base::Guarded<Mail> mail_;
};

}  // namespace lilux::net
