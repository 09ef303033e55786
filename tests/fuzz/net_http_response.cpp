// Responses from outside: read whole and byte by byte they must come out the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http_parser.h"

namespace {

using lilux::net::ResponseParser;

ResponseParser read(std::string_view bytes, std::size_t piece) {
  ResponseParser parser(
      "GET", {.start_line_bytes_max = 200, .header_bytes_max = 400, .headers_max = 8, .body_bytes_max = 300});
  while (!bytes.empty() &&
         (parser.state() == ResponseParser::State::head || parser.state() == ResponseParser::State::body)) {
    bytes.remove_prefix(parser.consume(bytes.substr(0, piece)));
  }
  parser.consume_end();
  return parser;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ResponseParser whole = read(bytes, size + 1);
  ResponseParser again = read(bytes, 1);
  if (whole.state() != again.state() || whole.refusal().status != again.refusal().status) std::abort();
  if (whole.state() != ResponseParser::State::complete) return 0;
  if (whole.response().status != again.response().status || whole.response().body != again.response().body)
    std::abort();
  if (!(whole.response().headers == again.response().headers) || whole.response().body.size() > 300) std::abort();
  return 0;
}
