#pragma once

// Numbers in texts. Pure; any thread.

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace lilux::base {

// The whole number that the whole text is, without leading spaces or '+'; nothing when it is none or does not fit.
template <std::integral Number>
std::optional<Number> number_from(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace lilux::base
