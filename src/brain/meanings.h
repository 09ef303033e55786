#pragma once

// What words mean, as far as it was learned from definitions, descriptions and requests of others: a vector for each
// common word and for parts of words, so that texts about the like point the like way though they share no word.
// meanings.bin is written by `lilux brain retrieve-train`. Immutable; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

inline constexpr std::size_t kMeaningDimensionsMax = 512;

// Numbers are half a byte each, two to a byte, from -8 to 7 times the scale of their row.
struct MeaningTable {
  std::uint32_t dimensions = 0;            // even
  float unknown_rarity = 0;                // of a word that has no row
  std::vector<std::uint32_t> hashes = {};  // of words and parts of words; ascending
  std::vector<float> rarities = {};        // of words; 0: a part of words
  std::vector<float> scales = {};
  std::vector<std::uint8_t> codes = {};
};

class Meanings {
 public:
  // `corrupt` unless save wrote them.
  static base::Result<Meanings> load(std::string_view bytes);
  explicit Meanings(MeaningTable table) : table_(std::move(table)) {}
  std::string save() const;

  // Where the stems point together, with length 1; all zeros where nothing is known of any.
  std::vector<float> of(std::span<const std::string> stems) const;
  // How rare the texts are that have the word: 0 where all do.
  float rarity(std::string_view stem) const;
  std::size_t dimensions() const { return table_.dimensions; }

 private:
  std::optional<std::size_t> row_of(std::uint32_t hash) const;
  float rarity_of(std::optional<std::size_t> row) const;
  void add_row(std::size_t row, float weight, std::vector<float>& into) const;
  void add_word(std::string_view stem, float weight, std::vector<float>& into) const;

  MeaningTable table_;
};

// Those that are shipped.
const Meanings& shipped_meanings();

// What a word is made of: itself first, then its letters in fours, each counting a part.
struct WordPiece {
  std::uint32_t hash = 0;
  float weight = 0;
};
std::vector<WordPiece> pieces_of(std::string_view stem);
// What a word counts that stands so often in a text.
float repeated(std::size_t times);

}  // namespace lilux::brain
