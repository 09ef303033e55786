// Event streams from outside: read whole and byte by byte they must give the same events, and what is read and written
// again must be read as the same events.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/sse.h"

namespace {

using lilux::net::SseEvent;

struct Reading {
  bool is_whole = true;
  std::vector<SseEvent> events;
  std::string last_id;
};

Reading read(std::string_view bytes, std::size_t piece) {
  lilux::net::SseParser parser({.line_bytes_max = 100, .data_bytes_max = 200});
  Reading reading;
  while (!bytes.empty() && reading.is_whole) {
    const std::string_view part = bytes.substr(0, piece);
    reading.is_whole =
        parser.feed(part, [&](SseEvent event) { reading.events.push_back(std::move(event)); }).has_value();
    bytes.remove_prefix(part.size());
  }
  reading.last_id = parser.last_id();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Reading whole = read(bytes, size + 1);
  const Reading again = read(bytes, 1);
  if (whole.is_whole != again.is_whole || whole.events != again.events || whole.last_id != again.last_id) std::abort();
  for (const SseEvent& event : whole.events) {
    std::string text;
    SseEvent same = event;
    append_event(text, event);
    if (std::max({event.data.size(), event.id.size(), event.event.size()}) > 90)
      continue;  // a line could be too long now
    const Reading back = read(text, text.size());
    if (event.event.find('\0') != std::string::npos) std::erase(same.event, '\0');
    if (back.events != std::vector<SseEvent>{same}) std::abort();
  }
  return 0;
}
