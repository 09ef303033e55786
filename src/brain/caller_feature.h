#pragma once

// What features are counted in: few steps instead of numbers, shapes instead of texts, rows instead of kinds. Pure; any
// thread.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "brain/schema.h"

namespace lilux::brain {

bool is_number_kind(Kind kind);
// Parameters that take the same sort of value stand in a row together.
std::uint32_t row_of(Kind kind);
// Letters, digits and marks of a text, one for each run: "Boston, MA" is "Aa, A".
std::uint32_t shape_of(std::string_view text);
// A share of 1 in fifths.
std::uint32_t bucket(double share);
std::uint32_t few(std::size_t count, std::size_t most);

}  // namespace lilux::brain
