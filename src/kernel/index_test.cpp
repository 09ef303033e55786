#include "kernel/index.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/database.h"
#include "kernel/record.h"
#include "tests/support/ledger_fixture.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;
using ledger::LedgerFolder;
using ledger::Position;

Body call_body(const std::string& call, const std::string& tool = "fs.read", const std::string& task = "t1") {
  Body body;
  body.call = call;
  body.tool = tool;
  body.task = task;
  body.principal = "agent";
  body.result = "ok";
  body.cost = Cost{.wall_us = 42};
  return body;
}

Body undoable_body(const std::string& call, const std::string& task = "t1") {
  Body body = call_body(call, "memory.write", task);
  body.undo = "exact";
  body.inverse = base::JsonObject{{"tool", "memory.clear"}};
  return body;
}

Body undo_body(const std::string& call, const std::string& undone, const base::Json& by) {
  Body body = call_body(call, "undo.apply");
  body.changes = std::vector<Change>{{.table = "undone", .id = undone, .value = by}};
  return body;
}

Body outcome_body(const std::string& call, const std::string& result) {
  Body body;
  body.call = call;
  body.result = result;
  body.cost = Cost{.wall_us = 99};
  return body;
}

// A real ledger beside an index, reopened at will.
struct Fixture {
  explicit Fixture(std::size_t segment_bytes = std::size_t{16} << 20)
      : folder(segment_bytes), ledger(folder.open()), file(folder.options.directory.parent_path() / "lilux.db") {
    open();
  }

  void open() {
    index.reset();
    auto opened = Index::open(file);
    if (!opened) FAIL(opened.error().message);
    index = *std::move(opened);
  }
  Position write(Kind kind, const Body& body) const {
    const auto position = ledger->append(static_cast<std::uint8_t>(kind), base::to_text(base::encode(body)));
    REQUIRE(position);
    return *position;
  }
  void catch_up() const {
    const auto done = index->catch_up(*ledger);
    if (!done) FAIL(done.error().message);
  }
  CallRow find(const std::string& call) const {
    const auto row = index->find(call);
    if (!row) FAIL(row.error().message);
    return *row;
  }
  std::string calls(const CallFilter& filter) const {
    const auto rows = index->query(filter);
    REQUIRE(rows);
    std::string text;
    for (const CallRow& row : *rows) text += (text.empty() ? "" : " ") + row.call;
    return text;
  }
  // Closes everything, writes over the file, and opens again.
  void damage(const std::function<void(std::string&)>& change) {
    index.reset();
    std::string bytes = ledger::bytes_of_file(file);
    change(bytes);
    ledger::replace_file(file, bytes);
    open();
  }

  LedgerFolder folder;
  std::unique_ptr<ledger::Ledger> ledger;
  std::filesystem::path file;
  std::unique_ptr<Index> index;
};

TEST_CASE("a call in one record is found with everything the index keeps") {
  const Fixture f;
  Body body = undoable_body("c1");
  body.cause = "c0";
  body.tier = "T0";
  const Position at = f.write(Kind::call, body);
  f.catch_up();
  const CallRow row = f.find("c1");
  CHECK(row.tool == "memory.write");
  CHECK(row.task == "t1");
  CHECK(row.principal == "agent");
  CHECK(row.cause == "c0");
  CHECK(row.result == "ok");
  CHECK(row.undo == "exact");
  CHECK(row.tier == "T0");
  CHECK(row.wall_us == 42);
  CHECK(row.time_us == f.ledger->read(at)->time_us);
  CHECK(row.first == at);
  CHECK_FALSE(row.outcome);
  CHECK(f.index->indexed() == at);
}

TEST_CASE("an intent is open until its outcome comes, across restarts") {
  Fixture f;
  Body intent = call_body("c1", "fs.write");
  intent.result = {};
  intent.undo = "exact";
  const Position first = f.write(Kind::intent, intent);
  f.catch_up();
  CHECK(f.find("c1").result == "open");
  CHECK(f.calls({.only_undoable = true}).empty());
  f.open();
  Body ended = outcome_body("c1", "ok");
  ended.tier = "T2";  // of a program it is known when it has started
  const Position outcome = f.write(Kind::outcome, ended);
  f.catch_up();
  const CallRow row = f.find("c1");
  CHECK(row.result == "ok");
  CHECK(row.tier == "T2");
  CHECK(row.wall_us == 99);
  CHECK(row.first == first);
  CHECK(row.outcome == outcome);
  CHECK(f.calls({.only_undoable = true}) == "c1");
}

