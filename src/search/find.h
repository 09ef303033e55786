#pragma once

// One search over one state of the index. One thread at a time.

#include "base/result.h"
#include "search/document.h"
#include "search/embedder.h"
#include "search/snapshot.h"
#include "search/store.h"
#include "search/words.h"

namespace lilux::search {

// `asked` is the query's vector where it came from a server; empty: from the learned ones, or none. The store's
// transaction sees the snapshot's state.
base::Result<Answer> find(Store& store, const Snapshot& snapshot, Words& words, const Query& query,
                          const Vector& asked);

}  // namespace lilux::search
