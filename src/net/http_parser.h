#pragma once

// Reads whole HTTP/1.1 messages from bytes as they arrive; http_framing.h says how strictly. Values; one thread at a
// time. For the server, the client and the fuzzer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_framing.h"
#include "net/http_message.h"

namespace lilux::net {

class RequestParser {
 public:
  explicit RequestParser(MessageLimits limits = {}) : limits_(limits) {}

  enum class State : std::uint8_t { head, body, complete, refused };
  // Takes bytes up to the end of the request or the first fault; gives how many were taken.
  std::size_t consume(std::string_view bytes);
  State state() const { return state_; }
  // Whether a part of a request has come.
  bool has_begun() const { return has_request_line_ || !lines_.is_empty(); }
  // Once refused.
  const Refusal& refusal() const { return refusal_; }
  // Once the head is there: whether the client waits for "100 Continue", and whether the connection may stay open.
  bool expects_continue() const { return expects_continue_; }
  bool keeps_alive() const { return keeps_alive_; }
  bool is_version_1_0() const { return minor_version_ == 0; }
  // Everything but the body, and what of that has come so far.
  const Request& head() const { return request_; }
  std::size_t body_bytes() const { return request_.body.size(); }

  // Once complete: gives the request away and is ready for the next one.
  Request take();

 private:
  Verdict take_line(std::string_view line);
  Verdict take_request_line(std::string_view line);
  Verdict take_target(std::string_view target);
  Verdict finish_head();
  Verdict check_host();
  void refuse(Refusal refusal);

  MessageLimits limits_;
  LineReader lines_;
  FieldReader fields_;
  BodyReader body_;
  Request request_;
  std::string authority_;  // of a target in absolute form
  Refusal refusal_;
  State state_ = State::head;
  int minor_version_ = 1;
  bool has_request_line_ = false;
  bool skipped_empty_line_ = false;
  bool expects_continue_ = false;
  bool keeps_alive_ = false;
};

class ResponseParser {
 public:
  // `method` is that of the request: a HEAD has no body in its answer.
  explicit ResponseParser(std::string_view method, MessageLimits limits = {})
      : limits_(limits), is_head_(method == "HEAD") {}

  enum class State : std::uint8_t { head, body, complete, refused };
  // The request asked for another protocol: a 101 is whole at the end of its head, and refused otherwise.
  void allow_upgrade() { may_upgrade_ = true; }
  // Takes bytes up to the end of the response; interim 1xx responses are skipped.
  std::size_t consume(std::string_view bytes);
  // The connection has ended: completes a body that ends with it, refuses anything else.
  void consume_end();
  State state() const { return state_; }
  const Refusal& refusal() const { return refusal_; }
  bool keeps_alive() const { return keeps_alive_; }
  // From State::body on: status and headers; the body so far, which may be taken out piece by piece.
  Response& response() { return response_; }

 private:
  Verdict take_line(std::string_view line);
  Verdict take_status_line(std::string_view line);
  Verdict finish_head();
  void refuse(Refusal refusal);

  MessageLimits limits_;
  LineReader lines_;
  FieldReader fields_;
  BodyReader body_;
  Response response_;
  Refusal refusal_;
  State state_ = State::head;
  int minor_version_ = 1;
  bool has_status_line_ = false;
  bool is_head_;
  bool may_upgrade_ = false;
  bool keeps_alive_ = false;
};

}  // namespace lilux::net
