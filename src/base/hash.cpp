#include "base/hash.h"

#include <cstring>
#include <new>

#include <openssl/sha.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace lilux::base {

namespace {

static_assert(sizeof(SHA256_CTX) <= 128);

SHA256_CTX* context_of(std::array<std::byte, 128>& bytes) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(bytes.data()));
}

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78u : 0u);
    table[i] = value;
  }
  return table;
}

std::uint32_t crc_by_table(const char* at, std::size_t size, std::uint32_t crc) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table();
  for (std::size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint8_t>(at[i])) & 0xFF];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(const char* at, std::size_t size,
                                                                   std::uint32_t crc) {
  std::uint64_t wide = crc;
  for (; size >= 8; size -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; size > 0; --size, ++at) narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(*at));
  return narrow;
}
#endif

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
  return sha256(bytes, {});
}

Sha256Digest sha256(std::string_view first, std::string_view second) {
  Sha256 hash;
  hash.add(first);
  hash.add(second);
  return hash.digest();
}

Sha256::Sha256() : context_{} {
  SHA256_Init(new (context_.data()) SHA256_CTX);
}
void Sha256::add(std::string_view bytes) {
  SHA256_Update(context_of(context_), bytes.data(), bytes.size());
}
Sha256Digest Sha256::digest() {
  Sha256Digest made{};
  SHA256_Final(made.data(), context_of(context_));
  return made;
}

// The two nested hashes by hand: the library's own function would load its provider machinery first.
bool same_secret(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned differing = 0;
  for (std::size_t i = 0; i < left.size(); ++i) differing |= static_cast<unsigned char>(left[i] ^ right[i]);
  return differing == 0;
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<char, 64> inner{};
  std::array<char, 64> outer{};
  const Sha256Digest short_key = key.size() > 64 ? sha256(key) : Sha256Digest{};
  if (key.size() > 64)
    std::memcpy(inner.data(), short_key.data(), short_key.size());
  else if (!key.empty())
    std::memcpy(inner.data(), key.data(), key.size());
  outer = inner;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  const Sha256Digest first = sha256({inner.data(), inner.size()}, bytes);
  return sha256({outer.data(), outer.size()}, {reinterpret_cast<const char*>(first.data()), first.size()});
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~crc_by_instruction(bytes.data(), bytes.size(), ~before);
#endif
  return ~crc_by_table(bytes.data(), bytes.size(), ~before);
}

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string to_hex(const Sha256Digest& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Result<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(ErrorCode::invalid_argument, "hexadecimal text has an odd number of digits");
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_of(text[i]);
    const int low = digit_of(text[i + 1]);
    if (high < 0 || low < 0)
      return fail(ErrorCode::invalid_argument, "not a hexadecimal digit at " + std::to_string(i));
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace lilux::base
