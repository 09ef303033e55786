#pragma once

// The index with the vectors of the server that the configuration names.

#include <memory>
#include <string>

#include "kernel/context.h"
#include "tools/search_feed.h"

namespace lilux::tools {

struct Server {
  std::shared_ptr<FedIndex> index = {};  // kept from search to search; null: the search goes by what is built in
  std::string why = {};                  // although one is named; empty when none is
};
// A server that failed is left alone for some seconds: searches do not wait for it one after the other.
Server search_server(const kernel::CallContext& call);

}  // namespace lilux::tools
