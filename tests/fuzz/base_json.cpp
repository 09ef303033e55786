// JSON from outside: what is read can be written in every style and read again as the same value, equal values share
// their canonical text, and limits hold.

#include <string>

#include "base/encoding.h"
#include "base/json.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::base;
using lilux::fuzz::require;

std::size_t depth_of(const Json& value) {
  std::size_t deepest = 0;
  if (value.is_array()) {
    for (const Json& item : value.as_array()) deepest = std::max(deepest, depth_of(item));
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) deepest = std::max(deepest, depth_of(member));
  } else {
    return 0;
  }
  return deepest + 1;
}

void check(const Json& value) {
  const std::string canonical = canonical_text(value);
  for (const JsonStyle style : {JsonStyle::compact, JsonStyle::spaced, JsonStyle::pretty}) {
    const std::string text = to_text(value, style);
    require(is_utf8(text) && text.find('\0') == std::string::npos && text.find('\x1b') == std::string::npos);
    const auto again = parse_json(text);
    require(again && *again == value && canonical_text(*again) == canonical && to_text(*again, style) == text);
  }
  const auto back = parse_json(canonical);
  require(back && *back == value && canonical_text(*back) == canonical);
  require(!value.is_number() || !is_less(value, value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(text);
  if (!value) require(!value.error().message.empty() && is_utf8(value.error().message));
  if (value) check(*value);
  const auto bounded = parse_json(text, {.bytes_max = 64, .depth_max = 3});
  require(!bounded || (value && text.size() <= 64 && depth_of(*bounded) <= 3 && *bounded == *value));
  require(!value || bounded || text.size() > 64 || depth_of(*value) > 3);
  return 0;
}
