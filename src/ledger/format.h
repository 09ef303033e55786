#pragma once

// The bytes of a segment file: one header, then records one after the other, then zeros. All numbers are little endian.
// docs/ledger.md is the same in words. Pure functions; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/ledger.h"

namespace lilux::ledger {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 80;
inline constexpr std::size_t kRecordHeaderBytes = 72;

// What a segment says about the records before it, so that it can be checked by itself.
struct SegmentHeader {
  std::uint64_t first = 0;   // sequence of its first record
  std::int64_t time_us = 0;  // of the record before that
  Hash previous{};           // of the record before that
};

struct RecordHeader {
  Hash hash{};
  std::uint32_t length = 0;  // of the body
  std::uint64_t sequence = 0;
  std::int64_t time_us = 0;
  std::uint64_t settled = 0;  // all records up to here were on disk when this one was made
  std::uint8_t kind = 0;

  std::size_t size() const { return kRecordHeaderBytes + length; }
};

std::string encode(const SegmentHeader& header);
// `unavailable` for a newer format, `corrupt` for anything else that is no header. `name` is for the message.
base::Result<SegmentHeader> decode_segment_header(std::string_view bytes, std::string_view name);

// Appends the record to `out`, computing its hash and CRC; `header.hash` and `header.length` are set here.
void append_record(std::string& out, RecordHeader& header, const Hash& previous, std::string_view body);
// The header at the front of `bytes`; nullopt when those bytes cannot be one. Checks its form, not the CRC.
std::optional<RecordHeader> decode_record_header(std::string_view bytes);
// For a whole record, header and body.
bool crc_matches(std::string_view record);
Hash hash_of(const Hash& previous, std::string_view record);

bool is_zero(std::string_view bytes);

// What the first record of a ledger is chained to.
Hash genesis_hash(std::string_view root_public_key);

std::string segment_name(std::uint64_t first);
// nullopt when it is no segment's name.
std::optional<std::uint64_t> segment_of_name(std::string_view name);

std::string to_hex(const Hash& hash);
std::optional<Hash> hash_from_hex(std::string_view text);

}  // namespace lilux::ledger
