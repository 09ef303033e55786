#pragma once

// What the words of a parameter's name and description say about its values: that they are places, dates, amounts, ...
// A closed table of English words. Pure; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lilux::brain {

enum class Sense : std::uint8_t {
  none,
  place,
  person,
  title,
  date,
  time,
  duration,
  year,
  count,
  money,
  measure,
  id,
  email,
  phone,
  url,
  path,
  query,
  message,
  language,
  currency,
  unit,
  option,
  code,
  color,
  food,
  company,
  category,
};

// Of the stems of a name, the last one that has a sense first; none where no stem has one.
Sense sense_of(std::span<const std::string> stems);

}  // namespace lilux::brain
