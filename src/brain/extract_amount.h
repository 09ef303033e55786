#pragma once

// Amounts that are told in more words than a number and a unit: "two and a half minutes", "half an hour", "an hour and
// a half", "1h 20m", "5 feet 10 inches". Pure; any thread.

#include <cstddef>
#include <string_view>
#include <vector>

#include "brain/extract_number.h"

namespace lilux::brain {

// The quantities of a text with halves and quarters where they belong, in order.
std::vector<Quantity> with_halves(std::string_view text, std::vector<Quantity> found);

// Quantities that follow each other and are one amount, in the unit of the first of them.
struct Sum {
  std::size_t first = 0;  // of the quantities
  std::size_t last = 0;
  Quantity whole = {};
};
std::vector<Sum> sums_of(std::string_view text, const std::vector<Quantity>& found);

}  // namespace lilux::brain
