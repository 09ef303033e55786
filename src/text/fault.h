#pragma once

// What is wrong with a text, and where: readers of files that people write say "line 3, column 5: ..." in their errors,
// and who lists such faults takes the place out again. Pure; any thread.

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::text {

// Counted from 1; columns in characters.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};
Position position_of(std::string_view text, std::size_t at);

struct Fault {
  Position position = {};
  std::string message = {};
  std::string hint = {};
  friend bool operator==(const Fault&, const Fault&) = default;
};

// An invalid_argument error with the place at the front of its message.
std::unexpected<base::Error> fault_at(std::string_view text, std::size_t at, std::string_view what,
                                      std::string hint = {});
// The other way round; an error without a place is one of the first character.
Fault fault_of(const base::Error& error);
// As fault_at writes it.
std::string to_text(const Fault& fault);

}  // namespace lilux::text
