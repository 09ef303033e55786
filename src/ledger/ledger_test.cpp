#include "ledger/ledger.h"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/ledger_fixture.h"

namespace lilux::ledger {
namespace {

std::vector<std::string> bodies(const Ledger& ledger, std::optional<Position> from = {}) {
  std::vector<std::string> all;
  REQUIRE(ledger.scan(from, [&](const Record& record) {
    if (record.kind < kCheckpointKind) all.push_back(record.body);
    return true;
  }));
  return all;
}

TEST_CASE("records are read back by position, before and after they are durable, and after reopening") {
  const LedgerFolder folder;
  std::vector<Position> positions;
  const std::vector<std::string> texts{"{}", R"({"a":1})", "", std::string(5000, 'x'), std::string(kBodyBytesMax, 'y')};
  {
    const auto ledger = folder.open();
    CHECK(ledger->head().sequence == 0);
    for (const std::string& text : texts) positions.push_back(put(*ledger, text));
    CHECK(ledger->durable_sequence() == 0);
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK(ledger->read(positions[i])->body == texts[i]);
    CHECK(bodies(*ledger) == texts);
    REQUIRE(ledger->wait_durable(positions.back().sequence));
    CHECK(ledger->durable_sequence() == texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK(ledger->read(positions[i])->body == texts[i]);
    CHECK(bodies(*ledger) == texts);
  }
  const auto ledger = folder.open();
  CHECK(bodies(*ledger) == texts);
  CHECK(bodies(*ledger, positions[3]) == std::vector<std::string>{texts[3], texts[4]});
  CHECK(ledger->read(positions[1])->kind == 1);
  CHECK(put(*ledger, "next").sequence == texts.size() + 2);  // the checkpoint at the end of the first life is one too
  CHECK(folder.faults().empty());
}

TEST_CASE("what is no record of the ledger is refused") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  CHECK(ledger->append(kCheckpointKind, "{}").error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->append(kRetentionKind, "{}").error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->append(1, std::string(kBodyBytesMax + 1, 'x')).error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->wait_durable(1).error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->checkpoint("\xff").error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->checkpoint(std::string(5000, 'x')).error().code == base::ErrorCode::invalid_argument);
  CHECK(ledger->read({.sequence = 1, .segment = 1, .offset = 80}).error().code == base::ErrorCode::not_found);
  CHECK(ledger->head().sequence == 0);
  CHECK_FALSE(ledger->failure());
}

TEST_CASE("a position that is not one gives an error, not another record") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  put(*ledger, "{}");
  const Position second = put(*ledger, "{}");
  REQUIRE(ledger->flush());
  CHECK(ledger->read({.sequence = 2, .segment = 1, .offset = 80}).error().code == base::ErrorCode::corrupt);
  CHECK(ledger->read({.sequence = 1, .segment = 1, .offset = second.offset}).error().code == base::ErrorCode::corrupt);
  CHECK(ledger->read({.sequence = 2, .segment = 1, .offset = second.offset + 1}).error().code ==
        base::ErrorCode::corrupt);
  CHECK(ledger->read({.sequence = 2, .segment = 9, .offset = 80}).error().code == base::ErrorCode::not_found);
}

TEST_CASE("segments follow one another and are scanned as one") {
  const LedgerFolder folder(4096);
  std::vector<std::string> texts;
  {
    const auto ledger = folder.open();
    for (int i = 0; i < 200; ++i) {
      texts.push_back(std::string(static_cast<std::size_t>(i * 7 % 500), 'a') + std::to_string(i));
      put(*ledger, texts.back());
      if (i % 5 == 0) REQUIRE(ledger->flush());
    }
    CHECK(bodies(*ledger) == texts);
    REQUIRE(ledger->flush());
    CHECK(folder.size_bytes() >= 200 * (kRecordHeaderBytes + 200));
  }
  CHECK(folder.segments().size() > 10);
  CHECK(folder.faults().empty());
  CHECK(bodies(*folder.open()) == texts);
}

TEST_CASE("scanning stops when it is told to and sees what was appended up to the call") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  for (int i = 0; i < 10; ++i) put(*ledger, std::to_string(i));
  REQUIRE(ledger->wait_durable(5));
  put(*ledger, "queued");
  int seen = 0;
  REQUIRE(ledger->scan({}, [&](const Record&) { return ++seen < 3; }));
  CHECK(seen == 3);
  CHECK(bodies(*ledger).back() == "queued");
  std::size_t before = 0;
  REQUIRE(ledger->scan({}, [&](const Record&) {
    put(*ledger, "more");
    ++before;
    return true;
  }));
  CHECK(before == 11);
}

