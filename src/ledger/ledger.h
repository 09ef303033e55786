#pragma once

// The ledger is the truth: an append-only, hash-chained record of everything the kernel decides and does. Records lie
// in preallocated segment files; each carries its length, a CRC and the SHA-256 of itself chained to the one before.
// Appending queues; wait_durable joins a group commit that many callers share. Signed checkpoints bound what cutting
// off the end can hide. One process holds a ledger for writing (the kernel's lock sees to it). All functions may be
// called from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::ledger {

// Where a record lies: enough to read it back without searching.
struct Position {
  std::uint64_t sequence = 0;  // 1 for the first record of a ledger's life, never reused
  std::uint64_t segment = 0;   // sequence of the segment's first record; also its file name
  std::uint64_t offset = 0;    // of the record's header in that file
  friend bool operator==(const Position&, const Position&) = default;
};

// A record that was just appended, with the time it bears.
struct Appended : Position {
  std::int64_t time_us = 0;
};

using Hash = std::array<std::uint8_t, 32>;

struct Record {
  Position position = {};
  std::int64_t time_us = 0;  // wall clock, microseconds since 1970; never decreases along the chain
  std::uint8_t kind = 0;     // the kernel's; 254 and 255 are the ledger's own checkpoint and retention records
  std::string body = {};     // one compact JSON object
};

struct Options {
  std::filesystem::path directory;         // segments; created 0700
  std::filesystem::path anchor_directory;  // outside the state folder: root public key and newest checkpoint
  std::size_t segment_bytes = std::size_t{16} << 20;
};

struct Head {
  std::uint64_t sequence = 0;  // of the newest appended record; 0 when empty
  Hash hash{};
};

struct Verification {
  std::uint64_t records = 0;
  std::uint64_t first_sequence = 1;  // larger after retention
  std::uint64_t checkpoints = 0;     // signatures that were checked
  std::uint64_t newest_checkpoint = 0;
  struct Fault {
    Position position;
    std::string what;  // "hash does not match: the record or one before it was changed", ...
  };
  std::vector<Fault> faults;  // empty when sound; the first few otherwise
};

class Ledger {
 public:
  // Opens or creates. A torn tail beyond the last whole record is cut off when nothing signed is missing; a break below
  // the newest checkpoint is `corrupt` and leaves every file untouched, as does a format newer than this program.
  static base::Result<std::unique_ptr<Ledger>> open(const Options& options);
  ~Ledger();  // flushes and writes a checkpoint

  // Queues one record and gives its position. Fails with `unavailable` once the disk has failed (see failure()), or
  // `invalid_argument` beyond kBodyBytesMax. Does not block on I/O unless the queue is full.
  base::Result<Appended> append(std::uint8_t kind, std::string_view body);
  // Blocks until that record and all before it are on disk; callers share one write and one sync.
  base::Result<void> wait_durable(std::uint64_t sequence);
  // Everything appended so far.
  base::Result<void> flush();
  // Signs {count, head, time, `note`} with the current key, evolves the key, anchors it outside. No-op when nothing
  // came since the last one. `note` is the caller's (the policy version).
  base::Result<void> checkpoint(std::string_view note);

  base::Result<Record> read(const Position& position) const;
  // Calls `each` for every record from `from` (or the first kept one) in order until it returns false. Sees what was
  // appended up to the call, durable or not. A damaged record ends it with `corrupt`.
  base::Result<void> scan(std::optional<Position> from, const std::function<bool(const Record&)>& each) const;
  // Drops whole segments that end before `before_sequence`, leaving a signed statement of what was dropped so that
  // the rest still verifies; gives the first sequence still kept. The caller has put what is still alive into newer
  // records.
  base::Result<std::uint64_t> retain_from(std::uint64_t before_sequence);

  Head head() const;
  std::uint64_t durable_sequence() const;
  // Why the ledger takes no more records; empty while it does.
  std::optional<base::Error> failure() const;

 private:
  explicit Ledger(const Options& options);
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr std::size_t kBodyBytesMax = std::size_t{1} << 20;
inline constexpr std::uint8_t kCheckpointKind = 254;
inline constexpr std::uint8_t kRetentionKind = 255;

// Reads every record, recomputes CRC, hash chain, sequence and time order, and checks every checkpoint's signature back
// to the root key. Works on a ledger nobody holds and on a live one (up to its durable end).
base::Result<Verification> verify(const Options& options);

}  // namespace lilux::ledger
