#pragma once

// Appended records on their way to disk. Appending chains a record and puts its bytes into memory; the first caller who
// waits takes all that is queued, writes and syncs it, and everybody whose record was in it goes on. The Ledger owns
// it; any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/format.h"
#include "ledger/ledger.h"
#include "ledger/segment_file.h"

namespace lilux::ledger {

// The end of the chain.
struct Tail {
  std::uint64_t sequence = 0;
  Hash hash{};
  std::int64_t time_us = 0;
  std::uint64_t segment = 0;  // 0: none was begun
  std::uint64_t offset = 0;   // where the next record goes
};

class Queue {
 public:
  // Makes the body of a record from the tail it will follow and its time. Called under the queue's lock.
  using Statement = std::function<std::string(const Tail&, std::int64_t time_us)>;

  // `file` stands at the tail's segment; all up to the tail is on disk.
  Queue(SegmentFile file, const Tail& tail, std::size_t segment_bytes);

  base::Result<Appended> append(std::uint8_t kind, std::string_view body);
  struct Stated {
    Position position;
    Tail before;
    Tail after;
  };
  base::Result<Stated> append_statement(std::uint8_t kind, const Statement& statement);
  // `sequence` must have been appended.
  base::Result<void> wait_durable(std::uint64_t sequence);

  // A record that is not on disk yet.
  std::optional<Record> find(const Position& position) const;
  struct View {
    std::uint64_t durable = 0;
    std::vector<Chunk> chunks = {};  // everything after it
  };
  View view() const;
  Tail tail() const;
  std::uint64_t durable() const;

  std::optional<base::Error> failure() const;
  // No more records from now on.
  void fail(const base::Error& cause);

 private:
  base::Result<void> make_room(std::unique_lock<std::mutex>& lock, std::size_t bytes);
  Position add(std::uint8_t kind, std::string_view body, std::int64_t time_us);
  void start_segment();
  std::int64_t next_time() const;
  // Returns with or without the lock held.
  base::Result<void> wait(std::unique_lock<std::mutex>& lock, std::uint64_t sequence);
  void wake_all(std::uint64_t commit_number);
  void commit(std::unique_lock<std::mutex>& lock);
  base::Result<void> write_in_flight();

  mutable std::mutex mutex_;
  const std::size_t segment_bytes_;
  Tail tail_;
  std::vector<Chunk> queued_;
  std::size_t queued_bytes_ = 0;
  std::optional<base::Error> failure_;

  // One commit at a time; its number tells waiters which of the two counters is theirs, so that the end of a commit
  // wakes those it was for and one of the next, not everybody. They wait without the mutex and most go on without it.
  bool is_writing_ = false;
  std::uint64_t commit_number_ = 0;
  std::uint64_t in_flight_end_ = 0;
  std::atomic<std::uint64_t> durable_{0};
  std::array<std::atomic<std::uint32_t>, 2> done_{};
  std::vector<Chunk> in_flight_;  // changed by the writing thread only
  SegmentFile file_;              // used by the writing thread only
};

// The record at the front of `bytes`, which hold it whole.
Record to_record(const RecordHeader& header, std::string_view body, const Position& position);

}  // namespace lilux::ledger
