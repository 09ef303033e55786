#pragma once

// Numbers in a sentence, as digits ("1,000", "-2.5", "1e6", "1.5k", "3/4", "10%", "$20") or as words ("twenty-five",
// "two million", "half"), with the unit that follows. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

enum class Dimension : std::uint8_t {
  none,
  length,
  mass,
  temperature,
  bytes,
  time,
  volume,
  speed,
  area,
  angle,
  energy,
  power,
  pressure,
  frequency,
  voltage,
  current,
  money,
};

struct Unit {
  Dimension dimension = Dimension::none;
  double factor = 1;  // of one in the dimension's base: metres, kilograms, kelvins, bytes, seconds, ...
  double offset = 0;  // added after it: degrees
  friend bool operator==(const Unit&, const Unit&) = default;
};

struct Quantity {
  std::size_t begin = 0;
  std::size_t end = 0;       // of the number
  std::size_t unit_end = 0;  // of the unit behind it; `end` where there is none
  double value = 0;
  bool is_whole = true;  // no fraction as it is written
  bool is_percent = false;
  bool is_ordinal = false;  // "third", "5th"
  bool is_word = false;     // written in letters
  std::optional<Unit> unit = {};
};

std::vector<Quantity> find_quantities(std::string_view text);

// "km", "kilometres", "miles per hour", "%" is none of them.
std::optional<Unit> unit_named(std::string_view name);
// The same amount in another unit; nothing when they measure different things.
std::optional<double> converted(double value, const Unit& from, const Unit& into);

}  // namespace lilux::brain
