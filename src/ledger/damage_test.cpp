// What can be done to a ledger behind its back, and that it is seen.

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hash.h"
#include "base/json.h"
#include "ledger/anchor.h"
#include "ledger/key.h"
#include "ledger/segment_check.h"
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
      const bool looks_newer = byte > 8 && byte < 12;
      CHECK(opened.error().code == (looks_newer ? ErrorCode::unavailable : ErrorCode::corrupt));
      CHECK(bytes_of_file(folder.segment()) != sound);  // it was left as it is
    }
  }
}

TEST_CASE("verify finds a flipped bit at every offset, in records and in the zeros after them") {
  const LedgerFolder folder;
  fill_small(folder);
  const PublicKey root = read_anchor(folder.options.anchor_directory).value()->root;
  const std::string directory = folder.options.directory.string();
  const std::string sound = bytes_of_file(folder.segment());
  // As if another segment followed: no time is spent on waiting for a writer.
  const auto faults = [&] { return check_segment(directory, 1, SegmentPlace::before_others, root); };
  CHECK(faults()->faults.empty());
  for (std::size_t byte = 0; byte < sound.size(); byte += byte < data_end(sound) ? 1U : 61U) {
    std::string bytes = sound;
    bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << byte % 8));
    replace_file(folder.segment(), bytes);
    const auto report = faults();
    CHECK_MESSAGE((!report || !report->faults.empty()), "byte " << byte);
    if (byte % 1000 == 0) CHECK(folder.faults() != "");
  }
}

TEST_CASE("a ledger cut short at any offset is refused when the checkpoint is gone and whole when it is not") {
  LedgerFolder folder;
  fill_small(folder);
  const std::string sound = bytes_of_file(folder.segment());
  folder.save();
  for (std::size_t size = 0; size < sound.size(); size += size < data_end(sound) ? 1U : 997U) {
    folder.restore();
    replace_file(folder.segment(), sound.substr(0, size));
    const auto opened = Ledger::open(folder.options);
    CHECK_MESSAGE(opened.has_value() == (size >= data_end(sound)), "size " << size);
    if (!opened) CHECK(opened.error().code == ErrorCode::corrupt);
    if (!opened) CHECK(bytes_of_file(folder.segment()).size() == size);
    if (size % 500 == 0 && !opened) CHECK(folder.faults() != "");
  }
}

TEST_CASE("after a kill the file may end anywhere: what is left is a whole prefix") {
  LedgerFolder folder;
  {
    const auto ledger = folder.open();
    put(*ledger, "{\"n\":0}");
    REQUIRE(ledger->checkpoint({}));
    for (int i = 0; i < 7; ++i) put(*ledger, "{\"n\":" + std::to_string(i) + "}");
    REQUIRE(ledger->flush());
    folder.save();  // as a kill would leave it: the destructor's checkpoint is not in it
  }
  folder.restore();
  const std::string whole = bytes_of_file(folder.segment());
  const std::vector<Parsed> all = parse(whole);
  REQUIRE(all.size() == 9);
  const std::uint64_t signed_end = kSegmentHeaderBytes + all[0].header.size() + all[1].header.size();
  for (std::size_t size = signed_end; size <= data_end(whole); ++size) {
    folder.restore();
    std::string torn = whole.substr(0, size);
    if (size % 2 == 0) torn.resize(whole.size(), '\0');
    replace_file(folder.segment(), torn);
    std::size_t expected = 0;
    for (std::size_t end = kSegmentHeaderBytes; expected < all.size() && end + all[expected].header.size() <= size;) {
      end += all[expected++].header.size();
    }
    const auto opened = Ledger::open(folder.options);
    REQUIRE_MESSAGE(opened, "size " << size << ": " << opened.error().message);
    CHECK((*opened)->head().sequence == expected);
    put(**opened, "{\"after\":1}");
  }
  CHECK(folder.faults() == "");
}

TEST_CASE("a record that was durable and is damaged is not taken for a torn one") {
  LedgerFolder folder;
  {
    const auto ledger = folder.open();
    for (int i = 0; i < 3; ++i) {
      put(*ledger, "{\"n\":" + std::to_string(i) + "}");
      REQUIRE(ledger->flush());
    }
    folder.save();
  }
  folder.restore();
  std::string bytes = bytes_of_file(folder.segment());
  bytes[kSegmentHeaderBytes + kRecordHeaderBytes + 2] ^= 1;
  replace_file(folder.segment(), bytes);
  const auto opened = Ledger::open(folder.options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message ==
        "the ledger is damaged: record 1 in 00000000000000000001.ledger was on disk and is not whole any more");
  CHECK(bytes_of_file(folder.segment()) == bytes);
}

