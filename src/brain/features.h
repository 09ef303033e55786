#pragma once

// What a text looks like to the learner: hashes of its words, stems, neighbouring words and parts of words. The same
// text gives the same features on every machine. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

// Of a longer text the beginning counts.
inline constexpr std::size_t kTextBytesMax = 4096;
inline constexpr std::size_t kTokensMax = 256;

// Features of one group are weighed against each other, not against those of other groups.
enum class Group : std::uint8_t { words, characters };
inline constexpr std::size_t kGroups = 2;

struct Feature {
  std::uint32_t hash = 0;
  Group group = Group::words;
  std::uint64_t words = 0;  // which words it is made of, a bit for each; the last bit for all from the 64th on
  // The stem or a part of a word that holds a sentence together (how, the): noise unless there are many texts.
  bool is_detail = false;
  friend auto operator<=>(const Feature&, const Feature&) = default;
};

// The words of a text, without case: letters and digits together, ideographs one by one, what follows an apostrophe
// apart ("what", "'s"), and the signs ? $ %. Bytes that are no UTF-8 end a word.
std::vector<std::string> tokens_of(std::string_view text);

// In the order in which they stand; some may stand several times.
std::vector<Feature> features_of(const std::vector<std::string>& tokens);

// What a person would call the features with these hashes, as far as the text has them: `word pay`, `stem paycheck`,
// `words pay bill`, `part che`.
struct NamedFeature {
  Feature feature = {};
  std::string name = {};
};
std::vector<NamedFeature> named_features_of(const std::vector<std::string>& tokens);

}  // namespace lilux::brain
