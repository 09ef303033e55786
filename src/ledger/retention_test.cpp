#include <string>

#include <doctest/doctest.h>

#include "ledger/anchor.h"
#include "tests/support/ledger_fixture.h"

namespace lilux::ledger {
namespace {

void fill(Ledger& ledger, int count) {
  for (int i = 0; i < count; ++i) {
    put(ledger, std::string(300, 'r'));
    if (i % 25 == 24) REQUIRE(ledger.checkpoint({}));
  }
  REQUIRE(ledger.flush());
}

TEST_CASE("retention drops whole segments and what is left verifies, reopens and grows") {
  LedgerFolder folder(4096);
  {
    const auto ledger = folder.open();
    fill(*ledger, 200);
    const auto before = folder.segments();
    const std::uint64_t size = folder.size_bytes();
    const auto kept = ledger->retain_from(100);
    REQUIRE(kept);
    CHECK(*kept <= 100);
    CHECK(*kept > 85);
    CHECK(folder.segments().front() == *kept);
    CHECK(folder.size_bytes() < size);
    CHECK(ledger->read({.sequence = 1, .segment = 1, .offset = 80}).error().code == base::ErrorCode::not_found);
    std::uint64_t first = 0;
    REQUIRE(ledger->scan({}, [&](const Record& record) {
      first = record.position.sequence;
      return false;
    }));
    CHECK(first == *kept);
    const auto verified = verify(folder.options);
    CHECK(verified->faults.empty());
    CHECK(verified->first_sequence == *kept);
    CHECK(ledger->retain_from(*kept).value() == *kept);
    CHECK(ledger->retain_from(0).value() == *kept);
    fill(*ledger, 50);
    const auto again = ledger->retain_from(200);
    CHECK(again.value() > *kept);
    CHECK(folder.faults() == "");
  }
  CHECK(folder.faults() == "");
  CHECK(folder.records().front().position.sequence > 150);
  put(*folder.open(), "{}");
  CHECK(folder.faults() == "");
}

TEST_CASE("retention never drops the segment that is written to, or what is not there yet") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  CHECK(ledger->retain_from(1000).value() == 1);
  put(*ledger, "{}");
  CHECK(ledger->retain_from(1000).value() == 1);
  REQUIRE(ledger->flush());
  CHECK(ledger->retain_from(UINT64_MAX).value() == 1);
  CHECK(ledger->head().sequence == 1);
  CHECK(ledger->read({.sequence = 1, .segment = 1, .offset = 80}));
}

TEST_CASE("segments that a killed retention left behind are removed on opening and not missed by verify") {
  LedgerFolder folder(4096);
  {
    const auto ledger = folder.open();
    fill(*ledger, 60);
    folder.save();
    REQUIRE(ledger->retain_from(40));
  }
  const std::string first =
      bytes_of_file(folder.options.directory.parent_path().parent_path() / "saved/ledger" / segment_name(1));
  replace_file(folder.segment(1), first);
  CHECK(folder.faults() == "");
  put(*folder.open(), "{}");
  CHECK_FALSE(std::filesystem::exists(folder.segment(1)));
  CHECK(folder.faults() == "");
}

TEST_CASE("dropping segments without saying so is found") {
  LedgerFolder folder(4096);
  {
    const auto ledger = folder.open();
    fill(*ledger, 60);
  }
  const auto segments = folder.segments();
  std::filesystem::remove(folder.segment(1));
  CHECK(folder.faults() == "records 1 to " + std::to_string(segments[1] - 1) + " are missing");
  // Not even with an anchor that was changed to fit: the ledger itself must say what was dropped.
  Anchor anchor = *read_anchor(folder.options.anchor_directory).value();
  const auto reader = SegmentReader::open(folder.options.directory.string(), segments[1]);
  anchor.kept = {.first = segments[1], .head = reader->header().previous, .key = 0, .public_key = anchor.root};
  REQUIRE(write_anchor(folder.options.anchor_directory, anchor));
  CHECK(folder.faults() == "no retention record says that what is before this was dropped");
}

}  // namespace
}  // namespace lilux::ledger
