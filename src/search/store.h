#pragma once

// The file of the index: one connection to its SQLite database, and its tables in terms of what they hold. Documents
// have numbers from 0 on that are used again once free; what is kept of all of them lies in pages of kPageDocuments,
// postings in blocks of kBlockDocuments, so that a change touches little and a search reads little. One thread at a
// time; several connections and processes share the file.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "search/postings.h"

namespace lilux::search {

inline constexpr std::uint32_t kPageDocuments = 256;
inline constexpr std::uint32_t kBlockDocuments = 4096;
inline constexpr std::uint32_t kDocumentsMax = std::uint32_t{1} << 24;
inline constexpr std::uint32_t kNoDocument = 0xffffffff;  // the length of a number that is free

// About the whole index.
struct Totals {
  std::string made = {};        // which file this is: another one has another
  std::int64_t generation = 0;  // grows with every change
  std::int64_t documents = 0;
  std::int64_t end = 0;         // one more than the greatest number in use
  std::int64_t length = 0;      // of all documents together, in words
  std::int64_t distinct = 0;    // terms of each document, summed
  std::int64_t changed = 0;     // documents put or removed since vectors were learned
  std::int64_t dimensions = 0;  // of vectors; 0: there are none
  std::string space = {};       // whose vectors they are
};

struct Row {
  std::uint32_t number = 0;
  std::string id = {};
  std::string kind = {};
  std::string source = {};
  std::string title = {};
  std::string text = {};
  std::string tags = {};  // on a line each
  std::int64_t time_us = 0;
  std::uint32_t length = 0;
  std::uint32_t distinct = 0;  // of its terms, those of content
  std::string terms = {};      // see encode_terms
};

class Store {
 public:
  // Makes the file and its tables where they are missing. `corrupt` when it is no such file, `unavailable` when a newer
  // program wrote it.
  static base::Result<Store> open(const std::string& path);

  base::Result<db::Transaction> begin() { return database_.begin(); }
  base::Result<db::Transaction> begin_reading() { return database_.begin_reading(); }
  db::Database& database() { return database_; }

  base::Result<Totals> totals();
  base::Result<void> set_totals(const Totals& totals);

  struct Term {
    std::uint32_t number = 0;
    std::int64_t holders = 0;  // documents that have it
    std::string text = {};
  };
  base::Result<std::optional<Term>> term(std::string_view text);
  base::Result<Term> term(std::uint32_t number);
  base::Result<std::uint32_t> term_or_new(std::string_view text);
  base::Result<void> add_holders(std::uint32_t term, std::int64_t more);

  base::Result<std::vector<Posting>> postings(std::uint32_t term, std::uint32_t end);
  base::Result<std::vector<Posting>> block(std::uint32_t term, std::uint32_t block);
  // Nothing in it: the block goes.
  base::Result<void> set_block(std::uint32_t term, std::uint32_t block, const std::vector<Posting>& postings);

  base::Result<std::optional<Row>> find(std::string_view id);
  base::Result<std::optional<Row>> row(std::uint32_t number);
  base::Result<std::string> id_of(std::uint32_t number);
  base::Result<std::optional<std::uint32_t>> number_of(std::string_view id);
  base::Result<std::vector<TermCount>> terms_of(std::uint32_t number);
  // Terms of content, of at most so many documents spread evenly over all, and of each document.
  base::Result<std::vector<std::vector<TermCount>>> content_of_documents(std::size_t most);
  base::Result<void> each_content(
      const std::function<base::Result<void>(std::uint32_t number, std::span<const TermCount> terms)>& take);
  base::Result<void> put(const Row& row);
  base::Result<void> remove(std::uint32_t number);  // the number is free then
  base::Result<std::optional<std::uint32_t>> take_free();

  struct Page {
    std::uint32_t number = 0;
    std::int64_t generation = 0;
    std::string columns = {};
    std::string vectors = {};
  };
  base::Result<std::vector<Page>> pages_since(std::int64_t generation);
  base::Result<Page> page(std::uint32_t number);
  base::Result<void> set_page(const Page& page);

  base::Result<std::string> term_vector(std::uint32_t term);  // empty when there is none
  base::Result<void> set_term_vector(std::uint32_t term, std::string_view bytes);
  base::Result<void> forget_term_vectors();

 private:
  explicit Store(db::Database database) : database_(std::move(database)) {}
  base::Result<db::Statement*> prepared(std::size_t which);
  base::Result<std::unordered_set<std::uint32_t>> marked_terms();

  db::Database database_;
  std::vector<std::optional<db::Statement>> statements_ = {};  // made when first used; they die before the database
};

}  // namespace lilux::search
