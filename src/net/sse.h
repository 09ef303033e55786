#pragma once

// Server-sent events: writing them, and reading them from bytes as they arrive, as the HTML standard says. Values; one
// thread at a time.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::net {

struct SseEvent {
  std::string id = {};     // read: the last one seen, which stays until another comes
  std::string event = {};  // empty means "message"
  std::string data = {};   // lines joined by \n
  std::optional<std::chrono::milliseconds> retry = {};
  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

// Appends one event. Each line of the data, however it ends, gets its own field and is read back as ending in \n; line
// ends and NUL in id and event are left out. Without data no reader would see an event, so an empty line is written.
void append_event(std::string& out, const SseEvent& event);
// Appends a comment line, which keeps a connection alive and is seen by no one.
void append_comment(std::string& out, std::string_view text);

struct SseLimits {
  std::size_t line_bytes_max = std::size_t{8} << 20;
  std::size_t data_bytes_max = std::size_t{16} << 20;  // of one event
};

// Bytes may be cut anywhere. An event not ended by an empty line when the bytes end is not an event.
class SseParser {
 public:
  explicit SseParser(SseLimits limits = {}) : limits_(limits) {}

  // Calls `on_event` for every event that is complete now. `over_budget` when a line or an event is too large; the
  // parser is of no use afterwards.
  base::Result<void> feed(std::string_view bytes, const std::function<void(SseEvent)>& on_event);
  // What to send as Last-Event-ID when connecting again.
  const std::string& last_id() const { return event_.id; }
  // The newest retry the server asked for.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  base::Result<void> take_line(std::string_view line, const std::function<void(SseEvent)>& on_event);
  base::Result<void> take_field(std::string_view name, std::string_view value);

  SseLimits limits_;
  std::string line_;  // the part of a line that came so far
  SseEvent event_;    // being collected
  std::optional<std::chrono::milliseconds> retry_;
  bool has_data_ = false;
  bool after_cr_ = false;  // a \n now belongs to the \r before it
  bool at_start_ = true;   // a byte order mark may come
};

}  // namespace lilux::net