TEST_CASE("a call that failed keeps its error and cannot be undone") {
  const Fixture f;
  Body intent = call_body("c1", "fs.write");
  intent.undo = "exact";
  f.write(Kind::intent, intent);
  Body outcome = outcome_body("c1", "error");
  outcome.error = RecordedError{.code = "denied", .message = "no", .hint = {}, .rule = {}};
  f.write(Kind::outcome, outcome);
  f.catch_up();
  CHECK(f.find("c1").error_code == "denied");
  CHECK(f.find("c1").undo.empty());
  CHECK(f.calls({.only_undoable = true}).empty());
  CHECK(f.calls({.result = "error"}) == "c1");
}

TEST_CASE("an outcome or a mark for a call that is not there is no error") {
  const Fixture f;
  f.write(Kind::outcome, outcome_body("gone", "ok"));
  f.write(Kind::note, undo_body("", "gone", "also gone"));
  f.catch_up();
  CHECK(f.index->find("gone").error().code == ErrorCode::not_found);
}

TEST_CASE("a call that was asked about and then run is one row, where it ran") {
  const Fixture f;
  Body asked = call_body("c1");
  asked.result = "asked";
  f.write(Kind::call, asked);
  f.write(Kind::call, call_body("c2"));
  f.catch_up();
  CHECK(f.calls({.result = "asked"}) == "c1");
  const Position ran = f.write(Kind::intent, call_body("c1"));
  f.write(Kind::outcome, outcome_body("c1", "ok"));
  f.catch_up();
  CHECK(f.find("c1").first == ran);
  CHECK(f.find("c1").result == "ok");
  CHECK(f.calls({}) == "c1 c2");
}

TEST_CASE("a question that was answered with no, or not in time, is asked no longer") {
  const Fixture f;
  for (const char* call : {"c1", "c2", "c3", "c4", "c5"}) {
    Body asked = call_body(call);
    asked.result = "asked";
    f.write(Kind::call, asked);
  }
  const auto answer = [&](const std::string& table, const std::string& call, const std::string& state) {
    Body note;
    note.event = "approval.answered";
    note.changes = std::vector<Change>{{.table = table, .id = call, .value = base::JsonObject{{"state", state}}}};
    f.write(Kind::note, note);
  };
  answer("approval", "c1", "denied");
  answer("approval.patch", "c2", "changes_requested");
  answer("approval", "c3", "expired");
  answer("approval", "c4", "approved");
  f.catch_up();
  CHECK(f.find("c1").result == "denied");
  CHECK(f.find("c2").result == "changes_requested");
  CHECK(f.find("c3").result == "expired");
  CHECK(f.calls({.result = "asked"}) == "c5 c4");
  f.write(Kind::intent, call_body("c4"));
  f.write(Kind::outcome, outcome_body("c4", "ok"));
  answer("approval", "c4", "expired");
  f.catch_up();
  CHECK(f.find("c4").result == "ok");
}

TEST_CASE("undo marks both calls and redo takes the mark back") {
  const Fixture f;
  f.write(Kind::call, undoable_body("c1"));
  f.write(Kind::call, undoable_body("c2"));
  f.write(Kind::call, undo_body("u1", "c1", "u1"));
  f.catch_up();
  CHECK(f.find("c1").undone_by == "u1");
  CHECK(f.find("u1").undoes == "c1");
  CHECK(f.calls({.only_undoable = true}) == "c2");
  f.write(Kind::call, undo_body("r1", "c1", nullptr));
  f.catch_up();
  CHECK(f.find("c1").undone_by.empty());
  CHECK(f.find("r1").undoes.empty());
  CHECK(f.calls({.only_undoable = true}) == "c2 c1");
}

