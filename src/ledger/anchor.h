#pragma once

// The file outside the state folder that says what the ledger must contain: its root public key, where verification
// begins and a copy of the newest checkpoint. Readable JSON, so that it can be copied elsewhere by hand. Values.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/statement.h"

namespace lilux::ledger {

struct AnchoredCheckpoint {
  Position position = {};
  std::int64_t time_us = 0;
  Hash hash{};  // of its record
  Checkpoint checkpoint = {};
};

struct Anchor {
  PublicKey root{};
  Kept kept = {};
  std::optional<AnchoredCheckpoint> newest = {};
};

std::string anchor_path(const std::filesystem::path& directory);
// nullopt when there is none; `corrupt` when it cannot be understood or its own signature fails, `unavailable` for a
// newer format.
base::Result<std::optional<Anchor>> read_anchor(const std::filesystem::path& directory);
// Durable when it returns.
base::Result<void> write_anchor(const std::filesystem::path& directory, const Anchor& anchor);

}  // namespace lilux::ledger
