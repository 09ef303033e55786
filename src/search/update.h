#pragma once

// Changes of the index: documents as rows, postings, columns and vectors, in one transaction that the caller opens and
// commits. One thread at a time.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "search/document.h"
#include "search/learned.h"
#include "search/snapshot.h"
#include "search/store.h"
#include "search/words.h"

namespace lilux::search {

// A document with its terms: those of title and tags count twice, filters once.
struct Prepared {
  const Document* document = nullptr;
  std::vector<std::pair<std::string, std::uint32_t>> terms = {};  // in order, each once
  std::uint32_t length = 0;                                       // of content, weighted alike
  std::optional<Vector> vector = {};  // from elsewhere; absent: from the terms where vectors are learned
};
// `invalid_argument` names the document and what is wrong with it.
base::Result<Prepared> prepare(const Document& document, Words& words);

std::string kind_term(std::string_view kind);
std::string source_term(std::string_view source);
std::string tag_term(std::string_view tag);

class Update {
 public:
  static base::Result<Update> begin(Store& store);

  // Each id at most once, after all removals.
  base::Result<void> put(const Prepared& prepared);
  base::Result<void> remove(const std::string& id);
  // Gives a document that is there another vector.
  base::Result<void> set_vector(std::uint32_t number, const Vector& vector);
  // From here on there are vectors of that space and size, and none of those before.
  base::Result<void> set_space(const std::string& space, std::size_t dimensions);
  void set_learned() { totals_.changed = 0; }
  // Writes what was collected. Nothing else may be called after it.
  base::Result<void> finish();

  const Totals& totals() const { return totals_; }
  const Applied& applied() const { return applied_; }

 private:
  Update(Store& store, Totals totals) : store_(&store), totals_(std::move(totals)) {}
  base::Result<void> take_out(const Row& row);
  base::Result<Vector> vector_of(const Prepared& prepared, std::span<const TermCount> terms);
  base::Result<std::uint32_t> term_number(const std::string& term);
  base::Result<Page*> page_of(std::uint32_t document);
  base::Result<std::uint32_t> new_number();
  struct Change {
    std::uint32_t term = 0;
    Posting posting = {};  // a count of 0 takes it out
    friend auto operator<=>(const Change&, const Change&) = default;
  };
  base::Result<void> write_postings();

  Store* store_;
  Totals totals_;
  Applied applied_ = {};
  std::optional<LearnedEmbedder> learned_ = {};
  std::unordered_map<std::string, std::uint32_t> terms_ = {};
  std::vector<Change> changes_ = {};
  std::map<std::uint32_t, Page> pages_ = {};
};

}  // namespace lilux::search