TEST_CASE("a reserved byte that is not zero is told although the record's hash and CRC fit") {
  LedgerFolder folder;
  {
    const auto ledger = folder.open();
    for (int i = 0; i < 3; ++i) {
      put(*ledger, "{\"n\":" + std::to_string(i) + "}");
      REQUIRE(ledger->flush());
    }
    folder.save();
  }
  const std::string sound = bytes_of_file(folder.segment());
  const std::size_t size = decode_record_header(std::string_view(sound).substr(kSegmentHeaderBytes))->size();
  const Hash previous = decode_segment_header(sound, "sound")->previous;
  for (std::size_t reserved = 65; reserved < kRecordHeaderBytes; ++reserved) {
    folder.restore();
    std::string record = sound.substr(kSegmentHeaderBytes, size);
    record[reserved] = 1;
    const Hash hash = hash_of(previous, record);
    std::ranges::copy(hash, record.begin() + 4);
    const std::uint32_t crc = base::crc32c(std::string_view(record).substr(4));
    std::memcpy(record.data(), &crc, sizeof crc);
    CHECK(crc_matches(record));
    std::string bytes = sound;
    replace_file(folder.segment(), bytes.replace(kSegmentHeaderBytes, size, record));
    CHECK(folder.faults() == "these bytes are no record: damaged, or not written to the end");
    const auto opened = Ledger::open(folder.options);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message ==
          "the ledger is damaged: record 1 in 00000000000000000001.ledger was on disk and is not whole any more");
  }
}

// Each change is made with the whole chain computed anew.
TEST_CASE("an edit, a drop, a swap and a new time are found although the chain was computed anew") {
  LedgerFolder folder;
  fill_small(folder);
  const std::string sound = bytes_of_file(folder.segment());
  const auto change_and_ask = [&](const std::function<void(std::vector<Parsed>&)>& change, bool renumber = true) {
    std::vector<Parsed> records = parse(sound);
    change(records);
    replace_file(folder.segment(), rebuilt(sound, records, renumber));
    return folder.faults();
  };
  CHECK(change_and_ask([](auto&) {}) == "");
  CHECK(change_and_ask([](auto& records) { records[1].body[5] = '9'; }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records[4].body[5] = '9'; }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records.erase(records.begin() + 1); }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records.erase(records.begin() + 1); }, false) == "record 2 should be here");
  CHECK(change_and_ask([](auto& records) { std::swap(records[0].body, records[2].body); }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records[0].header.time_us -= 1'000'000; }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records[2].header.time_us = 0; }) ==
        "it is older than the record before it");
  CHECK(change_and_ask([](auto& records) { records[0].header.kind = 2; }) ==
        "the checkpoint was signed for another record before it");
  CHECK(change_and_ask([](auto& records) { records.pop_back(); }) ==
        "the newest anchored checkpoint is not there: the end was cut off or replaced");
  CHECK(change_and_ask([](auto& records) { records[5].header.time_us += 1; }) ==
        "the checkpoint's signature does not match");
  // Without any checkpoint of its own left to contradict it.
  CHECK(change_and_ask([](auto& records) {
          records.erase(records.begin() + 3);
          records.back().header.kind = 1;
          records.back().body = "{}";
          records[0].body[5] = '7';
        }) == "the newest anchored checkpoint is not there: the end was cut off or replaced");
}

TEST_CASE("a checkpoint signed with a key of one's own is not believed") {
  LedgerFolder folder;
  fill_small(folder);
  const std::string sound = bytes_of_file(folder.segment());
  std::vector<Parsed> records = parse(sound);
  const PublicKey root = read_anchor(folder.options.anchor_directory).value()->root;
  const auto forger = KeyFile::create((folder.options.directory / "forged").string());
  REQUIRE(forger);
  records[1].body[5] = '9';
  std::vector<Parsed> before(records.begin(), records.begin() + 3);
  Checkpoint checkpoint = *parse_checkpoint(records[3].body);
  checkpoint.head = parse(rebuilt(sound, before, true)).back().header.hash;
  checkpoint.key = forger->public_key();
  checkpoint.next = forger->next_public_key();
  checkpoint.signature =
      forger->sign(signed_message(checkpoint, {.root = root, .sequence = 4, .time_us = records[3].header.time_us}));
  records[3].body = base::to_text(to_json(checkpoint));
  records.resize(4);
  replace_file(folder.segment(), rebuilt(sound, records, true));
  CHECK(folder.faults() == "the checkpoint is not signed with the key that was to follow");
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
}

TEST_CASE("an older copy of the whole state is refused: the anchor knows more") {
  LedgerFolder folder;
  fill_small(folder);
  folder.save();
  put(*folder.open(), "{}");
  const std::string anchor = bytes_of_file(folder.anchor());
  folder.restore();
  replace_file(folder.anchor(), anchor);
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
  CHECK(folder.faults() == "the newest anchored checkpoint is not there: the end was cut off or replaced");
}

TEST_CASE("a cut end is found by the key even when an older anchor was put back") {
  LedgerFolder folder;
  fill_small(folder);
  const std::string segment = bytes_of_file(folder.segment());
  const std::string anchor = bytes_of_file(folder.anchor());
  put(*folder.open(), "{}");
  replace_file(folder.segment(), segment);
  replace_file(folder.anchor(), anchor);
  const auto opened = Ledger::open(folder.options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message == "the ledger is damaged: a checkpoint that was signed is missing at its end");
}

