#pragma once

// How records become rows of the index: its tables, and the statements that fill them. Belongs to one Index, which
// holds its lock; the database outlives it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "db/database.h"
#include "kernel/body_skim.h"
#include "ledger/ledger.h"

namespace lilux::kernel {

// Of the tables below; an older file is thrown away and made again.
inline constexpr std::int64_t kIndexVersion = 4;
// Makes the tables in an empty database.
base::Result<void> create_index_tables(db::Database& database);
// Makes what searching needs, unless it is there. Before very many rows come it is dropped, because sorting them once
// afterwards is several times quicker than inserting each in its place.
base::Result<void> create_index_searches(db::Database& database);
base::Result<void> drop_index_searches(db::Database& database);

// A named place in the ledger, with some text.
inline constexpr std::string_view kIndexedMark = "indexed";  // what was read up to; the text tells which record it was
inline constexpr std::string_view kSnapshotMark = "snapshot";  // of the kernel's state

// Every so many records, and at the beginning of each segment, a position is kept.
inline constexpr std::uint64_t kPositionEvery = 256;

class IndexWriter {
 public:
  static base::Result<IndexWriter> prepare(db::Database& database);

  // Puts what one record says into the tables. The caller has a transaction open and comes in ledger order.
  base::Result<void> add(const ledger::Record& record);
  base::Result<void> mark(std::string_view name, const ledger::Position& position, std::string_view text);

 private:
  IndexWriter() = default;
  base::Result<void> add_position(const ledger::Record& record);
  base::Result<void> begin_call(const ledger::Record& record, const SkimmedBody& body);
  base::Result<void> end_call(const ledger::Record& record, const SkimmedBody& body);
  base::Result<void> add_changes(const std::string& changes);
  base::Result<void> add_undone(const base::Json& change);
  base::Result<void> add_answer(const base::Json& change);

  std::optional<db::Statement> insert_, finish_, answered_, undone_, undoes_, position_, mark_;
};

}  // namespace lilux::kernel
