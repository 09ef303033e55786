#pragma once

// Learns meanings from pairs of texts that mean the like: a request and the tool that serves it, a word and its
// definition. The two of a pair are drawn together and away from the others of their set. Pure and in a fixed order:
// the same pairs give the same table. One thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "brain/meanings.h"

namespace lilux::brain {

struct MeaningPair {
  std::string set = {};  // what it is compared with: pairs of the same set
  std::string left = {};
  std::string right = {};
};

// An object with set, left and right on each line.
base::Result<std::vector<MeaningPair>> parse_meaning_pairs(std::string_view text, std::string_view name);

struct MeaningCourse {
  std::uint32_t dimensions = 128;
  std::size_t rounds = 2;
  std::size_t words_least = 40;    // times a word is met to have a row of its own
  std::size_t parts_least = 1500;  // and a part of words
};

Meanings learn_meanings(std::span<const MeaningPair> pairs, const MeaningCourse& course);

}  // namespace lilux::brain