TEST_CASE("filters narrow, newest first, and pages follow one another") {
  const Fixture f;
  for (int i = 0; i < 10; ++i) {
    Body body = call_body("c" + std::to_string(i), i % 2 == 0 ? "fs.read" : "fs.write", i < 5 ? "t1" : "t2");
    if (i == 7) body.cause = "c2";
    if (i == 8) body.cause = "c2";
    if (i == 9) body.result = "error";
    f.write(Kind::call, body);
  }
  f.catch_up();
  CHECK(f.calls({.limit = 3}) == "c9 c8 c7");
  CHECK(f.calls({.before_call = "c7", .limit = 3}) == "c6 c5 c4");
  CHECK(f.calls({.tool = "fs.read"}) == "c8 c6 c4 c2 c0");
  CHECK(f.calls({.tool = "fs.w*"}) == "c9 c7 c5 c3 c1");
  CHECK(f.calls({.tool = "fs"}).empty());
  CHECK(f.calls({.tool = "fs.read", .task = "t2"}) == "c8 c6");
  CHECK(f.calls({.cause = "c2"}) == "c8 c7");
  CHECK(f.calls({.result = "error"}) == "c9");
  CHECK(f.calls({.task = "t2", .result = "ok", .limit = 2}) == "c8 c7");
  CHECK(f.calls({.limit = 0}).empty());
  CHECK(f.calls({.limit = -5}).empty());
  CHECK(f.index->query({.before_call = "nothing"}).error().code == ErrorCode::not_found);
  const auto caused = f.index->caused_by("c2");
  REQUIRE(caused);
  REQUIRE(caused->size() == 2);
  CHECK(caused->front().call == "c7");
  CHECK(f.index->caused_by("")->empty());
}

TEST_CASE("names in filters are text, whatever stands in them") {
  const Fixture f;
  f.write(Kind::call, call_body("c1", "it's", "a' or '1'='1"));
  f.catch_up();
  CHECK(f.calls({.task = "a' or '1'='1"}) == "c1");
  CHECK(f.calls({.task = "x' or '1'='1"}).empty());
  CHECK(f.calls({.tool = "it's"}) == "c1");
  CHECK(f.index->find("' or ''='").error().code == ErrorCode::not_found);
}

TEST_CASE("times are inclusive on both sides") {
  const Fixture f;
  std::vector<std::int64_t> times;
  for (int i = 0; i < 1000; ++i) {
    const Position at = f.write(Kind::call, call_body("c" + std::to_string(1000 + i)));
    times.push_back(f.ledger->read(at)->time_us);
  }
  f.catch_up();
  const auto count = [&](std::int64_t since, std::int64_t until) {
    return f.index->query({.since_us = since, .until_us = until, .limit = 5000})->size();
  };
  const auto expected = [&](std::int64_t since, std::int64_t until) {
    return static_cast<std::size_t>(
        std::ranges::count_if(times, [&](std::int64_t time) { return time >= since && time <= until; }));
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{999}}) {
    CHECK(count(times[at], times.back()) == expected(times[at], times.back()));
    CHECK(count(times.front(), times[at]) == expected(times.front(), times[at]));
    CHECK(count(times[at], times[at]) == expected(times[at], times[at]));
  }
  CHECK(count(0, times.front() - 1) == 0);
  CHECK(count(times.back() + 1, times.back() + 2) == 0);
}

