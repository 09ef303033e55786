#include "net/http_parser.h"

#include <algorithm>
#include <array>

namespace lilux::net {

namespace {

constexpr std::size_t kBodyReserveMax = std::size_t{256} << 10;  // a claimed length alone must not cost more memory

// Fields that mean something else to whoever reads the first and to whoever reads the last.
constexpr std::array<std::string_view, 7> kSingleFields{"Host",   "Content-Length", "Transfer-Encoding", "Expect",
                                                        "Origin", "Authorization",  "Content-Type"};

}  // namespace

std::size_t RequestParser::consume(std::string_view bytes) {
  std::string_view rest = bytes;
  while (state_ == State::head && !rest.empty()) {
    const std::size_t line_max = has_request_line_ ? limits_.header_bytes_max : limits_.start_line_bytes_max;
    const LineReader::Outcome outcome = lines_.next(rest, line_max);
    if (outcome == LineReader::Outcome::more) break;
    Verdict fault;
    if (outcome == LineReader::Outcome::line) {
      fault = take_line(lines_.text());
    } else if (has_request_line_) {
      fault = line_refusal(outcome, 431, "the header fields are too large");
    } else {
      fault = line_refusal(outcome, 414, "the request line is too long");
    }
    if (fault) refuse(*std::move(fault));
  }
  if (state_ == State::body) {
    if (Verdict fault = body_.consume(rest, request_.body, limits_)) {
      refuse(*std::move(fault));
    } else if (body_.is_complete()) {
      state_ = State::complete;
    }
  }
  return bytes.size() - rest.size();
}

Request RequestParser::take() {
  Request request = std::move(request_);
  *this = RequestParser(limits_);
  return request;
}

void RequestParser::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  state_ = State::refused;
  keeps_alive_ = false;
}

Verdict RequestParser::take_line(std::string_view line) {
  if (!line.empty()) return has_request_line_ ? fields_.take(line, limits_) : take_request_line(line);
  if (has_request_line_) return finish_head();
  // Some clients end a body with a line end that does not belong to it; one is let pass.
  if (skipped_empty_line_) return refused(400, "the request line is empty");
  skipped_empty_line_ = true;
  return {};
}

Verdict RequestParser::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return refused(400, "the request line is not method, target and version");
  const std::optional<int> minor_version = minor_version_of(line.substr(last + 1));
  if (!minor_version) return refused(400, "the request line does not end in an HTTP version");
  if (*minor_version < 0) return refused(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  minor_version_ = *minor_version;
  request_.method = line.substr(0, first);
  if (!is_token(request_.method)) return refused(400, "the method is not a word");
  has_request_line_ = true;
  return take_target(line.substr(first + 1, last - first - 1));
}

Verdict RequestParser::take_target(std::string_view target) {
  if (target.empty() || std::ranges::any_of(target, [](char c) { return c <= ' ' || c > '~' || c == '#'; })) {
    return refused(400, "the target of the request contains a character it may not have");
  }
  request_.target = target;
  if (target == "*" && request_.method == "OPTIONS") {
    request_.path = target;
    return {};
  }
  if (constexpr std::string_view scheme = "http://"; equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    authority_ = target.substr(0, end);
    target.remove_prefix(end);
    if (authority_.empty()) return refused(400, "the target of the request has no host");
  } else if (target.front() != '/') {
    return refused(400, "the target of the request is not a path");
  }
  const std::size_t mark = target.find('?');
  const std::string_view raw_path = target.substr(0, mark);
  base::Result<std::string> path = decode_percent(raw_path.empty() ? "/" : raw_path, PlusSign::literal);
  if (!path) return refused(400, path.error().message);
  request_.path = *std::move(path);
  if (mark == std::string_view::npos) return {};
  base::Result<QueryPairs> query = decode_query(target.substr(mark + 1));
  if (!query) return refused(400, query.error().message);
  request_.query = *std::move(query);
  return {};
}

Verdict RequestParser::check_host() {
  if (!authority_.empty()) {
    const std::string* host = request_.headers.find("Host");
    if (host != nullptr && !equal_ignoring_case(*host, authority_)) {
      return refused(400, "Host and the target of the request name different hosts");
    }
    if (host == nullptr) request_.headers.add("Host", authority_);
  }
  const std::string* host = request_.headers.find("Host");
  if (host == nullptr) return minor_version_ == 0 ? Verdict() : refused(400, "Host is missing");
  if (host->find_first_of(" \t,/@?#\\") != std::string::npos) return refused(400, "Host is not a host");
  return {};
}

