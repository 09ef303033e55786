#include "brain/extract_unit.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace lilux::brain {

namespace {

struct NamedUnit {
  std::string_view name;
  Unit unit;
};

using enum Dimension;

constexpr NamedUnit kUnits[] = {
    {"m", {length, 1}},
    {"meter", {length, 1}},
    {"metre", {length, 1}},
    {"km", {length, 1000}},
    {"kilometer", {length, 1000}},
    {"kilometre", {length, 1000}},
    {"kms", {length, 1000}},
    {"cm", {length, 0.01}},
    {"centimeter", {length, 0.01}},
    {"centimetre", {length, 0.01}},
    {"mm", {length, 0.001}},
    {"millimeter", {length, 0.001}},
    {"millimetre", {length, 0.001}},
    {"nm", {length, 1e-9}},
    {"nanometer", {length, 1e-9}},
    {"mile", {length, 1609.344}},
    {"mi", {length, 1609.344}},
    {"ft", {length, 0.3048}},
    {"foot", {length, 0.3048}},
    {"feet", {length, 0.3048}},
    {"inch", {length, 0.0254}},
    {"yard", {length, 0.9144}},
    {"yd", {length, 0.9144}},
    {"kg", {mass, 1}},
    {"kgs", {mass, 1}},
    {"kilogram", {mass, 1}},
    {"kilo", {mass, 1}},
    {"g", {mass, 0.001}},
    {"gram", {mass, 0.001}},
    {"mg", {mass, 1e-6}},
    {"milligram", {mass, 1e-6}},
    {"lb", {mass, 0.45359237}},
    {"lbs", {mass, 0.45359237}},
    {"pound", {mass, 0.45359237}},
    {"oz", {mass, 0.028349523125}},
    {"ounce", {mass, 0.028349523125}},
    {"ton", {mass, 1000}},
    {"tonne", {mass, 1000}},
    {"k", {temperature, 1}},
    {"kelvin", {temperature, 1}},
    {"c", {temperature, 1, 273.15}},
    {"celsius", {temperature, 1, 273.15}},
    {"\u00b0c", {temperature, 1, 273.15}},
    {"centigrade", {temperature, 1, 273.15}},
    {"f", {temperature, 5.0 / 9, 255.3722222222222}},
    {"fahrenheit", {temperature, 5.0 / 9, 255.3722222222222}},
    {"\u00b0f", {temperature, 5.0 / 9, 255.3722222222222}},
    {"byte", {bytes, 1}},
    {"kb", {bytes, 1e3}},
    {"kilobyte", {bytes, 1e3}},
    {"mb", {bytes, 1e6}},
    {"megabyte", {bytes, 1e6}},
    {"gb", {bytes, 1e9}},
    {"gigabyte", {bytes, 1e9}},
    {"tb", {bytes, 1e12}},
    {"terabyte", {bytes, 1e12}},
    {"kib", {bytes, 1024}},
    {"mib", {bytes, 1048576}},
    {"gib", {bytes, 1073741824}},
    {"s", {time, 1}},
    {"sec", {time, 1}},
    {"secs", {time, 1}},
    {"second", {time, 1}},
    {"ms", {time, 1e-3}},
    {"millisecond", {time, 1e-3}},
    {"min", {time, 60}},
    {"mins", {time, 60}},
    {"minute", {time, 60}},
    {"h", {time, 3600}},
    {"hr", {time, 3600}},
    {"hrs", {time, 3600}},
    {"hour", {time, 3600}},
    {"day", {time, 86400}},
    {"night", {time, 86400}},
    {"week", {time, 604800}},
    {"fortnight", {time, 1209600}},
    {"month", {time, 2592000}},
    {"year", {time, 31536000}},
    {"yr", {time, 31536000}},
    {"yrs", {time, 31536000}},
    {"decade", {time, 315360000}},
    {"l", {volume, 1}},
    {"liter", {volume, 1}},
    {"litre", {volume, 1}},
    {"ml", {volume, 0.001}},
    {"milliliter", {volume, 0.001}},
    {"millilitre", {volume, 0.001}},
    {"gallon", {volume, 3.785411784}},
    {"gal", {volume, 3.785411784}},
    {"m^3", {volume, 1000}},
    {"m3", {volume, 1000}},
    {"cup", {volume, 0.2365882365}},
    {"tablespoon", {volume, 0.01478676478125}},
    {"teaspoon", {volume, 0.00492892159375}},
    {"m/s", {speed, 1}},
    {"mps", {speed, 1}},
    {"km/h", {speed, 1 / 3.6}},
    {"kmh", {speed, 1 / 3.6}},
    {"kph", {speed, 1 / 3.6}},
    {"mph", {speed, 0.44704}},
    {"m^2", {area, 1}},
    {"m2", {area, 1}},
    {"sqft", {area, 0.09290304}},
    {"acre", {area, 4046.8564224}},
    {"hectare", {area, 10000}},
    {"degree", {angle, 1}},
    {"\u00b0", {angle, 1}},
    {"radian", {angle, 57.29577951308232}},
    {"j", {energy, 1}},
    {"joule", {energy, 1}},
    {"kj", {energy, 1000}},
    {"cal", {energy, 4.184}},
    {"calorie", {energy, 4.184}},
    {"kcal", {energy, 4184}},
    {"kwh", {energy, 3.6e6}},
    {"w", {power, 1}},
    {"watt", {power, 1}},
    {"kw", {power, 1000}},
    {"kilowatt", {power, 1000}},
    {"mw", {power, 1e6}},
    {"megawatt", {power, 1e6}},
    {"pa", {pressure, 1}},
    {"pascal", {pressure, 1}},
    {"kpa", {pressure, 1000}},
    {"atm", {pressure, 101325}},
    {"bar", {pressure, 100000}},
    {"hz", {frequency, 1}},
    {"hertz", {frequency, 1}},
    {"khz", {frequency, 1e3}},
    {"mhz", {frequency, 1e6}},
    {"ghz", {frequency, 1e9}},
    {"v", {voltage, 1}},
    {"volt", {voltage, 1}},
    {"a", {current, 1}},
    {"amp", {current, 1}},
    {"ampere", {current, 1}},
    {"dollar", {money, 1, 1}},
    {"usd", {money, 1, 1}},
    {"euro", {money, 1, 2}},
    {"eur", {money, 1, 2}},
    {"gbp", {money, 1, 3}},
    {"yen", {money, 1, 4}},
    {"jpy", {money, 1, 4}},
    {"rupee", {money, 1, 5}},
    {"inr", {money, 1, 5}},
    {"yuan", {money, 1, 6}},
    {"cny", {money, 1, 6}},
    {"rmb", {money, 1, 6}},
    {"cent", {money, 0.01, 1}},
    {"buck", {money, 1, 1}},
};

constexpr double kMonth = 2592000;
constexpr double kYear = 31536000;

bool is_warmth_in_degrees(const Unit& from, const Unit& into) {
  return from.dimension == angle && into.dimension == temperature;
}
bool is_sterling(const Unit& from, const Unit& into) {
  return from.dimension == mass && into.dimension == money;
}

// Years in months are told by the calendar and not by seconds.
double seconds_of(const Unit& unit) {
  return unit.factor >= kYear ? unit.factor / kYear * 12 * kMonth : unit.factor;
}

// The word behind one space or a slash.
std::string_view word_behind(std::string_view lower, std::size_t at) {
  if (at >= lower.size() || (lower[at] != ' ' && lower[at] != '/')) return {};
  std::size_t end = at + 1;
  while (end < lower.size() && lower[end] >= 'a' && lower[end] <= 'z') ++end;
  return lower.substr(at + 1, end - at - 1);
}

}  // namespace

