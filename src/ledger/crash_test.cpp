// Processes that are killed while they write, and disks that refuse.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/anchor.h"
#include "tests/support/ledger_fixture.h"
#include "tests/support/pipe.h"

namespace lilux::ledger {
namespace {

struct Acknowledged {
  std::uint64_t sequence = 0;
  std::uint64_t number = 0;  // what the record says
};

void tell(int fd, const Acknowledged& ack) {
  if (::write(fd, &ack, sizeof ack) != static_cast<ssize_t>(sizeof ack)) std::_Exit(3);
}

// Appends from three threads, with checkpoints and retention, and tells what became durable, until it is
// killed.
[[noreturn]] void write_until_killed(const Options& options, int acks, std::uint64_t seed) {
  auto opened = Ledger::open(options);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    std::_Exit(4);
  }
  Ledger& ledger = **opened;
  const auto work = [&](std::uint64_t thread) {
    for (std::uint64_t i = 0; i < UINT64_MAX; ++i) {
      const std::uint64_t number = (seed * 3 + thread) * 1'000'000 + i;
      const std::string body = std::to_string(number) + std::string((number * 7919) % 900, ' ');
      const auto position = ledger.append(1, body);
      if (!position || !ledger.wait_durable(position->sequence)) std::_Exit(5);
      tell(acks, {position->sequence, number});
      if (i % 5 == 0 && !ledger.checkpoint({})) std::_Exit(7);
      if (i % 50 == 49 && position->sequence > 400 && !ledger.retain_from(position->sequence - 400)) std::_Exit(8);
    }
  };
  std::thread first(work, 0);
  std::thread second(work, 1);
  work(2);
  std::_Exit(9);
}

std::vector<Acknowledged> run_and_kill(const Options& options, std::uint64_t seed, std::chrono::microseconds after) {
  test::Pipe pipe;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) write_until_killed(options, pipe.write.get(), seed);
  pipe.write.close();
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  std::vector<Acknowledged> all;
  for (Acknowledged ack; ::read(pipe.read.get(), &ack, sizeof ack) == static_cast<ssize_t>(sizeof ack);)
    all.push_back(ack);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE_MESSAGE(WIFSIGNALED(status), "the child ended by itself with " << WEXITSTATUS(status));
  return all;
}

TEST_CASE("whatever instant a writer is killed at, what it was told is durable is there") {
  const LedgerFolder folder(32768);
  std::uint64_t acknowledged = 0;
  for (std::uint64_t round = 0; round < 150; ++round) {
    const std::chrono::microseconds after(round * 97 % 9000 + round);
    const std::vector<Acknowledged> acks = run_and_kill(folder.options, round, after);
    const auto ledger = folder.open();
    std::vector<std::string> numbers;
    std::uint64_t first = 0;
    REQUIRE(ledger->scan({}, [&](const Record& record) {
      if (first == 0) first = record.position.sequence;
      CHECK(record.position.sequence == first + numbers.size());
      numbers.push_back(record.kind == 1 ? record.body.substr(0, record.body.find(' ')) : "");
      return true;
    }));
    for (const Acknowledged& ack : acks) {
      if (ack.sequence < first) continue;  // retention dropped it
      REQUIRE(ack.sequence - first < numbers.size());
      CHECK(numbers[ack.sequence - first] == std::to_string(ack.number));
    }
    acknowledged += acks.size();
    if (round % 10 == 0) CHECK(folder.faults() == "");
    if (round % 3 == 0) put(*ledger, "between");
  }
  CHECK(folder.faults() == "");
  CHECK(acknowledged > 50);  // thousands where the machine has time
}

TEST_CASE("a first segment that was killed before its header is no fault") {
  const LedgerFolder folder;
  folder.open();
  std::ofstream(folder.segment(1)).close();
  const auto ledger = folder.open();
  CHECK(folder.faults() == "");
  put(*ledger, "{}");
  CHECK(folder.faults() == "");
}

// The files as they are at every step of a checkpoint and of retention.
TEST_CASE("a kill between any two files of a checkpoint is put right") {
  LedgerFolder folder;
  {
    const auto ledger = folder.open();
    put(*ledger, "{}");
    REQUIRE(ledger->checkpoint("one"));
    put(*ledger, "{}");
    REQUIRE(ledger->flush());
  }
  folder.save();  // two checkpoints
  const std::string old_key = bytes_of_file(folder.key());
  const std::string old_anchor = bytes_of_file(folder.anchor());
  put(*folder.open(), "{\"last\":1}");
  const std::string new_key = bytes_of_file(folder.key());
  const std::string new_segment = bytes_of_file(folder.segment());
  for (const bool is_key_new : {false, true}) {
    folder.restore();
    replace_file(folder.segment(), new_segment);
    replace_file(folder.key(), is_key_new ? new_key : old_key);
    replace_file(folder.anchor(), old_anchor);
    CHECK(folder.faults() == "");
    {
      const auto ledger = folder.open();
      CHECK(ledger->head().sequence == 6);
      CHECK(read_anchor(folder.options.anchor_directory).value()->newest->position.sequence == 6);
      const std::string used = old_key.substr(is_zero(old_key.substr(0, 128)) ? 4096 + 24 : 24, 32);
      CHECK(bytes_of_file(folder.key()).find(used) == std::string::npos);
      put(*ledger, "{}");
    }
    CHECK(folder.faults() == "");
    CHECK(verify(folder.options)->checkpoints == 4);
  }
}

