#pragma once

// A search index and what brings it up to date with the caller's volumes, the table and the memory. What was fed, and
// as of when, stands in a file beside the index; either may be deleted. Kept from call to call (kernel().kept()) it
// watches the folders, so that nothing is looked at again that nobody touched. Any thread; several processes may share
// the files.

#include <memory>

#include "base/result.h"
#include "kernel/context.h"
#include "search/embedder.h"
#include "search/index.h"
#include "tools/search_sources.h"
#include "tools/volumes.h"

namespace lilux::tools {

class FedIndex {
 public:
  FedIndex();                                   // with vectors that are learned
  explicit FedIndex(search::Embedder& server);  // with those of a server, in files of their own
  FedIndex(const FedIndex&) = delete;
  FedIndex& operator=(const FedIndex&) = delete;
  ~FedIndex();

  // In the scopes that the query names as its sources, as they are now. Waits while another call feeds. A caller who is
  // denied anything that was ever fed gets what the rest alone would give.
  base::Result<search::Answer> search(const kernel::CallContext& call, const Volumes& volumes,
                                      const search::Query& query);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lilux::tools
