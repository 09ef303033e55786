#include "ledger/format.h"

#include <string>

#include <doctest/doctest.h>

namespace lilux::ledger {
namespace {

TEST_CASE("a segment header comes back as it was written") {
  SegmentHeader header{.first = 77, .time_us = -5};
  header.previous.fill(9);
  const std::string bytes = encode(header);
  CHECK(bytes.size() == kSegmentHeaderBytes);
  const auto back = decode_segment_header(bytes, "x");
  REQUIRE(back);
  CHECK(back->first == 77);
  CHECK(back->time_us == -5);
  CHECK(back->previous == header.previous);
}

TEST_CASE("every flipped bit of a segment header is noticed") {
  const std::string bytes = encode(SegmentHeader{.first = 1});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(decode_segment_header(flipped, "x"));
  }
  CHECK_FALSE(decode_segment_header(bytes.substr(0, bytes.size() - 1), "x"));
  CHECK_FALSE(decode_segment_header("", "x"));
}

TEST_CASE("a segment of a newer format is unavailable, not corrupt") {
  std::string bytes = encode(SegmentHeader{.first = 1});
  bytes[8] = 2;
  const auto header = decode_segment_header(bytes, "00000000000000000001.ledger");
  REQUIRE_FALSE(header);
  CHECK(header.error().code == base::ErrorCode::unavailable);
  CHECK(header.error().message == "segment '00000000000000000001.ledger' has format 2; this program knows 1");
}

TEST_CASE("a record comes back as it was written and every flipped bit is noticed") {
  Hash previous;
  previous.fill(3);
  RecordHeader header{.sequence = 12, .time_us = 1'700'000'000'000'000, .settled = 11, .kind = 4};
  std::string bytes;
  append_record(bytes, header, previous, R"({"a":1})");
  const auto back = decode_record_header(bytes);
  REQUIRE(back);
  CHECK(back->sequence == 12);
  CHECK(back->time_us == 1'700'000'000'000'000);
  CHECK(back->settled == 11);
  CHECK(back->kind == 4);
  CHECK(back->length == 7);
  CHECK(back->size() == bytes.size());
  CHECK(back->hash == hash_of(previous, bytes));
  CHECK(back->hash != hash_of(Hash{}, bytes));
  CHECK(crc_matches(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto read = decode_record_header(flipped);
    CHECK((!read || read->size() != flipped.size() || !crc_matches(flipped)));
  }
}

TEST_CASE("a record that says it was durable before it was made is no record") {
  RecordHeader header{.sequence = 5, .settled = 5};
  std::string bytes;
  append_record(bytes, header, Hash{}, "{}");
  CHECK_FALSE(decode_record_header(bytes));
}

TEST_CASE("a record whose reserved bytes are not zero is no record") {
  RecordHeader header{.sequence = 1, .kind = 1};
  std::string bytes;
  append_record(bytes, header, Hash{}, "{}");
  for (std::size_t at = 65; at < kRecordHeaderBytes; ++at) {
    std::string changed = bytes;
    changed[at] = 1;
    CHECK_FALSE(decode_record_header(changed));
  }
  CHECK(decode_record_header(bytes));
}

TEST_CASE("only a segment's own name is a segment's name") {
  CHECK(segment_name(1) == "00000000000000000001.ledger");
  CHECK(segment_of_name(segment_name(UINT64_MAX)) == UINT64_MAX);
  CHECK(segment_of_name("00000000000000000123.ledger") == 123);
  for (const char* other :
       {"", "key", "1.ledger", "00000000000000000000.ledger", "0000000000000000012x.ledger",
        "-0000000000000000012.ledger", "00000000000000000001.ledger~", "99999999999999999999.ledger"}) {
    CHECK_FALSE(segment_of_name(other));
  }
}

TEST_CASE("zeros are told from the rest") {
  CHECK(is_zero(""));
  CHECK(is_zero(std::string(100, '\0')));
  for (std::size_t at = 0; at < 100; ++at) {
    std::string bytes(100, '\0');
    bytes[at] = 1;
    CHECK_FALSE(is_zero(bytes));
  }
}

}  // namespace
}  // namespace lilux::ledger
