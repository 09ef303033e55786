#pragma once

// Slots: the pieces of a text that are values, and what each is called (`city`, `date`). Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace lilux::brain {

struct Slot {
  std::string name = {};
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  friend auto operator<=>(const Slot&, const Slot&) = default;
};

// A word, or a sign at a word's border; signs within a word ("9:30", "a.txt") belong to it.
struct SlotPiece {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string word = {};  // lower case
};
// Of a text's first kTextBytesMax bytes, kTokensMax at most.
std::vector<SlotPiece> slot_pieces_of(std::string_view text);

// The slots of a row of examples, in order, none above another; nothing where it does not tell. A row tells by
// "bio": a tag (`O`, `B-city`, `I-city`) for each word between blanks; or by
// "slots": {"city": "Rome", "guest": ["Ann", "Bob"]} or [{"name": "city", "value": "Rome"}], whose values are sought in
// the text without regard to case; those that do not stand there are left alone, and so is what has another form.
std::optional<std::vector<Slot>> told_slots(const base::Json& row, std::string_view text);

}  // namespace lilux::brain
