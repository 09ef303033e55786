#pragma once

// HTTP/1.1 requests and responses as values, and their text. What the server hands over has been checked: a request's
// path and query are decoded, its header fields are clean, its body is whole. Values, any thread.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::net {

struct Header {
  std::string name = {};
  std::string value = {};
  friend bool operator==(const Header&, const Header&) = default;
};

// Header fields in the order they came. Names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  void add(std::string name, std::string value);

  // The first value of that name; null when there is none.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // Whether a comma-separated field such as Connection lists the token.
  bool lists(std::string_view name, std::string_view token) const;
  std::size_t size() const { return fields_.size(); }
  std::vector<Header>::const_iterator begin() const { return fields_.begin(); }
  std::vector<Header>::const_iterator end() const { return fields_.end(); }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Header> fields_;
};

// Who sent a request. Over TCP nothing is known; over a Unix socket what the kernel recorded when it was connected.
struct Peer {
  bool is_unix = false;
  std::uint16_t port = 0;  // of ours, over TCP
  pid_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  // Readable once that process has ended, so that a reused pid is noticed; null when it had ended before it was
  // accepted. Shared by the connection and its requests, which outlive it.
  std::shared_ptr<const sys::Fd> pidfd = {};
};

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string target = "/";  // as sent; the only part of the address a client fills in
  std::string path = {};     // decoded
  QueryPairs query = {};     // decoded, in order
  Headers headers = {};
  std::string body = {};
  Peer peer = {};

  // The first query value of that name; null when there is none.
  const std::string* query_value(std::string_view name) const;
  // The same, and of a header, as text: empty when there is none.
  std::string query_text(std::string_view name) const;
  std::string header_text(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
};

// "Not Found"; "Unknown" for a status without a name.
std::string_view status_text(int status);

// Without spaces and tabs on either side.
std::string_view trim(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);
// Whether the text is a token of RFC 9110: what methods and field names are made of.
bool is_token(std::string_view text);
// Whether the text may stand as a field value: no control character but tab.
bool is_field_value(std::string_view text);

// Percent-decoding; `invalid_argument` when an escape is cut or not hexadecimal, or the result has a NUL or is no
// UTF-8.
enum class PlusSign : std::uint8_t { literal, space };
base::Result<std::string> decode_percent(std::string_view text, PlusSign plus);
// "a=1&b" gives {a, 1}, {b, ""}.
base::Result<QueryPairs> decode_query(std::string_view text);

// Field lines as they go on the wire. A name that is no token is left out and a control character in a value becomes a
// space, so that no value can begin a line of its own. `skip` names fields that the writer itself is in charge of.
void append_fields(std::string& out, const Headers& headers, std::initializer_list<std::string_view> skip);

}  // namespace lilux::net
