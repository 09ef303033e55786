#include "net/sse.h"

#include <algorithm>
#include <utility>

#include "base/number.h"

namespace lilux::net {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A field that must be one line; what would end it early is left out.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  std::ranges::copy_if(value, std::back_inserter(out), [](char c) { return c != '\n' && c != '\r' && c != '\0'; });
  out += '\n';
}

// Gives every line of the text, whether it ends in CRLF, LF or CR; a text without an end of line is one line.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  while (true) {
    const std::size_t end = text.find_first_of("\r\n");
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(text.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
  }
}

std::optional<std::int64_t> parse_digits(std::string_view text) {
  return text.starts_with('-') ? std::nullopt : base::number_from<std::int64_t>(text);
}

}  // namespace

void append_event(std::string& out, const SseEvent& event) {
  if (!event.id.empty()) append_field(out, "id", event.id);
  if (!event.event.empty()) append_field(out, "event", event.event);
  if (event.retry) append_field(out, "retry", std::to_string(event.retry->count()));
  for_each_line(event.data, [&](std::string_view line) { out.append("data: ").append(line).append("\n"); });
  out += '\n';
}

void append_comment(std::string& out, std::string_view text) {
  for_each_line(text, [&](std::string_view line) { out.append(": ").append(line).append("\n"); });
  out += '\n';
}

Result<void> SseParser::feed(std::string_view bytes, const std::function<void(SseEvent)>& on_event) {
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + piece.size() > limits_.line_bytes_max) {
      return base::fail(ErrorCode::over_budget, "a line of the event stream is longer than " +
                                                    std::to_string(limits_.line_bytes_max) + " bytes");
    }
    if (end == std::string_view::npos) {
      line_.append(piece);
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (line_.empty()) {
      TRY(take_line(piece, on_event));
    } else {
      line_.append(piece);
      TRY(take_line(std::exchange(line_, {}), on_event));
    }
  }
  return {};
}

Result<void> SseParser::take_line(std::string_view line, const std::function<void(SseEvent)>& on_event) {
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == 0) return {};  // a comment
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    return take_field(line.substr(0, colon), value);
  }
  SseEvent event = std::exchange(event_, {.id = event_.id});
  if (std::exchange(has_data_, false)) on_event(std::move(event));
  return {};
}

Result<void> SseParser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (event_.data.size() + value.size() + 1 > limits_.data_bytes_max) {
      return base::fail(ErrorCode::over_budget, "an event of the stream has more than " +
                                                    std::to_string(limits_.data_bytes_max) + " bytes of data");
    }
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data.append(value);
  } else if (name == "event") {
    event_.event = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  } else if (name == "retry") {
    if (const auto number = parse_digits(value)) retry_ = event_.retry = std::chrono::milliseconds(*number);
  }
  return {};
}

}  // namespace lilux::net
