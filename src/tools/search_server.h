#pragma once

// The server of vectors that the configuration names, for one search.

#include <chrono>
#include <memory>
#include <string>

#include "kernel/context.h"
#include "search/embedder.h"

namespace lilux::tools {

struct Server {
  std::unique_ptr<search::Embedder> embedder = {};  // null: the search goes by what is built in
  std::string why = {};                             // although one is named; empty when none is
};
// One that failed is not asked again by the same object: a search waits for it once.
Server search_server(const kernel::CallContext& call);

}  // namespace lilux::tools
