#pragma once

// What sort of thing a word is, for the sorts that tools ask for by name: a colour, a language, a country, ... A closed
// table of English words. Pure; any thread.

#include <cstdint>
#include <string_view>

namespace lilux::brain {

enum class WordClass : std::uint8_t {
  none,
  color,
  language,
  country,
  state,
  currency,
  gender,
  sport,
  cuisine,
  diet,
  food,
  genre,
  unit,
  weekday,
  month,
  size,
  substance,
  instrument,
  company,
  animal,
  vehicle,
  degree,
};

// Of a word or phrase in small letters.
WordClass class_of(std::string_view words);

}  // namespace lilux::brain