TEST_CASE("a missing, damaged or newer anchor is told plainly and nothing is touched") {
  LedgerFolder folder;
  fill_small(folder);
  folder.save();
  const std::string anchor = bytes_of_file(folder.anchor());
  const std::string segment = bytes_of_file(folder.segment());
  std::filesystem::remove(folder.anchor());
  auto opened = Ledger::open(folder.options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::corrupt);
  CHECK(opened.error().message == "the ledger's anchor '" + folder.anchor().string() + "' is missing");
  CHECK_FALSE(verify(folder.options));
  for (std::size_t byte = 0; byte < anchor.size(); ++byte) {
    std::string flipped = anchor;
    flipped[byte] = static_cast<char>(flipped[byte] ^ 1);
    replace_file(folder.anchor(), flipped);
    opened = Ledger::open(folder.options);
    const bool is_seen = !opened;
    CHECK_MESSAGE((is_seen || flipped[byte] == '!' || flipped[byte] == '\v'), "byte " << byte << " " << anchor[byte]);
    if (!opened) CHECK(opened.error().message.find("anchor") != std::string::npos);
  }
  for (const char* other : {"", "garbage", "{}", "[]", "{\"format\":1}", "\x00\x01"}) {
    replace_file(folder.anchor(), other);
    CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
  }
  replace_file(folder.anchor(), "{\"format\":2}");
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::unavailable);
  CHECK(verify(folder.options).error().code == ErrorCode::unavailable);
  CHECK(bytes_of_file(folder.segment()) == segment);
  folder.restore();
  CHECK(folder.faults() == "");
}

TEST_CASE("a lost state folder is not quietly replaced by an empty one") {
  const LedgerFolder folder;
  fill_small(folder);
  std::filesystem::remove_all(folder.options.directory);
  const auto opened = Ledger::open(folder.options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::corrupt);
  CHECK(opened.error().hint.find(folder.anchor().string()) != std::string::npos);
  std::filesystem::remove(folder.anchor());
  CHECK(folder.open()->head().sequence == 0);
}

TEST_CASE("a missing, old or foreign key is refused") {
  LedgerFolder folder;
  fill_small(folder);
  folder.save();
  const std::string old_key = bytes_of_file(folder.key());
  put(*folder.open(), "{}");
  replace_file(folder.key(), old_key);
  // One checkpoint behind is what a kill leaves; two are not.
  put(*folder.open(), "{}");
  CHECK(folder.faults() == "");
  replace_file(folder.key(), old_key);
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
  folder.restore();
  std::filesystem::remove(folder.key());
  CHECK(Ledger::open(folder.options).error().message == "the ledger is damaged: its signing key is missing");
  REQUIRE(KeyFile::create(folder.key().string()));
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
}

TEST_CASE("files that are no segments are passed over, and one that pretends to be is not") {
  LedgerFolder folder;
  fill_small(folder);
  for (const char* name : {"notes.txt", "00000000000000000001.ledger~", "x.ledger", ".tmp"}) {
    replace_file(folder.options.directory / name, "garbage");
  }
  CHECK(folder.faults() == "");
  CHECK(folder.open()->head().sequence == 6);
  folder.save();
  for (const char* content :
       {"", "garbage", "LILUXLDG and then something else that is long enough for a header, is it not?"}) {
    folder.restore();
    replace_file(folder.segment(50), content);
    CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
    CHECK(folder.faults() != "");
  }
  folder.restore();
  std::filesystem::create_directory(folder.segment(50));
  CHECK_FALSE(Ledger::open(folder.options));
  // The very next one may have been begun by a process that was killed.
  folder.restore();
  replace_file(folder.segment(7), std::string(4096, '\0'));
  CHECK(folder.open()->head().sequence == 6);
  CHECK_FALSE(std::filesystem::exists(folder.segment(7)));
}

TEST_CASE("a segment of a newer format is refused and left as it is") {
  LedgerFolder folder;
  fill_small(folder);
  std::string bytes = bytes_of_file(folder.segment());
  bytes[8] = 9;
  replace_file(folder.segment(), bytes);
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::unavailable);
  CHECK(verify(folder.options).error().code == ErrorCode::unavailable);
  CHECK(bytes_of_file(folder.segment()) == bytes);
}

TEST_CASE("a segment that is missing in the middle is found") {
  const LedgerFolder folder(4096);
  {
    const auto ledger = folder.open();
    for (int i = 0; i < 40; ++i) put(*ledger, std::string(500, 'x'));
  }
  const std::vector<std::uint64_t> segments = folder.segments();
  REQUIRE(segments.size() > 4);
  std::filesystem::rename(folder.segment(segments[2]), folder.segment(segments[2]).string() + ".away");
  CHECK(folder.faults() ==
        "records " + std::to_string(segments[2]) + " to " + std::to_string(segments[3] - 1) + " are missing");
  std::filesystem::rename(folder.segment(segments[2]).string() + ".away", folder.segment(segments[2]));
  CHECK(folder.faults() == "");
  std::filesystem::remove(folder.segment(segments[0]));
  CHECK(Ledger::open(folder.options).error().code == ErrorCode::corrupt);
  CHECK(folder.faults() == "records 1 to " + std::to_string(segments[1] - 1) + " are missing");
}

}  // namespace
}  // namespace lilux::ledger
