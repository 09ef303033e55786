#pragma once

// Checks one segment by itself: form, CRC, chain, order and the signatures of its checkpoints. For verify; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/format.h"
#include "ledger/ledger.h"
#include "ledger/statement.h"

namespace lilux::ledger {

struct CheckpointSeen {
  Position position;
  Hash hash{};
  Checkpoint checkpoint;
};

struct SegmentReport {
  std::uint64_t segment = 0;
  std::optional<SegmentHeader> header = {};
  std::uint64_t records = 0;
  std::uint64_t next = 0;  // the sequence that must come in the next segment
  Hash hash{};             // of the last record
  std::int64_t time_us = 0;
  bool is_whole = false;  // everything to its end could be read
  std::vector<CheckpointSeen> checkpoints = {};
  std::vector<Kept> retentions = {};
  std::vector<Verification::Fault> faults = {};
};

enum class SegmentPlace : std::uint8_t { before_others, last };

// Damage is in the report. An error is what keeps from looking: it cannot be read, or its format is newer. The last
// segment may be written to meanwhile: a record that is not whole is given a moment to become so.
base::Result<SegmentReport> check_segment(const std::string& directory, std::uint64_t segment, SegmentPlace place,
                                          const PublicKey& root);

}  // namespace lilux::ledger
