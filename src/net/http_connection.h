#pragma once

// One connection of the server: reads requests one after another, puts each down for the handler, writes what answers
// it. Owned by the event loop and used on its thread only. For net/http_*.cpp only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_inbox.h"
#include "net/http_parser.h"
#include "net/http_server.h"
#include "sys/poller.h"

namespace lilux::net {

using TimePoint = std::chrono::steady_clock::time_point;

// The Date field, made once a second.
class HttpDate {
 public:
  const std::string& now();

 private:
  std::time_t made_at_ = 0;
  std::string text_;
};

// What may take its time, and waits until no connection is being looked at. True when it is to be called again.
using Due = std::move_only_function<bool()>;

// What all connections of one loop use.
struct LoopShared {
  sys::Poller poller;
  std::shared_ptr<Inbox> inbox;
  ServerLimits limits = {};
  Handler handler = {};
  std::deque<Due> due = {};
  Gate gate = {};
  ErrorRenderer render_error = {};
  HttpDate date = {};
  std::size_t body_bytes = 0;     // of requests being received, all connections together
  std::vector<char> buffer = {};  // what a read goes into
  bool is_stopping = false;
};

// Bytes to be sent. Holds no memory when empty.
class OutputQueue {
 public:
  void append(std::string_view bytes);
  void take(std::string bytes);  // without a copy when it is large
  std::string_view front() const;
  void drop(std::size_t bytes);  // at most front().size()
  std::size_t size() const { return size_; }
  bool is_empty() const { return size_ == 0; }

 private:
  std::vector<std::string> pieces_;
  std::size_t first_ = 0;   // pieces before it are gone
  std::size_t offset_ = 0;  // bytes of that piece that are gone
  std::size_t size_ = 0;
};

// Whether bytes still move: some within the stall timeout, and not too few per second on the whole.
class Pace {
 public:
  void restart(TimePoint now);
  void add(std::size_t bytes, TimePoint now);
  TimePoint deadline(const ServerLimits& limits) const;

 private:
  TimePoint started_;
  TimePoint progressed_;
  std::uint64_t bytes_ = 0;
};

class Connection {
 public:
  Connection(LoopShared& shared, std::uint64_t id, sys::Fd fd, Peer peer, TimePoint now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();  // tells whoever works for the client that it is gone

  void on_ready(const sys::Ready& ready, TimePoint now);
  // Letters for an exchange that is over are ignored. settle() must follow.
  void on_letter(Letter letter, TimePoint now);
  // Sends what there is, reads on when an answer made that possible, and waits for the right events.
  void settle(TimePoint now);
  void on_deadline(TimePoint now);
  // Answers with an error and lets the connection end.
  void refuse(int status, std::string_view message, TimePoint now);
  // Ends what need not be finished.
  void begin_stop(TimePoint now);

  TimePoint deadline() const;
  bool is_finished() const { return is_finished_; }
  // Nothing was asked on it yet, or all is answered and only the client's end is awaited.
  bool is_expendable() const { return sequence_ == 0 || is_shut_; }
  bool is_unix() const { return peer_.is_unix; }
  int fd() const { return fd_.get(); }

 private:
  enum class Phase : std::uint8_t { reading, handling, streaming, draining };

  bool receive(TimePoint now);
  void take_end(TimePoint now);
  void parse(TimePoint now);
  void after_parse(TimePoint now);
  bool is_let_in(TimePoint now);
  void dispatch();
  void flush(TimePoint now);
  void turn_away(Response response, TimePoint now);
  void write_head(int status, const Headers& headers, std::string_view framing);
  void write_response(Response response, TimePoint now);
  void begin_stream(StartStream start, TimePoint now);
  void begin_upgrade(StartUpgrade start, TimePoint now);
  void take_in(std::string_view bytes);
  void write_chunk(std::string bytes);
  void end_stream(TimePoint now);
  void end_exchange(TimePoint now);
  void begin_drain(TimePoint now);
  void tell_gone();
  void charge_body(std::size_t bytes);
  bool has_nothing_to_do() const;
  bool may_parse() const;
  bool has_room() const;
  void watch();

  LoopShared& shared_;
  const std::uint64_t id_;
  sys::Fd fd_;
  Peer peer_;
  RequestParser parser_;
  std::string input_;        // received and not yet parsed
  std::size_t parsed_ = 0;   // bytes of input_ that are gone
  std::size_t charged_ = 0;  // this connection's part of LoopShared::body_bytes
  OutputQueue output_;
  GoneCallback gone_;
  std::shared_ptr<StreamState> stream_;  // while streaming; shared with the Stream
  std::unique_ptr<Intake> intake_;       // while upgraded, which is a way of streaming
  Headers offer_;                        // the head of the current request, if it can be upgraded
  std::uint64_t sequence_ = 0;           // of the current exchange
  Pace receiving_;                       // of a body
  Pace sending_;                         // while output_ is not empty
  TimePoint since_;                      // when the phase, or the head of a request, began
  sys::Interest watched_{.read = true};
  Phase phase_ = Phase::reading;
  bool is_fresh_ = true;  // no request has come yet
  bool has_head_begun_ = false;
  bool has_body_begun_ = false;
  bool is_let_in_ = false;     // the current request, by the gate
  bool is_head_only_ = false;  // the answer has no body
  bool is_chunked_ = false;
  bool keeps_alive_ = true;  // after the current exchange
  bool has_peer_ended_ = false;
  bool is_told_gone_ = false;
  bool is_shut_ = false;  // our side has ended
  bool is_finished_ = false;
};

}  // namespace lilux::net
