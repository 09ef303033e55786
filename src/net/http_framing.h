#pragma once

// The parts HTTP/1.1 messages are read from: lines, field lines, bodies. Strict where leniency lets two readers see
// different messages: bare line feeds, folded lines, spaces before the colon, repeated or contradictory lengths and
// unknown transfer codings are refused. Values; one thread at a time. For http_parser.cpp.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace lilux::net {

struct MessageLimits {
  std::size_t start_line_bytes_max = std::size_t{8} << 10;
  std::size_t header_bytes_max = std::size_t{32} << 10;  // all field lines together
  std::size_t headers_max = 64;
  std::size_t body_bytes_max = std::size_t{64} << 20;
};

// Why a message is refused: the status a server answers, and the cause.
struct Refusal {
  int status = 400;
  std::string message = {};
};
using Verdict = std::optional<Refusal>;  // nothing: all is well

// Puts lines ending in CRLF together from pieces.
class LineReader {
 public:
  enum class Outcome : std::uint8_t { more, line, bare_line_feed, bare_return, nul, too_long };
  // Moves the line's bytes out of `bytes`. After `line`, text() is the line without its end until the next call.
  Outcome next(std::string_view& bytes, std::size_t bytes_max);
  std::string_view text() const { return text_; }
  // Whether no part of a line waits for the rest.
  bool is_empty() const { return taken_ || partial_.empty(); }

 private:
  std::string partial_;
  std::string_view text_;
  bool taken_ = false;  // partial_ holds the line that text_ showed
};

// The field lines of a head or a trailer.
class FieldReader {
 public:
  // Takes one line that is not empty.
  Verdict take(std::string_view line, const MessageLimits& limits);
  Headers take_headers();

 private:
  Headers headers_;
  std::size_t bytes_ = 0;
};

// How the end of a body is found.
enum class BodyFraming : std::uint8_t { none, length, chunked, until_close };

// Takes a body out of its framing.
class BodyReader {
 public:
  void start(BodyFraming framing, std::uint64_t length);
  // Moves the body's bytes out of `bytes` and appends what they carry to `body`.
  Verdict consume(std::string_view& bytes, std::string& body, const MessageLimits& limits);
  bool is_complete() const { return state_ == State::complete; }
  BodyFraming framing() const { return framing_; }

 private:
  enum class State : std::uint8_t { complete, data, chunk_size, chunk_data, chunk_end, trailer };
  Verdict take_line(std::string_view line, const MessageLimits& limits);
  Verdict take_chunk_size(std::string_view line, const MessageLimits& limits);

  LineReader lines_;
  FieldReader trailer_;  // checked and dropped
  std::uint64_t left_ = 0;
  std::uint64_t received_ = 0;
  BodyFraming framing_ = BodyFraming::none;
  State state_ = State::complete;
};

// What both kinds of message share.
Refusal refused(int status, std::string_view message);
Refusal body_too_large(const MessageLimits& limits);  // 413
// The refusal for an outcome that is neither `more` nor `line`.
Refusal line_refusal(LineReader::Outcome outcome, int too_long_status, std::string_view too_long);
std::optional<std::uint64_t> parse_number(std::string_view text, unsigned base);
// "HTTP/1.0" and "HTTP/1.1" give 0 and 1, another version -1, anything else nothing.
std::optional<int> minor_version_of(std::string_view text);
bool keeps_alive_by(const Headers& headers, int minor_version);

struct Framing {
  BodyFraming kind = BodyFraming::none;
  std::uint64_t length = 0;
};
// What the head says about the body's end; `otherwise` when it says nothing.
Verdict frame(const Headers& headers, int minor_version, BodyFraming otherwise, Framing& framing);

}  // namespace lilux::net
