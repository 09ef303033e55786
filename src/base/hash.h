#pragma once

// SHA-256, HMAC-SHA-256 and CRC-32C, with the processor's instructions where it has them. Any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::base {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(std::string_view bytes);
// Of both, one after the other.
Sha256Digest sha256(std::string_view first, std::string_view second);

// Of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  Sha256Digest digest();  // once

 private:
  alignas(8) std::array<std::byte, 128> context_;
};

// Equal, told in a time that does not depend on where they differ; how long they are is no secret.
bool same_secret(std::string_view left, std::string_view right);

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// The CRC of `bytes` after something that had `before`; 0 at the beginning.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256Digest& digest);
Result<std::string> from_hex(std::string_view text);

}  // namespace lilux::base
