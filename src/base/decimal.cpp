#include "base/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace lilux::base {

namespace {

__extension__ using Wide = unsigned __int128;

// digits * 10^exponent, always positive.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

Decimal decimal_of(const Json& number) {
  if (number.is_integer()) {
    const std::int64_t value = number.as_integer();
    return {
        .digits = value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value),
        .exponent = 0};
  }
  // "1.2345e-07": the fewest digits that mean this real, at most 17.
  std::array<char, 32> text{};
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(number.as_real()), std::chars_format::scientific)
          .ptr;
  Decimal decimal;
  const char* at = text.data();
  bool is_fraction = false;
  for (; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      is_fraction = true;
      continue;
    }
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
    if (is_fraction) --decimal.exponent;
  }
  int exponent = 0;
  if (at != end) std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
  decimal.exponent += exponent;
  return decimal;
}

}  // namespace

bool is_multiple(const Json& value, const Json& divisor) {
  const Decimal left = decimal_of(value);
  const Decimal right = decimal_of(divisor);
  if (left.digits == 0) return true;
  if (right.digits == 0) return false;
  int shift = left.exponent - right.exponent;
  if (shift >= 0) {
    Wide rest = left.digits % right.digits;
    for (; shift > 0 && rest != 0; --shift) rest = rest * 10 % right.digits;
    return rest == 0;
  }
  Wide unit = right.digits;
  for (; shift < 0; ++shift) {
    unit *= 10;
    if (unit > left.digits) return false;
  }
  return left.digits % unit == 0;
}

}  // namespace lilux::base