TEST_CASE("the beginning or the end of an id is enough when only one call has it") {
  const Fixture f;
  for (const char* call : {"c01ab", "c01cd", "c02ab"}) f.write(Kind::call, call_body(call));
  f.catch_up();
  CHECK(f.find("cd").call == "c01cd");
  CHECK(f.find("c02").call == "c02ab");
  CHECK(f.find("1ab").call == "c01ab");
  CHECK(f.index->find("ab").error().code == ErrorCode::invalid_argument);
  CHECK(f.index->find("c").error().code == ErrorCode::invalid_argument);
  CHECK(f.index->find("01").error().code == ErrorCode::not_found);
  CHECK(f.index->find("").error().code == ErrorCode::not_found);
  CHECK(f.index->find(std::string(100'000, 'c')).error().code == ErrorCode::not_found);
}

TEST_CASE("positions lead to every record, over segments, and end where the ledger ends") {
  const Fixture f(4096);
  std::vector<Position> positions;
  for (int i = 0; i < 600; ++i) positions.push_back(f.write(Kind::call, call_body("c" + std::to_string(i))));
  f.catch_up();
  CHECK(f.folder.segments().size() > 10);
  for (const Position& wanted : positions) {
    const auto near = f.index->position_of(wanted.sequence);
    REQUIRE(near);
    REQUIRE(*near);
    CHECK((*near)->sequence <= wanted.sequence);
    CHECK(wanted.sequence - (*near)->sequence < 256);
    CHECK(f.ledger->read(**near)->position == **near);
  }
  CHECK((*f.index->position_of(0))->sequence == 1);
  CHECK_FALSE(*f.index->position_of(positions.back().sequence + 1));
}

TEST_CASE("a snapshot is kept until it is replaced") {
  Fixture f;
  CHECK_FALSE(*f.index->snapshot());
  const Position at = f.write(Kind::note, Body{});
  REQUIRE(f.index->save_snapshot({.position = at, .text = "one"}));
  REQUIRE(f.index->save_snapshot({.position = at, .text = std::string(100'000, 'x')}));
  f.open();
  const auto kept = f.index->snapshot();
  REQUIRE(kept);
  REQUIRE(*kept);
  CHECK((*kept)->position == at);
  CHECK((*kept)->text == std::string(100'000, 'x'));
}

TEST_CASE("what retention dropped is forgotten") {
  const Fixture f;
  std::vector<Position> positions;
  for (int i = 0; i < 600; ++i) positions.push_back(f.write(Kind::call, call_body("c" + std::to_string(1000 + i))));
  f.catch_up();
  REQUIRE(f.index->forget_before(301));
  CHECK(f.index->find("c1299").error().code == ErrorCode::not_found);
  CHECK(f.find("c1300").first == positions[300]);
  CHECK((*f.index->position_of(5))->sequence == 512);
  f.write(Kind::call, call_body("c2000"));
  f.catch_up();
  CHECK(f.calls({.limit = 1}) == "c2000");
}

TEST_CASE("only what is durable is indexed, so a crash never leaves the index ahead") {
  const Fixture f;
  f.write(Kind::call, call_body("c1"));
  CHECK(f.ledger->durable_sequence() == 0);
  f.catch_up();
  CHECK(f.ledger->durable_sequence() == 1);
  CHECK(f.index->indexed()->sequence == 1);
}

TEST_CASE("bodies that are not ours to read are passed over") {
  const Fixture f;
  for (const char* body : {"", "null", "[1]", "{\"call\":", R"({"call":7})", R"({"changes":[{"table":"undone"}]})",
                           R"({"changes":"undone"})", R"({"call":"x","changes":["undone",{"undone"])"}) {
    REQUIRE(f.ledger->append(1, body));
  }
  REQUIRE(f.ledger->append(77, R"({"call":"c7"})"));
  REQUIRE(f.ledger->checkpoint("note"));
  f.write(Kind::call, call_body("c1"));
  f.catch_up();
  CHECK(f.calls({}) == "c1");
  CHECK(f.index->indexed()->sequence == f.ledger->head().sequence);
}

TEST_CASE("a file that is damaged, cut, empty or something else is made again") {
  Fixture f;
  for (int i = 0; i < 300; ++i) f.write(Kind::call, call_body("c" + std::to_string(1000 + i)));
  f.catch_up();
  const auto is_whole = [&] {
    f.catch_up();
    CHECK(f.index->query({.limit = 1000})->size() == 300);
    CHECK(f.find("c1150").call == "c1150");
  };
  SUBCASE("garbage") {
    f.damage([](std::string& bytes) { bytes.assign(bytes.size(), '\x5a'); });
    CHECK_FALSE(f.index->indexed());
    is_whole();
  }
  SUBCASE("a broken header") {
    f.damage([](std::string& bytes) { bytes[0] = 'X'; });
    is_whole();
  }
  SUBCASE("cut in the middle of a page") {
    f.damage([](std::string& bytes) { bytes.resize(bytes.size() / 2 + 100); });
    if (!f.index->catch_up(*f.ledger) || !f.index->query({.limit = 1000})) f.catch_up();
    is_whole();
  }
  SUBCASE("empty") {
    f.damage([](std::string& bytes) { bytes.clear(); });
    is_whole();
  }
  SUBCASE("one page zeroed: the first query that meets it says so, the next catch-up mends it") {
    f.damage([](std::string& bytes) { std::fill(bytes.begin() + 4096, bytes.end(), '\0'); });
    const auto met = f.index->query({.limit = 1000});
    if (!met) CHECK(met.error().code == ErrorCode::corrupt);
    is_whole();
  }
  SUBCASE("a stale write-ahead log beside it") {
    f.index.reset();
    ledger::replace_file(f.file.string() + "-wal", std::string(50'000, 'w'));
    f.open();
    is_whole();
  }
  SUBCASE("deleted") {
    f.index.reset();
    std::filesystem::remove(f.file);
    f.open();
    is_whole();
  }
}

TEST_CASE("every byte of the first page may be wrong without a wrong answer about what is indexed") {
  Fixture f;
  for (int i = 0; i < 20; ++i) f.write(Kind::call, call_body("c" + std::to_string(1000 + i)));
  f.catch_up();
  f.index.reset();
  const std::string whole = ledger::bytes_of_file(f.file);
  for (std::size_t at = 0; at < 120; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0xff);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(f.file.string() + suffix);
    ledger::replace_file(f.file, bytes);
    auto opened = Index::open(f.file);
    if (!opened) {  // a version from the future is refused
      CHECK(opened.error().code == ErrorCode::unavailable);
      continue;
    }
    const auto first = (*opened)->catch_up(*f.ledger);
    if (!first || !(*opened)->query({})) REQUIRE((*opened)->catch_up(*f.ledger));
    const auto rows = (*opened)->query({});
    REQUIRE(rows);
    CAPTURE(at);
    CHECK(rows->size() == 20);
  }
}

TEST_CASE("an index of a newer program is refused untouched") {
  Fixture f;
  f.write(Kind::call, call_body("c1"));
  f.catch_up();
  f.index.reset();
  std::string bytes = ledger::bytes_of_file(f.file);
  bytes[63] = 99;  // user_version, big endian at 60
  ledger::replace_file(f.file, bytes);
  const auto opened = Index::open(f.file);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::unavailable);
  CHECK(ledger::bytes_of_file(f.file) == bytes);
}

TEST_CASE("an index of another ledger, or of one put back from a copy, is made again") {
  Fixture f;
  f.write(Kind::call, call_body("c1"));
  REQUIRE(f.ledger->flush());
  f.ledger.reset();
  f.folder.save();
  f.ledger = f.folder.open();
  f.write(Kind::call, call_body("lost"));
  f.write(Kind::call, undo_body("lost too", "c1", "lost too"));
  f.catch_up();
  REQUIRE(f.index->save_snapshot({.position = *f.index->indexed(), .text = "of the lost"}));
  f.ledger.reset();
  f.folder.restore();
  f.ledger = f.folder.open();
  SUBCASE("shorter than the index") {
    f.open();
  }
  SUBCASE("as long as the index, with other records") {
    for (int i = 0; i < 10; ++i) f.write(Kind::call, call_body("n" + std::to_string(i)));
    f.open();
  }
  f.catch_up();
  CHECK(f.index->find("lost").error().code == ErrorCode::not_found);
  CHECK(f.find("c1").undone_by.empty());
  CHECK_FALSE(*f.index->snapshot());
}

TEST_CASE("a process killed while it catches up leaves an index that goes on where it was") {
  Fixture f;
  constexpr std::size_t kMany = 60'000;
  for (std::size_t i = 0; i < kMany; ++i) f.write(Kind::call, call_body("c" + std::to_string(100'000 + i)));
  f.write(Kind::call, undoable_body("last"));
  REQUIRE(f.ledger->flush());
  f.index.reset();
  std::uint64_t seen = 0;
  int killed = 0;
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      auto opened = Index::open(f.file);
      _exit(opened && (*opened)->catch_up(*f.ledger) ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + 5 * round));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
    killed += WIFSIGNALED(status) ? 1 : 0;
    f.open();
    const auto indexed = f.index->indexed();
    CHECK((indexed ? indexed->sequence : 0) >= seen);
    seen = indexed ? indexed->sequence : 0;
    f.index.reset();
  }
  CHECK(killed > 0);
  f.open();
  f.catch_up();
  CHECK(f.index->query({.tool = "fs.read", .limit = 100'000})->size() == kMany);
  CHECK(f.calls({.only_undoable = true}) == "last");
  const auto searches = [&] {
    db::Database database = db::Database::open(f.file.string(), {.access = db::Access::read_only}).value();
    db::Statement count = database.prepare("select count(*) from sqlite_schema where name glob 'calls_*'").value();
    REQUIRE(count.step());
    return count.integer(0);
  };
  CHECK(searches() == 5);
}

}  // namespace
}  // namespace lilux::kernel
