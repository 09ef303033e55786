#pragma once

// What a person's own answers say about a sentence: the same one again, the same with other values, one that is like
// it, and what was refused. Nothing is trained: the examples are the model, so what is taken out of them is forgotten.
// Deterministic; immutable once made; any thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brain/experience.h"
#include "brain/phrase.h"

namespace lilux::brain {

inline constexpr double kSameAgain = 0.99;     // the sentence was answered before
inline constexpr double kVariedOften = 0.95;   // with other values, and that was answered twice at least
inline constexpr double kVariedOnce = 0.85;    // once, or with different tools
inline constexpr double kRefusalFactor = 0.8;  // for each refusal since it was last accepted
inline constexpr double kLikeFrom = 0.5;       // less alike than that says nothing

struct Alike {
  std::size_t example = 0;
  double similarity = 0;
};

struct Nearest {
  std::string tool = {};
  double confidence = 0;  // measured on the examples themselves: how often the like of it had the same tool
  std::size_t pairs = 0;  // of examples that were measured
  std::vector<Alike> examples = {};
};

struct WordWeight {
  std::string word = {};
  double weight = 0;  // above 0: both have it; below: the sentence alone
};

class Learned {
 public:
  // Later ones count for more where they differ.
  static Learned of(std::vector<Experience> examples);

  // The same sentence, or the same with other values in the places of the values of its call.
  std::optional<Proposal> recall(std::string_view text) const;
  // The tool that the most alike examples have; nothing when none is alike enough.
  std::optional<Nearest> nearest(std::string_view text) const;
  // What to multiply the confidence in a call of that tool by.
  double doubt(std::string_view text, std::string_view tool) const;

  // As the answers to proposals have them, see bands.h.
  Bands bands(double error) const;

  // The most alike first, whatever they say; and which words made it so.
  std::vector<Alike> alike(std::string_view text, std::size_t limit) const;
  std::vector<WordWeight> words(std::string_view text, std::size_t example) const;
  const std::vector<Experience>& examples() const { return examples_; }

 private:
  struct Compiled {
    std::string plain;
    std::optional<std::size_t> phrase = {};  // with gaps for the values of its call
    std::vector<std::uint32_t> words = {};   // without those of gaps; sorted
    double size = 0;                         // what its words count together
  };
  // The words of a sentence: those that examples have, and what all count together.
  struct Asked {
    std::vector<std::uint32_t> words = {};
    double size = 0;
  };
  // A sentence against the examples, each phrase looked at once.
  struct Asking {
    Spoken said;
    std::string plain;
    std::vector<std::optional<std::optional<base::JsonObject>>> gaps = {};  // by phrase, once it was looked at
  };
  Asking asking(std::string_view text) const;
  const base::JsonObject* gaps(Asking& asking, std::size_t example) const;  // null: its phrase does not fit
  enum class Fit : std::uint8_t { none, varied, same };
  Fit fit(Asking& asking, std::size_t example) const;
  base::Json arguments(Asking& asking, std::size_t example) const;  // of one that fits
  std::size_t refusals(Asking& asking, std::string_view tool) const;
  std::optional<std::size_t> phrase(const std::string& pattern);
  void weigh(const std::vector<std::vector<std::string>>& words);
  double weight(const std::string& word) const;
  Asked asked(std::string_view text) const;
  double similarity(const Asked& asked, std::size_t example) const;
  void measure();

  std::vector<Experience> examples_;
  std::vector<Compiled> compiled_;
  std::vector<Phrase> phrases_;  // many examples have the same
  std::map<std::string, std::size_t, std::less<>> patterns_;
  // Of the newest examples, how alike the most alike other one is, and whether that has the same tool.
  struct Pair {
    double similarity = 0;
    bool is_right = false;
  };
  std::vector<Pair> pairs_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;  // of words
  std::vector<double> weights_;                                // of words, by number: the more they tell, the more
};

}  // namespace lilux::brain
