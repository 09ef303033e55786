#pragma once

// How the handles of a server (Exchange, Stream) reach its event loop from any thread: letters in a queue. Owned by the
// loop and every handle together, since no one knows which ends last. For net/http_*.cpp only.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/guarded.h"
#include "base/turns.h"
#include "net/http_server.h"
#include "sys/poller.h"

namespace lilux::net {

// What a Stream does with a piece that its queue has no room for.
enum class WhenFull : std::uint8_t { refuse, cut_off };

// What a Stream and its connection both look at.
struct StreamState {
  std::size_t bytes_max = 0;
  WhenFull when_full = WhenFull::refuse;
  std::atomic<std::size_t> queued{0};  // bytes taken and not yet sent, framing included
  std::atomic<bool> open{true};
  std::atomic<bool> is_behind{false};  // what has come is worked off first: until then nothing is read
};

// Where the bytes of an upgraded connection go. Its end is told once, at the latest by the destructor: so it is told
// wherever on its way to the connection, or with it, this is dropped.
class Intake {
 public:
  Intake(BytesCallback take, WorkCallback work) : take_(std::move(take)), work_(std::move(work)) {}
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  ~Intake() { end(); }

  void give(std::string_view bytes);
  void end();
  const WorkCallback& work() const { return work_; }

 private:
  BytesCallback take_;  // null once ended
  const WorkCallback work_;
};

struct Abandoned {};  // the exchange was destroyed unanswered
struct StartStream {
  int status = 200;
  Headers headers = {};
  std::shared_ptr<StreamState> state = {};
};
struct StartUpgrade {
  std::string protocol = {};
  Headers headers = {};
  std::shared_ptr<StreamState> state = {};
  std::unique_ptr<Intake> intake = {};
};
struct CloseStream {};
struct CutStream {};  // its queue was full

struct Letter {
  ExchangeId exchange = {};
  std::variant<Abandoned, Response, StartStream, StartUpgrade, std::string, CloseStream, CutStream, GoneCallback>
      content = {};
};

// For a letter whose connection is gone: whoever wrote it learns so.
void give_up(Letter& letter);

class Inbox {
 public:
  Inbox(sys::Wake wake, const ServerLimits& limits) : wake_(std::move(wake)), limits_(limits) {}

  // False, with the letter as it was, once the inbox is closed. Wakes the loop unless called on its thread, which looks
  // here before it waits.
  bool post(Letter& letter);
  void request_stop(std::chrono::steady_clock::time_point deadline);
  const ServerLimits& limits() const { return limits_; }

  // Whose turn the loop is.
  base::Turns& turns() { return turns_; }

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
  const ServerLimits limits_;
  base::Turns turns_;
  std::atomic<std::thread::id> loop_thread_;
  struct Mail {
    std::vector<Letter> letters;
    std::optional<std::chrono::steady_clock::time_point> stop_deadline;
    bool is_closed = false;
  };
  base::Guarded<Mail> mail_;
};

}  // namespace lilux::net
