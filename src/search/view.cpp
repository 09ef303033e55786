#include "search/view.h"

#include "search/update.h"

namespace lilux::search {

using base::Result;

namespace {

std::uint32_t length_of(const Snapshot& snapshot, std::size_t document) {
  return snapshot.pages[document / kPageDocuments]->lengths[document % kPageDocuments];
}

}  // namespace

Result<std::vector<char>> holders(Store& store, const Snapshot& snapshot, const std::vector<std::string>& terms) {
  std::vector<char> has(snapshot.pages.size() * kPageDocuments);
  for (const std::string& name : terms) {
    const std::optional<Store::Term> term = TRY(store.term(name));
    if (!term) continue;
    for (const Posting& posting : TRY(store.postings(term->number, static_cast<std::uint32_t>(snapshot.totals.end))))
      has[posting.document] = 1;
  }
  return has;
}

Result<std::vector<char>> shown(Store& store, const Snapshot& snapshot, const View& view) {
  std::vector<std::string> sources;
  for (const std::string& source : view.sources) sources.push_back(source_term(source));
  std::vector<char> is_shown = TRY(holders(store, snapshot, sources));
  for (const std::string& id : view.hidden) {
    const std::optional<std::uint32_t> number = TRY(store.number_of(id));
    if (number && *number < is_shown.size()) is_shown[*number] = 0;
  }
  for (std::size_t i = 0; i < is_shown.size(); ++i)
    if (length_of(snapshot, i) == kNoDocument) is_shown[i] = 0;
  return is_shown;
}

Corpus corpus_of(const Snapshot& snapshot, const std::vector<char>& shown) {
  Totals totals;  // how many terms are distinct is not asked: nothing learned is used with a view
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == 0) continue;
    ++totals.documents;
    totals.length += length_of(snapshot, i);
  }
  return corpus_of(totals);
}

}  // namespace lilux::search
