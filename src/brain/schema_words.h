#pragma once

// What the description of a parameter says besides words: examples, a default, the unit that numbers are wanted in.
// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brain/extract_number.h"

namespace lilux::brain {

inline constexpr std::size_t kExamplesMax = 24;

// Quoted values, and what follows "e.g.", "such as", "for example", "options:" and the like.
std::vector<std::string> examples_in(std::string_view description);
// "default is x", "defaults to x": x, empty where it only says that there is one.
std::optional<std::string> default_in(std::string_view description);
// "in kilometres", "(seconds)".
std::optional<Unit> unit_in(std::string_view description);

}  // namespace lilux::brain
