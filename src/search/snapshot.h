#pragma once

// What a search needs of every document at once: lengths, times, vectors, as one state of the file. It is kept from
// search to search, and only what has changed since is read again. Values that never change; any thread.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "search/store.h"

namespace lilux::search {

struct Page {
  std::array<std::uint32_t, kPageDocuments> lengths = {};  // kNoDocument where there is none
  std::array<std::int64_t, kPageDocuments> times = {};
  std::vector<float> scales = {};  // both empty when there are no vectors
  std::vector<std::int8_t> codes = {};
};
base::Result<Page> decode_page(const Store::Page& stored, std::size_t dimensions);
Store::Page encode_page(std::uint32_t number, std::int64_t generation, const Page& page, std::size_t dimensions);

struct Snapshot {
  Totals totals = {};
  std::vector<std::shared_ptr<const Page>> pages = {};  // shared by snapshots; the last search that uses one frees it
};

// The state that the store's open transaction sees. `known` may be null, or of another state or another file.
base::Result<std::shared_ptr<const Snapshot>> snapshot_of(Store& store, std::shared_ptr<const Snapshot> known);

}  // namespace lilux::search
