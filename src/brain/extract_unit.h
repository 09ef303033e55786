#pragma once

// Units that amounts are told in, and one amount in another unit. A closed table of English names. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

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
  double offset = 0;  // added after it: degrees; of money which currency it is, 0 where that is not told
  friend bool operator==(const Unit&, const Unit&) = default;
};

// "km", "kilometres", "miles per hour", "%" is none of them.
std::optional<Unit> unit_named(std::string_view name);

struct UnitAt {
  Unit unit = {};       // of no dimension: one that is not known, "kilograms per litre"
  std::size_t end = 0;  // in the text
};
// The unit of which the first words are found, with what follows: "miles" per hour, "degrees" Celsius. `lower` is a
// text in small letters.
UnitAt with_more(std::string_view lower, UnitAt found);

// Whether an amount in the one may be meant where the other is wanted, as it is or converted: degrees may be degrees of
// warmth, "5m" may be minutes, dollars are no euros.
bool may_be(const Unit& from, const Unit& into);

// The same amount in another unit; nothing when they measure different things.
std::optional<double> converted(double value, const Unit& from, const Unit& into);

}  // namespace lilux::brain
