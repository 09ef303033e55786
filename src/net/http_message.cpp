#include "net/http_message.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace lilux::net {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kUsualFields = 12;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

// A look-up table, since every byte of every field name passes here.
constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 128; ++i) table[i] = is_letter_or_digit(static_cast<char>(i));
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

void Headers::add(std::string name, std::string value) {
  if (fields_.empty()) fields_.reserve(kUsualFields);
  fields_.push_back({.name = std::move(name), .value = std::move(value)});
}

const std::string* Headers::find(std::string_view name) const {
  for (const Header& field : fields_) {
    if (equal_ignoring_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const Header& field) { return equal_ignoring_case(field.name, name); }));
}

bool Headers::lists(std::string_view name, std::string_view token) const {
  for (const Header& field : fields_) {
    if (!equal_ignoring_case(field.name, name)) continue;
    std::string_view rest = field.value;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

const std::string* Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Request::query_text(std::string_view name) const {
  const std::string* value = query_value(name);
  return value ? *value : std::string();
}

std::string Request::header_text(std::string_view name) const {
  const std::string* value = headers.find(name);
  return value ? *value : std::string();
}

std::string_view status_text(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return kTokenBytes[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, is_control);
}

Result<std::string> decode_percent(std::string_view text, PlusSign plus) {
  std::string encoded(text);
  if (plus == PlusSign::space) std::ranges::replace(encoded, '+', ' ');
  std::string decoded = TRY(base::percent_decode(encoded));
  if (decoded.find('\0') != std::string::npos) {
    return base::fail(ErrorCode::invalid_argument, "the address contains a NUL");
  }
  if (!base::is_utf8(decoded)) return base::fail(ErrorCode::invalid_argument, "the address is not UTF-8");
  return decoded;
}

Result<QueryPairs> decode_query(std::string_view text) {
  QueryPairs pairs;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string name = TRY(decode_percent(pair.substr(0, equals), PlusSign::space));
    std::string value;
    if (equals != std::string_view::npos) value = TRY(decode_percent(pair.substr(equals + 1), PlusSign::space));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

void append_fields(std::string& out, const Headers& headers, std::initializer_list<std::string_view> skip) {
  for (const Header& field : headers) {
    const auto is_same = [&](std::string_view name) { return equal_ignoring_case(name, field.name); };
    if (!is_token(field.name) || std::ranges::any_of(skip, is_same)) continue;
    out.append(field.name).append(": ");
    const std::size_t start = out.size();
    out.append(field.value).append("\r\n");
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end() - 2, is_control, ' ');
  }
}

}  // namespace lilux::net
