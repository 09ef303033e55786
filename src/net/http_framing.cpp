#include "net/http_framing.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lilux::net {

namespace {

constexpr std::size_t kChunkLineBytesMax = 256;

}  // namespace

LineReader::Outcome LineReader::next(std::string_view& bytes, std::size_t bytes_max) {
  if (taken_) partial_.clear();
  taken_ = false;
  const std::size_t room = bytes_max + 2 - std::min(bytes_max + 2, partial_.size());
  const std::string_view window = bytes.substr(0, room);
  const std::size_t feed = window.find('\n');
  const std::string_view segment = window.substr(0, feed);

  // A return must be the last byte before the feed; one at the very end of the segment may still be.
  const std::size_t nul = segment.find('\0');
  std::size_t stray = segment.find('\r');
  if (stray != std::string_view::npos) stray = stray + 1 < segment.size() ? stray + 1 : std::string_view::npos;
  if (!partial_.empty() && partial_.back() == '\r' && !segment.empty()) stray = 0;
  if (stray != std::string_view::npos && stray <= nul) return Outcome::bare_return;
  if (nul != std::string_view::npos) return Outcome::nul;

  if (feed == std::string_view::npos) {
    if (segment.size() == room) return Outcome::too_long;
    partial_.append(segment);
    bytes.remove_prefix(segment.size());
    return Outcome::more;
  }
  const bool is_whole = partial_.empty();  // then the line is read where it lies
  if (!is_whole) partial_.append(segment);
  text_ = is_whole ? segment : std::string_view(partial_);
  taken_ = true;
  if (text_.empty() || text_.back() != '\r') return Outcome::bare_line_feed;
  text_.remove_suffix(1);
  bytes.remove_prefix(feed + 1);
  return Outcome::line;
}

Verdict FieldReader::take(std::string_view line, const MessageLimits& limits) {
  bytes_ += line.size() + 2;
  if (bytes_ > limits.header_bytes_max) return refused(431, "the header fields are too large");
  if (headers_.size() == limits.headers_max) return refused(431, "too many header fields");
  if (line.front() == ' ' || line.front() == '\t') return refused(400, "a header field is folded over several lines");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refused(400, "a header line has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_token(name)) return refused(400, "the name of a header field is empty or has a character it may not have");
  if (!is_field_value(value)) return refused(400, "a header field contains a control character");
  headers_.add(std::string(name), std::string(value));
  return {};
}

Headers FieldReader::take_headers() {
  bytes_ = 0;
  return std::exchange(headers_, {});
}

void BodyReader::start(BodyFraming framing, std::uint64_t length) {
  framing_ = framing;
  left_ = framing == BodyFraming::until_close ? std::numeric_limits<std::uint64_t>::max() : length;
  state_ = framing == BodyFraming::none      ? State::complete
           : framing == BodyFraming::chunked ? State::chunk_size
                                             : State::data;
}

Verdict BodyReader::consume(std::string_view& bytes, std::string& body, const MessageLimits& limits) {
  while (state_ != State::complete && !bytes.empty()) {
    if (state_ == State::data || state_ == State::chunk_data) {
      const std::string_view piece =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      if (framing_ == BodyFraming::until_close && limits.body_bytes_max - received_ < piece.size()) {
        return body_too_large(limits);
      }
      body.append(piece);
      bytes.remove_prefix(piece.size());
      left_ -= piece.size();
      if (framing_ == BodyFraming::until_close) received_ += piece.size();
      if (left_ == 0) state_ = state_ == State::data ? State::complete : State::chunk_end;
      continue;
    }
    const std::size_t line_max = state_ == State::chunk_size  ? kChunkLineBytesMax
                                 : state_ == State::chunk_end ? 0
                                                              : limits.header_bytes_max;
    const LineReader::Outcome outcome = lines_.next(bytes, line_max);
    if (outcome == LineReader::Outcome::more) return {};
    if (outcome != LineReader::Outcome::line) return line_refusal(outcome, 400, "the framing of a chunk is wrong");
    if (Verdict fault = take_line(lines_.text(), limits)) return fault;
  }
  return {};
}

Verdict BodyReader::take_line(std::string_view line, const MessageLimits& limits) {
  if (state_ == State::chunk_size) return take_chunk_size(line, limits);
  if (state_ == State::chunk_end) {
    state_ = State::chunk_size;  // the line reader let only an empty line pass
  } else if (line.empty()) {
    state_ = State::complete;
  } else {
    return trailer_.take(line, limits);
  }
  return {};
}

Verdict BodyReader::take_chunk_size(std::string_view line, const MessageLimits& limits) {
  const std::size_t end = line.find(';');
  const std::optional<std::uint64_t> size = parse_number(line.substr(0, end), 16);
  if (!size) return refused(400, "the size of a chunk is not a hexadecimal number");
  if (!is_field_value(line)) return refused(400, "a chunk extension contains a control character");
  if (*size > limits.body_bytes_max - received_) {
    return body_too_large(limits);
  }
  received_ += *size;
  left_ = *size;
  state_ = *size == 0 ? State::trailer : State::chunk_data;
  return {};
}

Refusal refused(int status, std::string_view message) {
  return {.status = status, .message = std::string(message)};
}

Refusal body_too_large(const MessageLimits& limits) {
  return refused(413, "the body is larger than " + std::to_string(limits.body_bytes_max) + " bytes");
}

Refusal line_refusal(LineReader::Outcome outcome, int too_long_status, std::string_view too_long) {
  switch (outcome) {
    case LineReader::Outcome::bare_line_feed: return refused(400, "a line ends in a line feed without carriage return");
    case LineReader::Outcome::bare_return: return refused(400, "a carriage return stands inside a line");
    case LineReader::Outcome::nul: return refused(400, "a line contains a NUL");
    default: return refused(too_long_status, too_long);
  }
}

std::optional<std::uint64_t> parse_number(std::string_view text, unsigned base) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (char c : text) {
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : base;
    if (digit >= base || number > (std::numeric_limits<std::uint64_t>::max() - digit) / base) return std::nullopt;
    number = number * base + digit;
  }
  return number;
}

std::optional<int> minor_version_of(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' || !is_digit(text[7])) {
    return std::nullopt;
  }
  return text == "HTTP/1.1" ? 1 : text == "HTTP/1.0" ? 0 : -1;
}

bool keeps_alive_by(const Headers& headers, int minor_version) {
  return minor_version == 1 ? !headers.lists("Connection", "close") : headers.lists("Connection", "keep-alive");
}

Verdict frame(const Headers& headers, int minor_version, BodyFraming otherwise, Framing& framing) {
  const std::string* length = headers.find("Content-Length");
  const std::string* coding = headers.find("Transfer-Encoding");
  if (length != nullptr && coding != nullptr) {
    return refused(400, "both Content-Length and Transfer-Encoding are given");
  }
  if (headers.count("Content-Length") > 1 || headers.count("Transfer-Encoding") > 1) {
    return refused(400, "the length of the body is given twice");
  }
  framing.kind = otherwise;
  if (coding != nullptr) {
    if (minor_version == 0) return refused(400, "Transfer-Encoding is not a part of HTTP/1.0");
    if (!equal_ignoring_case(*coding, "chunked")) return refused(501, "a transfer coding other than chunked");
    framing.kind = BodyFraming::chunked;
  } else if (length != nullptr) {
    const std::optional<std::uint64_t> number = parse_number(*length, 10);
    if (!number) return refused(400, "Content-Length is not a number");
    framing = {.kind = *number == 0 ? BodyFraming::none : BodyFraming::length, .length = *number};
  }
  return {};
}

}  // namespace lilux::net
