#pragma once

// The part of the index that somebody may know of, and what the whole of it would be if there were no more.

#include <string>
#include <vector>

#include "base/result.h"
#include "search/document.h"
#include "search/ranking.h"
#include "search/snapshot.h"
#include "search/store.h"

namespace lilux::search {

// For each number whether a document has one of these terms.
base::Result<std::vector<char>> holders(Store& store, const Snapshot& snapshot, const std::vector<std::string>& terms);
// For each number whether the view shows a document of it.
base::Result<std::vector<char>> shown(Store& store, const Snapshot& snapshot, const View& view);
Corpus corpus_of(const Snapshot& snapshot, const std::vector<char>& shown);

}  // namespace lilux::search
