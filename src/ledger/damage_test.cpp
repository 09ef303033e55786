// What can be done to a ledger behind its back, and that it is seen.

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/json.h"
#include "ledger/anchor.h"
#include "ledger/statement.h"
#include "tests/support/ledger_fixture.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;

// Six records, the fourth and last of them checkpoints.
void fill_small(const LedgerFolder& folder) {
  const auto ledger = folder.open();
  for (int i = 0; i < 3; ++i) put(*ledger, "{\"n\":" + std::to_string(i) + "}");
  REQUIRE(ledger->checkpoint("first"));
  put(*ledger, "{\"n\":4}");
}

std::uint64_t data_end(const std::string& bytes) {
  return bytes.find_last_not_of('\0') + 1;
}

struct Parsed {
  RecordHeader header;
  std::string body;
};

std::vector<Parsed> parse(const std::string& bytes) {
  std::vector<Parsed> records;
  for (std::size_t at = kSegmentHeaderBytes; at < data_end(bytes);) {
    const auto header = decode_record_header(std::string_view(bytes).substr(at));
    REQUIRE(header);
    records.push_back({*header, bytes.substr(at + kRecordHeaderBytes, header->length)});
    at += header->size();
  }
  return records;
}

// The segment again with the chain computed anew: what somebody can do who knows the format and has no key.
std::string rebuilt(const std::string& old, const std::vector<Parsed>& records, bool renumber) {
  std::string out = old.substr(0, kSegmentHeaderBytes);
  Hash previous = decode_segment_header(old, "old")->previous;
  std::uint64_t sequence = decode_segment_header(old, "old")->first;
  for (const Parsed& record : records) {
    RecordHeader header = record.header;
    if (renumber) header.sequence = sequence++;
    header.settled = std::min(header.settled, header.sequence - 1);
    append_record(out, header, previous, record.body);
    previous = header.hash;
  }
  out.resize(std::max(out.size(), old.size()), '\0');
  return out;
}

TEST_CASE("every flipped bit of a closed ledger's file is found by verify, and by opening where it reads") {
  LedgerFolder folder;
  fill_small(folder);
  CHECK(folder.faults() == "");
  const std::string sound = bytes_of_file(folder.segment());
  const std::uint64_t end = data_end(sound);
  const auto flip = [&](std::size_t bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    replace_file(folder.segment(), bytes);
  };
  const AnchoredCheckpoint newest = *read_anchor(folder.options.anchor_directory).value()->newest;
  folder.save();
  for (std::size_t byte = 0; byte < end; ++byte) {
    flip(byte * 8 + byte % 8);
    const bool is_read = byte < kSegmentHeaderBytes || byte >= newest.position.offset;
    if (is_read) {
      const auto opened = Ledger::open(folder.options);
      REQUIRE_MESSAGE(!opened, "byte " << byte);
      CHECK(opened.error().code == (byte >= 8 && byte < 12 ? ErrorCode::unavailable : ErrorCode::corrupt));
      CHECK(bytes_of_file(folder.segment()) != sound);  // it was left as it is
    }
  }
}

TEST_CASE("verify finds a flipped bit at every offset") {
  LedgerFolder folder;
  fill_small(folder);
  const std::string sound = bytes_of_file(folder.segment());
  const std::uint64_t end = data_end(sound) + 200;
  // In front of another segment, so that no time is spent on waiting for a writer.
  for (std::size_t byte = 0; byte < end; byte += byte < data_end(sound) ? 1 : 37) {
    std::string bytes = sound;
    bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << byte % 8));
    replace_file(folder.segment(), bytes);
    replace_file(folder.segment(99), sound);
    CHECK_MESSAGE(folder.faults() != "", "byte " << byte);
    std::filesystem::remove(folder.segment(99));
  }
  replace_file(folder.segment(), sound);
  CHECK(folder.faults() == "");
}

}  // namespace
}  // namespace lilux::ledger
