#pragma once

// Server-sent events of the Model Context Protocol to one client, in their order. One with a name can be read on over
// another connection when the first has gone: its newest events are kept, within bounds, and carry ids
// (`<name>-<number>`). Any thread.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "net/http_server.h"

namespace lilux::surface {

class McpStream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit McpStream(std::string name = {}) : name_(std::move(name)), is_keeping_(!name_.empty()) {}

  // What is to happen when the client has gone for good; before the first write.
  void on_lost(std::function<void()> lost) { lost_ = std::move(lost); }
  // The connection that comes next, as leave() is to be told of it; then it is begun with, or gone on with.
  int next_connection();
  void begin(net::Exchange exchange, int connection);
  // Goes on where the client stopped: what came after its event of that number, then what is to come. Nothing, and the
  // exchange is as it was, when that is no longer kept.
  bool resume(net::Exchange& exchange, int connection, std::uint64_t last);

  // False when the client has gone for good, or reads too slowly: then the stream is over.
  bool write(const base::Json& message);
  bool write_event(std::string_view name, std::string_view data);
  bool write_comment(std::string_view text);
  // No more is to come.
  void end();
  // Nothing of it is kept from now on. Without a connection it is lost.
  void keep_no_more();
  // That connection has gone: without another one by now it waits for one, or is lost.
  void leave(int connection);
  // When it was left before then and nobody came back, it is lost: true.
  bool give_up(Time before);

  const std::string& name() const { return name_; }
  bool is_open() const;

 private:
  struct Kept {
    std::uint64_t number = 0;
    std::string text;
  };
  bool put(std::uint64_t number, std::string text);
  void lose();

  const std::string name_;
  std::function<void()> lost_;
  mutable std::mutex mutex_;  // of all that follows
  net::Stream out_;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t last_ = 0;    // number of an event
  std::optional<Time> left_;  // since when there is no connection
  int connections_ = 0;
  int connection_ = 0;  // that it is written to
  bool is_keeping_ = false;
  bool is_over_ = false;
};

// The name and number of an event's id; absent when it is none of ours.
std::optional<std::pair<std::string, std::uint64_t>> read_event_id(std::string_view id);

}  // namespace lilux::surface
