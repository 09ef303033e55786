#pragma once

// Vectors learned from the corpus, without any model: terms that stand in the same documents get like vectors (latent
// semantic analysis). Every step is in a fixed order, so the same documents give the same vectors. Training is pure.

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "search/embedder.h"
#include "search/store.h"

namespace lilux::search {

inline constexpr std::size_t kLearnedDimensions = 96;
inline constexpr std::size_t kLearnFromMost = 20'000;  // documents, spread evenly over the corpus
inline constexpr std::size_t kLearnFromLeast = 8;

struct TermVectors {
  std::size_t dimensions = 0;
  std::map<std::uint32_t, Vector> terms = {};  // of those that stand in two documents at least
};
// From the terms of each document; empty when there is too little to learn from. Takes seconds for kLearnFromMost.
TermVectors learn_vectors(std::span<const std::vector<TermCount>> documents);

// The vectors that a store keeps. Lives shorter than the store; a transaction should be open.
class LearnedEmbedder final : public Embedder {
 public:
  static const std::string kSpace;
  LearnedEmbedder(Store& store, std::size_t dimensions) : store_(&store), dimensions_(dimensions) {}
  const std::string& space() const override { return kSpace; }
  base::Result<std::vector<Vector>> embed(std::span<const Passage> passages) override;
  base::Result<Vector> embed(std::span<const TermCount> terms);

 private:
  base::Result<const Coded*> vector_of(std::uint32_t term);

  Store* store_;
  std::size_t dimensions_;
  std::unordered_map<std::uint32_t, Coded> seen_ = {};
};

}  // namespace lilux::search
