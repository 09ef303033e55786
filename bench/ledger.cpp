// The ledger beside SQLite (write-ahead log, synchronous=FULL, one row per transaction) and beside the least a durable
// record can cost: one write and one sync. Rounds are interleaved on the same disk; figures are medians of rounds.
//
//   bench_ledger <folder on a real disk> [rounds]

#include "ledger/ledger.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>

#include "durable.h"
#include "measure.h"
#include "sys/file.h"
#include "sys/io.h"

namespace {

using namespace lilux;
using namespace lilux::bench;

constexpr int kSingle = 1000;
constexpr int kThreads = 64;
constexpr int kEach = 150;
const std::string kBody(400 - 72, 'b');  // with the record's header 400 bytes

template <class Add>
double rate(int count, Add&& add) {
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) add();
  return count / (micro_since(start) / 1e6);
}

double group_rate(ledger::Ledger& ledger) {
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) need(ledger.wait_durable(need(ledger.append(1, kBody)).sequence));
      });
    }
  }
  return kThreads * kEach / (micro_since(start) / 1e6);
}

void measure_writing(const std::string& folder, int rounds) {
  const ledger::Options options{.directory = folder + "/ledger", .anchor_directory = folder + "/anchor"};
  const auto ledger = need(ledger::Ledger::open(options));
  const Sqlite sqlite(folder + "/sqlite.db", kBody.size());
  Floor floor(folder + "/floor");
  std::vector<double> singles;
  std::vector<double> groups;
  std::vector<double> sqlites;
  std::vector<double> floors;
  std::vector<double> single_ratios;
  std::vector<double> group_ratios;
  std::vector<double> floor_ratios;
  for (int round = 0; round < rounds; ++round) {
    floors.push_back(rate(kSingle, [&] { floor.add(); }));
    singles.push_back(rate(kSingle, [&] { need(ledger->wait_durable(need(ledger->append(1, kBody)).sequence)); }));
    sqlites.push_back(rate(kSingle, [&] { sqlite.add(); }));
    groups.push_back(group_rate(*ledger));
    need(ledger->checkpoint({}));
    single_ratios.push_back(singles.back() / sqlites.back());
    group_ratios.push_back(groups.back() / sqlites.back());
    floor_ratios.push_back(singles.back() / floors.back());
    std::printf("round %d: floor %.0f/s, ledger %.0f/s, sqlite %.0f/s, 64 threads %.0f/s\n", round, floors.back(),
                singles.back(), sqlites.back(), groups.back());
  }
  std::printf("\n%-36s %10s %12s\n", "durable records", "per second", "over sqlite");
  std::printf("%-36s %10.0f %12s\n", "floor: one write, one sync", median(floors), "");
  std::printf("%-36s %10.0f %12.2f\n", "sqlite, a row a transaction", median(sqlites), 1.0);
  std::printf("%-36s %10.0f %12.2f   (%.2f of the floor)\n", "ledger, one caller", median(singles),
              median(single_ratios), median(floor_ratios));
  std::printf("%-36s %10.0f %12.2f\n", "ledger, 64 callers", median(groups), median(group_ratios));
}

void measure_the_rest(const std::string& folder, int rounds) {
  const ledger::Options options{.directory = folder + "/million", .anchor_directory = folder + "/million-anchor"};
  {
    const auto ledger = need(ledger::Ledger::open(options));
    for (int i = 0; i < 1'000'000; ++i) {
      need(ledger->append(1, kBody));
      if (i % 10'000 == 0) need(ledger->checkpoint({}));
    }
  }
  std::vector<double> opens;
  std::vector<double> verifies;
  std::vector<double> scans;
  std::vector<double> creates;
  for (int round = 0; round < rounds; ++round) {
    auto start = Clock::now();
    const auto ledger = need(ledger::Ledger::open(options));
    opens.push_back((micro_since(start) / 1e6) * 1000);
    start = Clock::now();
    const ledger::Verification verified = need(ledger::verify(options));
    if (!verified.faults.empty()) stop(verified.faults.front().what);
    verifies.push_back(static_cast<double>(verified.records) / (micro_since(start) / 1e6));
    start = Clock::now();
    std::uint64_t count = 0;
    need(ledger->scan({}, [&](const ledger::Record&) { return ++count > 0; }));
    scans.push_back(static_cast<double>(count) / (micro_since(start) / 1e6));
    const std::string fresh = folder + "/fresh" + std::to_string(round);
    start = Clock::now();
    const auto made = need(ledger::Ledger::open({.directory = fresh + "/l", .anchor_directory = fresh + "/a"}));
    need(made->wait_durable(need(made->append(1, kBody)).sequence));
    creates.push_back((micro_since(start) / 1e6) * 1000);
  }
  std::printf("\n%-36s %10.0f records/s\n", "verify, 400-byte records", median(verifies));
  std::printf("%-36s %10.0f records/s\n", "scan", median(scans));
  std::printf("%-36s %10.2f ms\n", "open with a million records", median(opens));
  std::printf("%-36s %10.2f ms\n", "create and first durable record", median(creates));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) stop("usage: bench_ledger <folder on a real disk> [rounds]");
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
  const std::string folder = need(sys::make_temporary_directory(argv[1], "ledger-bench-"));
  measure_writing(folder, rounds);
  measure_the_rest(folder, std::max(3, rounds / 3));
  std::filesystem::remove_all(folder);
}
