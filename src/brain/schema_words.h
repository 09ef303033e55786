#pragma once

// What the description of a parameter says besides words: examples, a default, the unit that numbers are wanted in.
// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brain/extract_unit.h"
#include "search/words.h"

namespace lilux::brain {

inline constexpr std::size_t kExamplesMax = 24;

// Quoted values, and what follows "e.g.", "such as", "for example", "options:" and the like.
std::vector<std::string> examples_in(std::string_view description);
// "default is x", "defaults to x": x, empty where it only says that there is one.
std::optional<std::string> default_in(std::string_view description);
// "in kilometres", "(seconds)".
std::optional<Unit> unit_in(std::string_view description);
// "Minutes to wait".
std::optional<Unit> unit_in_front(std::string_view description);
// duration_seconds, distanceKm, miles_per_hour, celsius; not start_hour, which is an hour of the day.
std::optional<Unit> unit_of_name(std::string_view name, search::Words& words);

}  // namespace lilux::brain
