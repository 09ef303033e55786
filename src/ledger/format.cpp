#include "ledger/format.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "base/hash.h"
#include "base/number.h"
#include "sys/error.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kMagic = "LILUXLDG";
constexpr std::string_view kNameEnd = ".ledger";
constexpr std::size_t kDigits = 20;

// Where the fields of a record's header lie. The CRC covers everything after itself, the hash everything after itself.
constexpr std::size_t kCrcAt = 0;
constexpr std::size_t kHashAt = 4;
constexpr std::size_t kLengthAt = 36;
constexpr std::size_t kSequenceAt = 40;
constexpr std::size_t kTimeAt = 48;
constexpr std::size_t kSettledAt = 56;
constexpr std::size_t kKindAt = 64;
constexpr std::size_t kReservedAt = 65;

constexpr std::size_t kSegmentCrcAt = kSegmentHeaderBytes - 4;

template <class T>
void put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T get(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string_view view(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

std::string encode(const SegmentHeader& header) {
  std::string out(kSegmentHeaderBytes, '\0');
  kMagic.copy(out.data(), kMagic.size());
  put(&out[8], kFormatVersion);
  put(&out[16], header.first);
  put(&out[24], header.time_us);
  put(&out[32], header.previous);
  put(&out[kSegmentCrcAt], base::crc32c(std::string_view(out).substr(0, kSegmentCrcAt)));
  return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, std::string_view name) {
  const auto corrupt = [&](std::string_view why) {
    return fail(ErrorCode::corrupt, "segment " + sys::quoted(name) + ": " + std::string(why));
  };
  if (bytes.size() < kSegmentHeaderBytes) return corrupt("the file is too short for a header");
  if (!bytes.starts_with(kMagic)) return corrupt("this is no segment");
  const auto version = get<std::uint32_t>(bytes, 8);
  const bool is_sound = get<std::uint32_t>(bytes, kSegmentCrcAt) == base::crc32c(bytes.substr(0, kSegmentCrcAt));
  if (version > kFormatVersion) {
    return fail(ErrorCode::unavailable,
                "segment " + sys::quoted(name) + " has format " + std::to_string(version) + "; this program knows " +
                    std::to_string(kFormatVersion),
                "use the newer lilux that wrote it");
  }
  if (!is_sound || version == 0) return corrupt("its header is damaged");
  SegmentHeader header{.first = get<std::uint64_t>(bytes, 16), .time_us = get<std::int64_t>(bytes, 24)};
  header.previous = get<Hash>(bytes, 32);
  return header;
}

void append_record(std::string& out, RecordHeader& header, const Hash& previous, std::string_view body) {
  assert(body.size() <= kBodyBytesMax);
  header.length = static_cast<std::uint32_t>(body.size());
  const std::size_t start = out.size();
  out.append(kRecordHeaderBytes, '\0').append(body);
  char* const at = out.data() + start;
  put(at + kLengthAt, header.length);
  put(at + kSequenceAt, header.sequence);
  put(at + kTimeAt, header.time_us);
  put(at + kSettledAt, header.settled);
  put(at + kKindAt, header.kind);
  const std::string_view record(at, header.size());
  header.hash = hash_of(previous, record);
  put(at + kHashAt, header.hash);
  put(at + kCrcAt, base::crc32c(record.substr(kHashAt)));
}

std::optional<RecordHeader> decode_record_header(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  RecordHeader header{.hash = get<Hash>(bytes, kHashAt),
                      .length = get<std::uint32_t>(bytes, kLengthAt),
                      .sequence = get<std::uint64_t>(bytes, kSequenceAt),
                      .time_us = get<std::int64_t>(bytes, kTimeAt),
                      .settled = get<std::uint64_t>(bytes, kSettledAt),
                      .kind = get<std::uint8_t>(bytes, kKindAt)};
  const bool is_one = is_zero(bytes.substr(kReservedAt, kRecordHeaderBytes - kReservedAt)) &&
                      header.length <= kBodyBytesMax && header.settled < header.sequence;
  if (!is_one) return std::nullopt;
  return header;
}

bool crc_matches(std::string_view record) {
  return get<std::uint32_t>(record, kCrcAt) == base::crc32c(record.substr(kHashAt));
}

Hash hash_of(const Hash& previous, std::string_view record) {
  return base::sha256(view(previous), record.substr(kLengthAt));
}

bool is_zero(std::string_view bytes) {
  return bytes.empty() || (bytes.front() == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

Hash genesis_hash(std::string_view root_public_key) {
  return base::sha256("lilux ledger genesis\n", root_public_key);
}

std::string segment_name(std::uint64_t first) {
  const std::string digits = std::to_string(first);
  return std::string(kDigits - digits.size(), '0').append(digits).append(kNameEnd);
}

std::optional<std::uint64_t> segment_of_name(std::string_view name) {
  if (name.size() != kDigits + kNameEnd.size() || !name.ends_with(kNameEnd)) return std::nullopt;
  const auto first = base::number_from<std::uint64_t>(name.substr(0, kDigits));
  return first == 0U ? std::nullopt : first;
}

std::string to_hex(const Hash& hash) {
  return base::to_hex(hash);
}

std::optional<Hash> hash_from_hex(std::string_view text) {
  const Result<std::string> bytes = base::from_hex(text);
  if (!bytes || bytes->size() != sizeof(Hash)) return std::nullopt;
  Hash hash;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

}  // namespace lilux::ledger
