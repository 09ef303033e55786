#include "surface/mcp_stream.h"

#include <charconv>

#include "net/sse.h"

namespace lilux::surface {

namespace {

constexpr std::size_t kKeptMax = 100;                          // events
constexpr std::size_t kKeptBytesMax = std::size_t{256} << 10;  // of them

net::Headers stream_headers() {
  net::Headers headers;
  headers.add("Content-Type", "text/event-stream");
  headers.add("Cache-Control", "no-store");
  headers.add("X-Accel-Buffering", "no");
  return headers;
}

}  // namespace

std::optional<std::pair<std::string, std::uint64_t>> read_event_id(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(id.data() + dash + 1, id.data() + id.size(), number);
  if (error != std::errc() || rest != id.data() + id.size()) return std::nullopt;
  return std::pair(std::string(id.substr(0, dash)), number);
}

int McpStream::next_connection() {
  const std::lock_guard lock(mutex_);
  return ++connections_;
}

void McpStream::begin(net::Exchange exchange, int connection) {
  const std::lock_guard lock(mutex_);
  out_ = exchange.start_stream(200, stream_headers());
  connection_ = connection;
}

bool McpStream::resume(net::Exchange& exchange, int connection, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t before = kept_.empty() ? last_ : kept_.front().number - 1;  // the last that is not kept
  if (!is_keeping_ || last < before || last > last_) return false;
  out_ = exchange.start_stream(200, stream_headers());
  connection_ = connection;
  left_.reset();
  for (const Kept& event : kept_) {
    if (event.number > last && !out_.write(event.text)) break;  // gone again: it asks anew
  }
  if (is_over_) out_.close();
  return true;
}

bool McpStream::write(const base::Json& message) {
  return write_event({}, base::to_text(message));
}

bool McpStream::write_event(std::string_view name, std::string_view data) {
  {
    const std::lock_guard lock(mutex_);
    if (is_over_) return false;
    std::string text;
    const std::string id = name_.empty() ? std::string() : name_ + "-" + std::to_string(last_ + 1);
    net::append_event(text, {.id = id, .event = std::string(name), .data = std::string(data)});
    if (put(++last_, std::move(text))) return true;
    lose();
  }
  if (lost_) lost_();
  return false;
}

// Under the lock. False when there is no reader, now or later.
bool McpStream::put(std::uint64_t number, std::string text) {
  const bool is_sent = out_.write(text);
  if (!is_sent && is_keeping_) out_.close();  // it reads too slowly: it can come back
  if (!is_keeping_) return is_sent;
  kept_bytes_ += text.size();
  kept_.push_back({.number = number, .text = std::move(text)});
  while (kept_.size() > kKeptMax || (kept_bytes_ > kKeptBytesMax && !kept_.empty())) {
    kept_bytes_ -= kept_.front().text.size();
    kept_.pop_front();
  }
  if (!is_sent && !left_) left_ = std::chrono::steady_clock::now();
  return true;
}

// Under the lock.
void McpStream::lose() {
  out_.close();
  kept_.clear();
  is_keeping_ = false;
  is_over_ = true;
}

bool McpStream::write_comment(std::string_view text) {
  std::string line;
  net::append_comment(line, text);
  const std::lock_guard lock(mutex_);
  return out_.write(line);
}

void McpStream::end() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  out_.close();
  if (!left_) left_ = std::chrono::steady_clock::now();
}

void McpStream::keep_no_more() {
  bool is_lost = false;
  {
    const std::lock_guard lock(mutex_);
    is_keeping_ = false;
    kept_.clear();
    is_lost = left_ && !is_over_;
    if (is_lost) lose();
  }
  if (is_lost && lost_) lost_();
}

void McpStream::leave(int connection) {
  bool is_lost = false;
  {
    const std::lock_guard lock(mutex_);
    if (connection != connection_) return;
    out_.close();
    if (!left_) left_ = std::chrono::steady_clock::now();
    is_lost = !is_keeping_ && !is_over_;
    if (is_lost) lose();
  }
  if (is_lost && lost_) lost_();
}

bool McpStream::give_up(Time before) {
  bool is_lost = false;
  {
    const std::lock_guard lock(mutex_);
    if (!left_ || *left_ > before) return false;
    is_lost = !is_over_;
    lose();
  }
  if (is_lost && lost_) lost_();
  return true;
}

bool McpStream::is_open() const {
  const std::lock_guard lock(mutex_);
  return out_.is_open();
}

}  // namespace lilux::surface