TEST_CASE("eight threads appending get distinct numbers and everything is durable") {
  const LedgerFolder folder(65536);
  constexpr int kThreads = 8;
  constexpr int kEach = 300;
  {
    const auto ledger = folder.open();
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto position = ledger->append(1, std::to_string(t) + ":" + std::to_string(i));
          CHECK(position.has_value());
          if (i % 3 == 0) CHECK(ledger->wait_durable(position->sequence).has_value());
          if (i % 50 == 0) CHECK(ledger->checkpoint("load").has_value());
          if (i % 20 == 0) CHECK(ledger->read(*position)->body == std::to_string(t) + ":" + std::to_string(i));
        }
      });
    }
  }
  CHECK(folder.faults().empty());
  std::vector<int> next(kThreads, 0);
  int total = 0;
  for (const Record& record : folder.records()) {
    if (record.kind != 1) continue;
    const auto thread = static_cast<std::size_t>(record.body.front() - '0');
    CHECK(record.body.substr(2) == std::to_string(next[thread]++));
    ++total;
  }
  CHECK(total == kThreads * kEach);
}

TEST_CASE("a full queue is written before more is taken") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  const std::string large(kBodyBytesMax, 'x');
  for (int i = 0; i < 20; ++i) put(*ledger, large);
  CHECK(ledger->durable_sequence() >= 8);
  REQUIRE(ledger->flush());
  CHECK(folder.faults().empty());
}

TEST_CASE("a checkpoint is signed once for everything that came since the last") {
  const LedgerFolder folder;
  {
    const auto ledger = folder.open();
    REQUIRE(ledger->checkpoint("empty"));
    CHECK(ledger->head().sequence == 0);
    put(*ledger, "{}");
    REQUIRE(ledger->checkpoint("policy 7"));
    CHECK(ledger->head().sequence == 2);
    CHECK(ledger->durable_sequence() == 2);
    REQUIRE(ledger->checkpoint("policy 7"));
    CHECK(ledger->head().sequence == 2);
  }
  const auto verified = verify(folder.options);
  REQUIRE(verified);
  CHECK(verified->faults.empty());
  CHECK(verified->records == 2);
  CHECK(verified->checkpoints == 1);
  CHECK(verified->newest_checkpoint == 2);
  CHECK(folder.records().back().body.find("policy 7") != std::string::npos);
}

TEST_CASE("a fresh ledger is small on disk") {
  const LedgerFolder folder;
  const auto ledger = folder.open();
  put(*ledger, "{}");
  REQUIRE(ledger->flush());
  CHECK(folder.size_bytes() <= 72 * 1024);
}

TEST_CASE("two verifiers and a reader work while records are written") {
  const LedgerFolder folder(65536);
  const auto ledger = folder.open();
  put(*ledger, "{}");
  REQUIRE(ledger->checkpoint({}));
  std::vector<std::jthread> verifiers;
  for (int i = 0; i < 2; ++i) {
    verifiers.emplace_back([&] {
      for (int round = 0; round < 30; ++round) CHECK(folder.faults() == "");
    });
  }
  verifiers.emplace_back([&] {
    for (int round = 0; round < 30; ++round) CHECK(ledger->scan({}, [](const Record&) { return true; }).has_value());
  });
  for (int i = 0; i < 3000; ++i) {
    put(*ledger, std::string(static_cast<std::size_t>(i % 700), 'w'));
    if (i % 4 == 0) REQUIRE(ledger->flush());
    if (i % 500 == 0) REQUIRE(ledger->checkpoint({}));
  }
}

}  // namespace
}  // namespace lilux::ledger
