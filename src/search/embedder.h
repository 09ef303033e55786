#pragma once

// What turns texts into vectors, so that like things have like vectors: learned from the corpus itself (learned.h), or
// asked of a server (http_embedder.h).

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/postings.h"
#include "search/vectors.h"

namespace lilux::search {

struct Passage {
  std::string text = {};
  std::vector<TermCount> terms = {};  // of the text, those that the index has
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  // Vectors of one space can be compared with each other; it names the maker and the model.
  virtual const std::string& space() const = 0;
  // One for each passage, all of one size.
  virtual base::Result<std::vector<Vector>> embed(std::span<const Passage> passages) = 0;
};

}  // namespace lilux::search