TEST_CASE("a kill at any step of creating a ledger leaves what can be opened") {
  LedgerFolder folder;
  {
    const auto ledger = folder.open();
  }
  folder.save();  // key and anchor, no segment
  const std::string root = bytes_of_file(folder.anchor());
  for (const bool with_key : {false, true}) {
    for (const bool with_anchor : {false, true}) {
      for (const char* const segment : {"", "LILUX", static_cast<const char*>(nullptr)}) {
        if (segment != nullptr && !(with_key && with_anchor)) continue;  // the segment comes last
        folder.restore();
        if (!with_key) std::filesystem::remove(folder.key());
        if (!with_anchor) std::filesystem::remove(folder.anchor());
        if (segment != nullptr) replace_file(folder.segment(), segment);
        put(*folder.open(), "{}");
        CHECK(folder.faults() == "");
        CHECK((bytes_of_file(folder.anchor()).substr(0, 90) == root.substr(0, 90)) == (with_key && with_anchor));
      }
    }
  }
}

// A disk that takes no more than `bytes` in one file.
class FileLimit {
 public:
  explicit FileLimit(std::uint64_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    set(bytes);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::ignore = std::signal(SIGXFSZ, old_handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  void set(std::uint64_t bytes) const {
    const struct ::rlimit limit{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

 private:
  struct ::rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_CASE("a full disk ends the ledger with a clear error, nothing false, and reopening repairs") {
  for (std::uint64_t limit = 8192; limit < 300'000; limit += limit < 12'000 ? 517 : 24'001) {
    const LedgerFolder folder;
    std::uint64_t durable = 0;
    std::uint64_t tried = 0;
    {
      const auto ledger = folder.open();
      const FileLimit full(limit);
      base::Error error;
      while (true) {
        const auto position = ledger->append(1, std::to_string(++tried) + std::string(300, ' '));
        REQUIRE(position);
        const auto kept = ledger->wait_durable(position->sequence);
        if (!kept) {
          error = kept.error();
          break;
        }
        durable = position->sequence;
      }
      CHECK(error.code == base::ErrorCode::unavailable);
      CHECK(error.message.find("the ledger takes no more records: cannot write '") == 0);
      CHECK(ledger->durable_sequence() == durable);
      REQUIRE(ledger->failure());
      CHECK(ledger->failure()->message == error.message);
      full.set(RLIM_INFINITY);  // room again is not enough: what is on disk is unknown now
      CHECK(ledger->append(1, "{}").error().code == base::ErrorCode::unavailable);
      CHECK(ledger->flush().error().code == base::ErrorCode::unavailable);
      CHECK(ledger->checkpoint({}).error().code == base::ErrorCode::unavailable);
      if (durable > 0) CHECK(ledger->wait_durable(durable));
      CHECK(ledger->scan({}, [](const Record&) { return true; }));
    }
    const auto ledger = folder.open();
    CHECK(ledger->head().sequence >= durable);
    CHECK(ledger->head().sequence <= tried);
    CHECK_FALSE(ledger->failure());
    put(*ledger, "{}");
    REQUIRE(ledger->checkpoint({}));
    CHECK(folder.faults() == "");
  }
}

TEST_CASE("a checkpoint whose key or anchor cannot be written ends the ledger; reopening goes on") {
  for (const bool is_key : {false, true}) {
    const LedgerFolder folder;
    const std::filesystem::path away = folder.options.anchor_directory.string() + ".away";
    {
      const auto ledger = folder.open();
      put(*ledger, "{}");
      REQUIRE(ledger->flush());
      const FileLimit full(is_key ? 4200 : RLIM_INFINITY);  // the second slot of the key ends at 4224
      if (!is_key) std::filesystem::rename(folder.options.anchor_directory, away);
      const auto made = ledger->checkpoint({});
      REQUIRE_FALSE(made);
      REQUIRE(ledger->failure());
      CHECK(ledger->failure()->message.find("the ledger takes no more records: cannot ") == 0);
      CHECK(ledger->append(1, "{}").error().code == base::ErrorCode::unavailable);
    }
    if (!is_key) std::filesystem::rename(away, folder.options.anchor_directory);
    put(*folder.open(), "{}");
    CHECK(folder.faults() == "");
    CHECK(verify(folder.options)->checkpoints == 2);
  }
}

}  // namespace
}  // namespace lilux::ledger
