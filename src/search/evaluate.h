#pragma once

// A whole collection ranked by an index of its own. One thread.

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/collection.h"

namespace lilux::search {

struct Evaluation {
  std::vector<Ranked> ranking = {};
  std::chrono::microseconds indexing{};  // documents and vectors
  std::chrono::microseconds median{};    // of one query
  std::chrono::microseconds p99{};
};

// In a new index below `folder`, which is left behind. `depth` documents at most for each query.
base::Result<Evaluation> evaluate(std::vector<Document> corpus, std::span<const Topic> topics,
                                  const std::string& folder, std::size_t depth);

}  // namespace lilux::search
