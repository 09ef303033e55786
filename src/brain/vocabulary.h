#pragma once

// Which features a model knows, and a text as the rows of those: how often, how rare, each group of features of length
// one. A value: built once, then any thread reads it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "brain/features.h"

namespace lilux::brain {

// The rows of a text, each once, in ascending order.
struct Rows {
  std::vector<std::uint32_t> rows = {};
  std::vector<float> weights = {};
  std::vector<std::uint64_t> words = {};  // of each row: the words it is made of, as in Feature
  // How much of the text's features, by weight, the model has never seen; 0 to 1.
  float unknown = 0;
};

class Vocabulary {
 public:
  struct Entry {
    std::uint32_t hash = 0;
    Group group = Group::words;
    float rarity = 0;
  };

  Vocabulary() = default;
  // Features that stand in at least `texts_least` of the texts, the most frequent `entries_max` of them.
  struct Choice {
    std::size_t texts_least = 1;
    std::size_t entries_max = 0;
    bool has_details = true;
    // Only of so many texts, the first, every feature may count; what no such text has must stand in more of the
    // others.
    std::size_t own = std::numeric_limits<std::size_t>::max();
    std::size_t others_least = 1;
  };
  static Vocabulary learn(std::span<const std::vector<Feature>> texts, const Choice& choice);
  // Entries with ascending hashes, from so many texts; what was stored. Without details, those of a text are
  // overlooked.
  Vocabulary(std::vector<Entry> entries, std::size_t texts, bool has_details);

  Rows rows_of(std::span<const Feature> features) const;
  std::optional<std::uint32_t> row_of(std::uint32_t hash) const;
  std::size_t size() const { return entries_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }
  bool has_details() const { return has_details_; }
  std::size_t texts() const { return texts_; }  // that it was learned from
  // In how many of those the feature stands.
  double texts_with(const Entry& entry) const;

 private:
  std::vector<Entry> entries_;
  std::size_t texts_ = 0;
  bool has_details_ = true;
  std::vector<std::uint32_t> slots_;  // row + 1 at the place of its hash or behind it; 0: free
};

}  // namespace lilux::brain