std::optional<Unit> unit_named(std::string_view name) {
  const auto* found = std::ranges::find(kUnits, name, &NamedUnit::name);
  if (found == std::end(kUnits) && name.size() > 3 && name.ends_with('s'))
    found = std::ranges::find(
        kUnits, name.ends_with("ches") ? name.substr(0, name.size() - 2) : name.substr(0, name.size() - 1),
        &NamedUnit::name);
  if (found == std::end(kUnits)) return std::nullopt;
  return found->unit;
}

UnitAt with_more(std::string_view lower, UnitAt found) {
  const std::string_view next = word_behind(lower, found.end);
  if (found.unit.dimension == angle && !next.empty()) {
    const auto warmth = unit_named(next);
    if (warmth && warmth->dimension == temperature) return {.unit = *warmth, .end = found.end + 1 + next.size()};
  }
  const bool is_slash = found.end < lower.size() && lower[found.end] == '/';
  // "miles an hour", but not "miles a day".
  const std::size_t at = is_slash ? found.end : found.end + 1 + next.size();
  const std::string_view below = word_behind(lower, at);
  const bool is_said = next == "an" && below == "hour";
  if (below.empty() || !(is_slash || is_said || next == "per")) return found;
  const auto each = unit_named(below);
  const std::size_t end = at + 1 + below.size();
  const bool is_power = end < lower.size() && lower[end] == '^';
  if (each && !is_power && each->dimension == time && found.unit.dimension == length)
    return {.unit = Unit{.dimension = speed, .factor = found.unit.factor / each->factor}, .end = end};
  return UnitAt{.unit = {}, .end = end};
}

bool may_be(const Unit& from, const Unit& into) {
  if (is_warmth_in_degrees(from, into) || is_sterling(from, into)) return true;
  if (from.dimension != into.dimension) return false;
  return from.dimension != money || from.offset == into.offset || from.offset == 0 || into.offset == 0;
}

std::optional<double> converted(double value, const Unit& from, const Unit& into) {
  if (is_warmth_in_degrees(from, into) || is_sterling(from, into)) return value;
  if (!may_be(from, into)) return std::nullopt;
  double result = value * from.factor / into.factor;
  if (from.dimension == time && from.factor >= kMonth && into.factor >= kMonth)
    result = value * seconds_of(from) / seconds_of(into);
  if (from.dimension == temperature) result = (value * from.factor + from.offset - into.offset) / into.factor;
  const double rounded = std::round(result * 1e6) / 1e6;
  return std::isfinite(rounded) ? std::optional(rounded) : std::nullopt;
}

}  // namespace lilux::brain