Verdict RequestParser::finish_head() {
  request_.headers = fields_.take_headers();
  for (std::string_view name : kSingleFields) {
    if (request_.headers.count(name) > 1) return refused(400, std::string(name) + " is given twice");
  }
  if (Verdict fault = check_host()) return fault;
  Framing framing;
  if (Verdict fault = frame(request_.headers, minor_version_, BodyFraming::none, framing)) return fault;
  if (framing.length > limits_.body_bytes_max) {
    return body_too_large(limits_);
  }
  const std::string* expected = request_.headers.find("Expect");
  if (expected != nullptr && minor_version_ == 1) {
    if (!equal_ignoring_case(*expected, "100-continue")) return refused(417, "an expectation other than 100-continue");
    expects_continue_ = framing.kind != BodyFraming::none;
  }
  keeps_alive_ = keeps_alive_by(request_.headers, minor_version_);
  request_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(framing.length, kBodyReserveMax)));
  body_.start(framing.kind, framing.length);
  state_ = body_.is_complete() ? State::complete : State::body;
  return {};
}

std::size_t ResponseParser::consume(std::string_view bytes) {
  std::string_view rest = bytes;
  while (state_ == State::head && !rest.empty()) {
    const std::size_t line_max = has_status_line_ ? limits_.header_bytes_max : limits_.start_line_bytes_max;
    const LineReader::Outcome outcome = lines_.next(rest, line_max);
    if (outcome == LineReader::Outcome::more) break;
    Verdict fault = outcome == LineReader::Outcome::line
                        ? take_line(lines_.text())
                        : Verdict(line_refusal(outcome, 431, "the head of the response is too large"));
    if (fault) refuse(*std::move(fault));
  }
  if (state_ == State::body) {
    if (Verdict fault = body_.consume(rest, response_.body, limits_)) {
      refuse(*std::move(fault));
    } else if (body_.is_complete()) {
      state_ = State::complete;
    }
  }
  return bytes.size() - rest.size();
}

void ResponseParser::consume_end() {
  if (state_ == State::body && body_.framing() == BodyFraming::until_close) {
    state_ = State::complete;
  } else if (state_ == State::head || state_ == State::body) {
    refuse({.status = 502, .message = "the connection ended before the response was complete"});
  }
}

void ResponseParser::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  state_ = State::refused;
  keeps_alive_ = false;
}

Verdict ResponseParser::take_line(std::string_view line) {
  if (!has_status_line_) return take_status_line(line);
  return line.empty() ? finish_head() : fields_.take(line, limits_);
}

Verdict ResponseParser::take_status_line(std::string_view line) {
  const std::optional<int> minor_version = minor_version_of(line.substr(0, 8));
  if (!minor_version || *minor_version < 0) return refused(502, "the response does not begin with HTTP/1.1");
  minor_version_ = *minor_version;
  const std::optional<std::uint64_t> status = parse_number(line.size() >= 12 ? line.substr(9, 3) : "", 10);
  if (!status || line[8] != ' ' || *status < 100 || (line.size() > 12 && line[12] != ' ')) {
    return refused(502, "the response has no status");
  }
  response_.status = static_cast<int>(*status);
  has_status_line_ = true;
  return {};
}

Verdict ResponseParser::finish_head() {
  response_.headers = fields_.take_headers();
  if (response_.status == 101 && may_upgrade_) {
    state_ = State::complete;
    return {};
  }
  if (response_.status < 200) {
    if (response_.status == 101) return refused(502, "the server changes the protocol unasked");
    has_status_line_ = false;
    response_ = {};
    return {};
  }
  Framing framing;
  if (Verdict fault = frame(response_.headers, minor_version_, BodyFraming::until_close, framing)) return fault;
  if (is_head_ || response_.status == 204 || response_.status == 304) framing = {};
  if (framing.length > limits_.body_bytes_max) {
    return body_too_large(limits_);
  }
  keeps_alive_ = keeps_alive_by(response_.headers, minor_version_) && framing.kind != BodyFraming::until_close;
  body_.start(framing.kind, framing.length);
  state_ = body_.is_complete() ? State::complete : State::body;
  return {};
}

}  // namespace lilux::net
