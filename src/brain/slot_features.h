#pragma once

// What a labeller sees at each piece of a text: the words around, their beginnings, ends and shapes, and what the
// lexicon knows of them. The same text gives the same features on every machine. Pure; any thread.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "brain/lexicon.h"
#include "brain/slots.h"

namespace lilux::brain {

std::uint64_t hash_of_word(std::string_view word);
std::vector<std::uint64_t> hashes_of(std::span<const SlotPiece> pieces);

// For each piece its features, each once.
std::vector<std::vector<std::uint32_t>> slot_features(std::string_view text, std::span<const SlotPiece> pieces,
                                                      const Lexicon& lexicon);

}  // namespace lilux::brain
