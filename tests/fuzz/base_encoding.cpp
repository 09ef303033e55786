// Bytes from outside as base64, percent-encoding, UTF-8 and a URI: what is encoded decodes to the same, what decodes
// has one encoding, and two readers of UTF-8 agree.

#include <algorithm>
#include <string>

#include "base/encoding.h"
#include "base/hostname.h"
#include "base/json.h"
#include "base/uri.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::base;
using lilux::fuzz::gives;
using lilux::fuzz::require;

// What base64url is: two other characters and no padding.
std::string for_url(std::string base64) {
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  std::erase(base64, '=');
  return base64;
}

void check_codes(const std::string& bytes) {
  require(gives(from_base64(to_base64(bytes)), bytes) && to_base64url(bytes) == for_url(to_base64(bytes)));
  require(gives(percent_decode(percent_encode(bytes)), bytes));
  if (const auto decoded = from_base64(bytes)) require(to_base64(*decoded) == bytes);
  if (const auto decoded = percent_decode(bytes)) require(decoded->size() <= bytes.size());
}

void check_utf8(const std::string& bytes) {
  const std::string valid = to_valid_utf8(bytes);
  require(is_utf8(valid) && (valid == bytes) == is_utf8(bytes));
  require(to_text(Json(bytes)) == to_text(Json(valid)));
  std::string plain;  // the JSON parser has a reader of its own, for everything that stands for itself
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') plain += c;
  }
  const auto parsed = parse_json("\"" + plain + "\"");
  require(parsed.has_value() == is_utf8(plain) && (!parsed || parsed->as_string() == plain));
}

std::string joined(const UriParts& parts) {
  std::string text;
  if (parts.scheme) text.append(*parts.scheme).append(":");
  if (parts.authority) text.append("//").append(*parts.authority);
  text.append(parts.path);
  if (parts.query) text.append("?").append(*parts.query);
  if (parts.fragment) text.append("#").append(*parts.fragment);
  return text;
}

void check_uri(std::string_view base, std::string_view reference) {
  require(joined(split_uri(base)) == base && joined(split_uri(reference)) == reference);
  const std::string resolved = resolve_uri(base, reference);
  if (!split_uri(base).scheme) return;
  require(split_uri(resolved).scheme.has_value());
  const std::string clean = resolve_uri(base, resolved);  // an empty reference keeps the base's dots
  require(resolve_uri(base, clean) == clean);
  require(split_uri(clean).authority == split_uri(resolved).authority);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HostnameCheck hostnames;
  lilux::fuzz::Input input(data, size);
  check_codes(std::string(input.rest()));
  check_utf8(std::string(input.rest()));
  require(!hostnames.is_hostname(input.rest()) || hostnames.is_idn_hostname(input.rest()));
  const std::string_view base = input.line();
  check_uri(base, input.rest());
  return 0;
}
