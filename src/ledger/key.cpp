#include "ledger/key.h"

#include <cassert>
#include <cstring>
#include <optional>
#include <tuple>

#include <fcntl.h>
#include <sodium.h>

#include "base/hash.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::string_view kMagic = "LILUXKEY";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSlotBytes = 128;
constexpr std::size_t kSlotStride = 4096;  // wiping one block must not rewrite the other
constexpr std::size_t kIndexAt = 16;
constexpr std::size_t kCurrentAt = 24;
constexpr std::size_t kNextAt = 56;
constexpr std::size_t kCrcAt = kSlotBytes - 4;

// The bytes of one slot, wiped when they go.
struct Slot {
  std::array<char, kSlotBytes> bytes{};
  ~Slot() { sodium_memzero(bytes.data(), bytes.size()); }

  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  std::uint32_t crc() const { return base::crc32c(view().substr(0, kCrcAt)); }
  template <class T>
  void put(std::size_t at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
  template <class T>
  T get(std::size_t at) const {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  bool is_ours() const { return view().starts_with(kMagic); }
  std::uint32_t version() const { return get<std::uint32_t>(kMagic.size()); }
  bool is_sound() const { return is_ours() && version() == kVersion && get<std::uint32_t>(kCrcAt) == crc(); }
  bool is_empty() const {
    return sodium_is_zero(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
  }
};

struct KeyPair {
  PublicKey open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
  explicit KeyPair(const Seed& seed) { crypto_sign_seed_keypair(open.data(), secret.data(), seed.bytes.data()); }
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool verify_signature(const Signature& signature, std::string_view message, const PublicKey& key) {
  return crypto_sign_verify_detached(signature.data(), bytes_of(message), message.size(), key.data()) == 0;
}

Seed::~Seed() {
  sodium_memzero(bytes.data(), bytes.size());
}

Seed Seed::random() {
  const int ready = sodium_init();  // safe to repeat
  assert(ready >= 0);
  std::ignore = ready;  // only the assert reads it
  Seed seed;
  randombytes_buf(seed.bytes.data(), seed.bytes.size());
  return seed;
}

Result<KeyFile> KeyFile::create(const std::string& path) {
  KeyFile key(TRY(sys::open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600)), path);
  key.current_ = Seed::random();
  key.next_ = Seed::random();
  TRY(key.write_slot(0));
  TRY(sys::sync_data(key.fd_.get(), path));
  return key;
}

Result<KeyFile> KeyFile::open(const std::string& path) {
  KeyFile key(TRY(sys::open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)), path);
  std::array<Slot, 2> slots;
  std::optional<std::size_t> newest;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    TRY(sys::read_at(key.fd_.get(), i * kSlotStride, std::span<char>(slots[i].bytes), path));
    if (slots[i].is_ours() && slots[i].version() > kVersion) {
      return fail(ErrorCode::unavailable, "the signing key " + sys::quoted(path) + " has a newer format",
                  "use the newer lilux that wrote it");
    }
    if (!slots[i].is_sound()) continue;
    if (!newest || slots[i].get<std::uint64_t>(kIndexAt) > slots[*newest].get<std::uint64_t>(kIndexAt)) newest = i;
  }
  if (!newest) return fail(ErrorCode::corrupt, "the signing key " + sys::quoted(path) + " is damaged");
  key.slot_ = *newest;
  key.index_ = slots[*newest].get<std::uint64_t>(kIndexAt);
  key.current_.bytes = slots[*newest].get<PublicKey>(kCurrentAt);
  key.next_.bytes = slots[*newest].get<PublicKey>(kNextAt);
  if (!slots[1 - *newest].is_empty()) TRY(key.wipe_slot(1 - *newest));
  return key;
}

PublicKey KeyFile::public_key() const {
  return KeyPair(current_).open;
}
PublicKey KeyFile::next_public_key() const {
  return KeyPair(next_).open;
}

Signature KeyFile::sign(std::string_view message) const {
  const KeyPair pair(current_);
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, bytes_of(message), message.size(), pair.secret.data());
  return signature;
}

Result<void> KeyFile::evolve() {
  const std::size_t old_slot = slot_;
  current_ = next_;
  next_ = Seed::random();
  ++index_;
  slot_ = 1 - old_slot;
  TRY(write_slot(slot_));
  TRY(sys::sync_data(fd_.get(), path_));
  return wipe_slot(old_slot);
}

Result<void> KeyFile::write_slot(std::size_t slot) const {
  Slot bytes;
  kMagic.copy(bytes.bytes.data(), kMagic.size());
  bytes.put(kMagic.size(), kVersion);
  bytes.put(kIndexAt, index_);
  bytes.put(kCurrentAt, current_.bytes);
  bytes.put(kNextAt, next_.bytes);
  bytes.put(kCrcAt, bytes.crc());
  return sys::write_at(fd_.get(), slot * kSlotStride, bytes.view(), path_);
}

Result<void> KeyFile::wipe_slot(std::size_t slot) const {
  const Slot empty;
  TRY(sys::write_at(fd_.get(), slot * kSlotStride, empty.view(), path_));
  return sys::sync_data(fd_.get(), path_);
}

}  // namespace lilux::ledger
