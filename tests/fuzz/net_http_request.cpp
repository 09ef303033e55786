// Requests from outside: read whole, byte by byte and cut in the middle they must come out the same, and what is
// accepted must keep the promises of http_message.h.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http_parser.h"

namespace {

using lilux::net::Request;
using lilux::net::RequestParser;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Reading {
  RequestParser::State state = RequestParser::State::head;
  int status = 0;
  std::size_t taken = 0;
  Request request;
};

Reading read(std::string_view bytes, std::size_t piece) {
  RequestParser parser({.start_line_bytes_max = 200, .header_bytes_max = 400, .headers_max = 8, .body_bytes_max = 300});
  Reading reading;
  const auto is_done = [&] {
    return parser.state() == RequestParser::State::complete || parser.state() == RequestParser::State::refused;
  };
  while (reading.taken < bytes.size() && !is_done()) {
    const std::size_t taken = parser.consume(bytes.substr(reading.taken, piece));
    require(taken > 0 || is_done());
    reading.taken += taken;
  }
  reading.state = parser.state();
  reading.status = parser.refusal().status;
  if (reading.state == RequestParser::State::complete) reading.request = parser.take();
  return reading;
}

void check(const Request& request) {
  require(lilux::net::is_token(request.method));
  require(request.path.find('\0') == std::string::npos);
  require(request.path.starts_with('/') || request.path == "*");
  require(request.headers.count("Host") <= 1 && request.headers.count("Content-Length") <= 1);
  require(request.headers.find("Content-Length") == nullptr || request.headers.find("Transfer-Encoding") == nullptr);
  require(request.headers.size() <= 9 && request.body.size() <= 300);  // Host may come from the target
  for (const auto& field : request.headers) {
    require(lilux::net::is_token(field.name) && lilux::net::is_field_value(field.value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Reading whole = read(bytes, size + 1);
  if (whole.state == RequestParser::State::complete) check(whole.request);
  for (const std::size_t piece : {std::size_t{1}, size / 2 + 1}) {
    const Reading again = read(bytes, piece);
    require(again.state == whole.state && again.status == whole.status);
    if (whole.state != RequestParser::State::complete) continue;
    require(again.taken == whole.taken);
    require(again.request.target == whole.request.target && again.request.path == whole.request.path);
    require(again.request.headers == whole.request.headers && again.request.body == whole.request.body);
  }
  return 0;
}
