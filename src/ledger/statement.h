#pragma once

// What the ledger says about itself in records of its own: checkpoints (kind 254) and retention (kind 255). Bodies are
// compact JSON; a checkpoint's signature covers the values, not the text. Values; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "ledger/key.h"
#include "ledger/ledger.h"

namespace lilux::ledger {

// "Everything up to the record before me is as it was": signed with key `index`, which dies with it.
struct Checkpoint {
  std::uint64_t index = 0;
  Hash head{};  // of the record before
  PublicKey key{};
  PublicKey next{};  // signs checkpoint index + 1
  std::string note = {};
  Signature signature{};
};

// What is outside of the statement and yet signed.
struct Signed {
  PublicKey root{};            // key 0 of this ledger
  std::uint64_t sequence = 0;  // of the checkpoint's own record
  std::int64_t time_us = 0;
};

inline constexpr std::size_t kNoteBytesMax = 4096;

std::string signed_message(const Checkpoint& checkpoint, const Signed& about);
bool signature_matches(const Checkpoint& checkpoint, const Signed& about);
base::Json to_json(const Checkpoint& checkpoint);
base::Result<Checkpoint> checkpoint_from(const base::Json& json);
base::Result<Checkpoint> parse_checkpoint(std::string_view body);

// Where verification begins: nothing was dropped and the root key, or what retention left.
struct Kept {
  std::uint64_t first = 1;
  Hash head{};            // of the record before
  std::uint64_t key = 0;  // of the first checkpoint from there on
  PublicKey public_key{};
  friend bool operator==(const Kept&, const Kept&) = default;
};

Kept everything_kept(const PublicKey& root);
base::Json to_json(const Kept& kept);
base::Result<Kept> kept_from(const base::Json& json);
base::Result<Kept> parse_kept(std::string_view body);

}  // namespace lilux::ledger
