#pragma once

// References as in RFC 3986, taken apart and resolved. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace lilux::base {

// The parts of a reference, as views into it. What it does not have is absent; a path it always has.
struct UriParts {
  std::optional<std::string_view> scheme = std::nullopt;
  std::optional<std::string_view> authority = std::nullopt;
  std::string_view path = {};
  std::optional<std::string_view> query = std::nullopt;
  std::optional<std::string_view> fragment = std::nullopt;
};

// Takes any text apart without checking its characters.
UriParts split_uri(std::string_view reference);

// What `reference` means where `base` is the address. A base without a scheme is fine and gives a relative result.
std::string resolve_uri(std::string_view base, std::string_view reference);

}  // namespace lilux::base
