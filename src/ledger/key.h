#pragma once

// The signing key of the checkpoints. Key n signs checkpoint n, which names the public half of key n + 1; then key n is
// overwritten on disk and in memory, so whoever takes the state later cannot sign the past again. The file holds the
// current and the next key in one of two slots: the new slot is on disk before the old one is wiped, so a crash leaves
// one or both, never none. One user at a time.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::ledger {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

bool verify_signature(const Signature& signature, std::string_view message, const PublicKey& key);

// 32 secret bytes, wiped when they go.
class Seed {
 public:
  Seed() = default;
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed();
  static Seed random();

  std::array<std::uint8_t, 32> bytes{};
};

class KeyFile {
 public:
  // A new key 0; replaces what is there.
  static base::Result<KeyFile> create(const std::string& path);
  // Also finishes a wipe that was interrupted. `unavailable` for a newer format, which is left as it is.
  static base::Result<KeyFile> open(const std::string& path);

  std::uint64_t index() const { return index_; }
  PublicKey public_key() const;
  PublicKey next_public_key() const;
  Signature sign(std::string_view message) const;
  // Makes the next key the current one and wipes the current one; durable when it returns.
  base::Result<void> evolve();

 private:
  KeyFile(sys::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  base::Result<void> write_slot(std::size_t slot) const;
  base::Result<void> wipe_slot(std::size_t slot) const;

  sys::Fd fd_;
  std::string path_;
  std::size_t slot_ = 0;
  std::uint64_t index_ = 0;
  Seed current_;
  Seed next_;
};

}  // namespace lilux::ledger
