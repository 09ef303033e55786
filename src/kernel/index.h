#pragma once

// The index is the ledger made searchable: lilux.db, derived from the ledger alone, brought up to date before it is
// asked and whenever the daemon has time. Deleting it loses nothing. It also keeps the newest snapshot of the kernel's
// state, so that a restart replays only what came after. One process uses it at a time; any thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "ledger/ledger.h"

namespace lilux::kernel {

// One call as the index knows it; the records hold the rest.
struct CallRow {
  std::string call = {};
  std::string tool = {};
  std::string task = {};
  std::string principal = {};
  std::string cause = {};
  std::string result = {};  // ok, error, open (intent without outcome), rolled_back, rerun, unknown
  std::string error_code = {};
  std::string undo = {};       // "", exact, partial
  std::string undone_by = {};  // call that took it back
  std::string undoes = {};     // call this one takes back
  std::string need = {};       // the first thing it needed: "write fs /home/me/a"
  std::string tier = {};       // what kept in what it ran
  std::int64_t time_us = 0;
  std::int64_t wall_us = 0;
  ledger::Position first = {};                   // call or intent record
  std::optional<ledger::Position> outcome = {};  // of a call written in two
};

struct CallFilter {
  std::optional<std::string> tool = {};  // name or glob with '*'
  std::optional<std::string> task = {};
  std::optional<std::string> cause = {};
  std::optional<std::string> result = {};
  std::optional<std::int64_t> since_us = {};  // inclusive
  std::optional<std::int64_t> until_us = {};
  std::optional<std::string> before_call = {};  // for paging: older than that call
  bool has_looks = true;                        // those too that only looked at the kernel and went well
  bool only_undoable = false;                   // undo known and not undone yet, newest first
  std::int64_t limit = 50;
};

class Index {
 public:
  // Opens or creates. A damaged or older file is thrown away and rebuilt; a newer one is refused untouched.
  static base::Result<std::unique_ptr<Index>> open(const std::filesystem::path& file);
  ~Index();

  // Reads what the ledger has beyond the indexed position, in transactions of bounded size. The ledger is flushed
  // first: only what is durable is indexed, so a crash never leaves the index ahead. What does not fit this ledger is
  // rebuilt.
  base::Result<void> catch_up(ledger::Ledger& ledger);
  std::optional<ledger::Position> indexed() const;

  // The call with that id, or the one whose id ends or begins with the given text when only one does; `not_found` or
  // `invalid_argument` (several fit) otherwise. Call catch_up first.
  base::Result<CallRow> find(const std::string& call) const;
  base::Result<std::vector<CallRow>> query(const CallFilter& filter) const;
  // Calls whose cause is this one, oldest first.
  base::Result<std::vector<CallRow>> caused_by(const std::string& call) const;
  // A position at or shortly before the record with that sequence (or of the first kept one), to scan from; absent
  // beyond the end.
  base::Result<std::optional<ledger::Position>> position_of(std::uint64_t sequence) const;

  // The sequence number of a record written before that time, the last one or shortly before it; 0 when there is none.
  base::Result<std::uint64_t> sequence_at(std::int64_t time_us) const;

  struct Snapshot {
    ledger::Position position;
    std::string text;
  };
  base::Result<void> save_snapshot(const Snapshot& snapshot);
  base::Result<std::optional<Snapshot>> snapshot() const;
  // Forgets calls of segments that retention dropped.
  base::Result<void> forget_before(std::uint64_t sequence);

 private:
  struct State;
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lilux::kernel
