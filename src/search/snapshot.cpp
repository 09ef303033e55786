#include "search/snapshot.h"

#include <cstring>
#include <utility>

#include "search/vectors.h"

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kColumnBytes = sizeof(std::uint32_t) + sizeof(std::int64_t);

}  // namespace

Result<Page> decode_page(const Store::Page& stored, std::size_t dimensions) {
  Page page;
  page.lengths.fill(kNoDocument);
  if (stored.columns.empty()) return page;
  const std::size_t vector_bytes = sizeof(float) + dimensions;
  const bool has_vectors = !stored.vectors.empty() && dimensions > 0;
  if (stored.columns.size() != kColumnBytes * kPageDocuments ||
      (has_vectors && stored.vectors.size() != vector_bytes * kPageDocuments))
    return fail(ErrorCode::corrupt, "the search index has a page of a wrong size");
  std::memcpy(page.lengths.data(), stored.columns.data(), sizeof(page.lengths));
  std::memcpy(page.times.data(), stored.columns.data() + sizeof(page.lengths), sizeof(page.times));
  for (std::size_t i = 0; has_vectors && i < kPageDocuments; ++i) {
    const std::string_view bytes = std::string_view(stored.vectors).substr(i * vector_bytes, vector_bytes);
    TRY(append_coded(bytes, dimensions, page.scales, page.codes));
  }
  return page;
}

Store::Page encode_page(std::uint32_t number, std::int64_t generation, const Page& page, std::size_t dimensions) {
  Store::Page stored{.number = number, .generation = generation, .columns = {}, .vectors = {}};
  stored.columns.append(reinterpret_cast<const char*>(page.lengths.data()), sizeof(page.lengths));
  stored.columns.append(reinterpret_cast<const char*>(page.times.data()), sizeof(page.times));
  for (std::size_t i = 0; i < page.scales.size(); ++i) {
    const auto* codes = reinterpret_cast<const char*>(page.codes.data()) + i * dimensions;
    stored.vectors.append(reinterpret_cast<const char*>(&page.scales[i]), sizeof(float)).append(codes, dimensions);
  }
  return stored;
}

Result<std::shared_ptr<const Snapshot>> snapshot_of(Store& store, std::shared_ptr<const Snapshot> known) {
  const Totals totals = TRY(store.totals());
  const bool is_usable = known && known->totals.made == totals.made && known->totals.generation <= totals.generation &&
                         known->totals.dimensions == totals.dimensions && known->totals.space == totals.space;
  if (is_usable && known->totals.generation == totals.generation) return known;
  auto fresh = is_usable ? std::make_shared<Snapshot>(*known) : std::make_shared<Snapshot>();
  fresh->totals = totals;
  fresh->pages.resize((static_cast<std::size_t>(totals.end) + kPageDocuments - 1) / kPageDocuments);
  for (const Store::Page& stored : TRY(store.pages_since(is_usable ? known->totals.generation : -1))) {
    if (stored.number >= fresh->pages.size()) return fail(ErrorCode::corrupt, "the search index has a page too many");
    fresh->pages[stored.number] =
        std::make_shared<const Page>(TRY(decode_page(stored, static_cast<std::size_t>(totals.dimensions))));
  }
  for (const auto& page : fresh->pages) {
    if (!page) return fail(ErrorCode::corrupt, "the search index lacks a page");
  }
  return std::shared_ptr<const Snapshot>(std::move(fresh));
}

}  // namespace lilux::search
