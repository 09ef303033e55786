#pragma once

// Finds tools among many by what they say of themselves: words of names and descriptions by how rare they are, parts of
// words, what the tools that fit best say, and whether they mean the like. Nothing is learned of the tools beforehand.
// Pure; a Retriever is a value that any thread may read. The meanings outlive it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "brain/likeness.h"
#include "brain/meanings.h"
#include "brain/schema.h"

namespace lilux::brain {

struct RankedTool {
  std::size_t tool = 0;  // its place in the set
  double score = 0;
};

class Retriever {
 public:
  explicit Retriever(const ToolSet& tools, const Meanings& meanings = shipped_meanings());

  // The best, best first; of equals the one that comes first in the set. Tools that share nothing are left out.
  std::vector<RankedTool> rank(std::string_view text, std::size_t limit) const;

 private:
  struct Posting {
    std::uint32_t tool = 0;
    float weight = 0;
  };
  struct Term {
    std::vector<Posting> postings = {};
    float rarity = 0;
  };
  using Weighted = std::vector<std::pair<std::uint32_t, double>>;  // terms and what they count

  void add(std::size_t tool, const std::string& term, double weight);
  void settle();
  Weighted terms_of(const std::vector<std::string>& stems) const;
  void score(const Weighted& terms, std::vector<double>& scores) const;
  Weighted feedback(const std::vector<double>& scores) const;

  const Meanings* meanings_;
  std::size_t tools_ = 0;
  std::unordered_map<std::string, std::uint32_t> numbers_ = {};
  std::vector<Term> terms_ = {};
  std::vector<std::vector<std::pair<std::uint32_t, float>>> of_tool_ = {};
  Likeness likeness_;
};

}  // namespace lilux::brain
