#pragma once

// Numbers in a sentence, as digits ("1,000", "-2.5", "1e6", "1.5k", "3/4", "10%", "$20") or as words ("twenty-five",
// "two million", "half"), with the unit that follows. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "brain/extract_unit.h"

namespace lilux::brain {

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

}  // namespace lilux::brain
