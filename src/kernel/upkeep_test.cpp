#include "kernel/upkeep.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "base/time.h"
#include "kernel/image.h"
#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;

std::unique_ptr<Kernel> open(const KernelFolder& folder) {
  return folder.open(Kernel::Role::one_shot, {{"ledger.retention_days", "40"}, {"objects.days", "30"}});
}

// More than two segments of records.
void fill(Kernel& kernel) {
  for (int i = 0; i < 80; ++i) must(kernel.note("fill", base::Json(std::string(500'000, 'x'))));
}

std::int64_t in_days(int days) {
  return base::now_us() + days * kDayUs;
}

void make_old(const fs::path& folder, int days) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::days(days));
  }
}

bool has_files(const fs::path& folder) {
  return std::ranges::any_of(fs::recursive_directory_iterator(folder),
                             [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
}

std::string state_of(Kernel& kernel) {
  return kernel.state().with([](State& state) { return snapshot_text(state); });
}

void remove_index(const KernelFolder& folder) {
  for (const char* name : {"lilux.db", "lilux.db-wal", "lilux.db-shm"}) fs::remove(folder.folders.state / name);
}

TEST_CASE("records that are too old go, what is alive stays, and the rest verifies") {
  const KernelFolder folder;
  auto kernel = open(folder);
  CallRequest once = folder.request("test.put", folder.path("a"), "new");
  once.idempotency_key = "k";
  const Outcome first = kernel->call(once);
  CHECK(first.ok());
  const Outcome asked = kernel->call(folder.request("test.count", folder.path("n")));
  CHECK(code_of(asked) == base::ErrorCode::approval_required);
  Task session = folder.agent("t1", {{.capability = "read kernel **", .calls = 9}});
  session.state = TaskState::ready;  // what a restart leaves as it is
  must(kernel->note("test", {}, {put(session)}));
  must(kernel->note("test", {}, {{.table = "quota", .id = "t1#0", .value = 4}}));
  fill(*kernel);
  const std::string before = state_of(*kernel);

  CHECK(must(keep_up(*kernel, in_days(39))).records == 0);
  const Upkeep done = must(keep_up(*kernel, in_days(41)));
  CHECK(done.records > 30);
  CHECK(must(keep_up(*kernel, in_days(41))).records == 0);
  CHECK(state_of(*kernel) == before);
  CHECK(must(kernel->index()).get().find(first.call).error().code == base::ErrorCode::not_found);

  kernel.reset();
  remove_index(folder);
  kernel = open(folder);
  CHECK(state_of(*kernel) == before);
  CHECK(kernel->state().with([](State& state) { return state.tasks.at("t1").grants.at(0).used; }) == 4);
  CHECK(must(kernel->answer(asked.call, Kernel::Answer::approve, "", {})).ok());
  CHECK(content(folder.path("n")) == "x");
  const ledger::Verification sound =
      must(ledger::verify({.directory = folder.folders.state / "ledger", .anchor_directory = folder.folders.config}));
  CHECK(sound.faults.empty());
  CHECK(sound.first_sequence > 30);
}

TEST_CASE("what a running call needs to be settled is never dropped") {
  const KernelFolder folder;
  set_content(folder.path("a"), "old");
  auto kernel = open(folder);
  Body intent;
  intent.call = "c-open";
  intent.tool = "test.put";
  intent.task = std::string(kTerminalTask);
  const std::vector<std::string> paths{folder.path("a")};
  intent.before = must(capture(kernel->store(), paths, Content::stored, {}));
  must(kernel->write(Kind::intent, intent));
  fill(*kernel);
  make_old(folder.folders.state / "objects", 400);
  CHECK(must(keep_up(*kernel, in_days(400))) == Upkeep{});
  kernel.reset();
  set_content(folder.path("a"), "half");
  kernel = open(folder);
  CHECK(content(folder.path("a")) == "old");
  make_old(folder.folders.state / "objects", 400);
  CHECK(must(keep_up(*kernel, in_days(400))).objects == 5);  // of the call, and of the one that took it back
}

TEST_CASE("pre-images go when they are older than objects.days") {
  const KernelFolder folder;
  set_content(folder.path("a"), "old");
  const auto kernel = open(folder);
  CHECK(kernel->call(folder.request("test.put", folder.path("a"), "new")).ok());
  make_old(folder.folders.state / "objects", 29);
  CHECK(must(keep_up(*kernel, base::now_us())).objects == 0);
  make_old(folder.folders.state / "objects", 31);
  const Upkeep done = must(keep_up(*kernel, base::now_us()));
  CHECK(done.objects > 0);
  CHECK_FALSE(has_files(folder.folders.state / "objects"));
  std::vector<std::string> noted;
  must(kernel->events_since(0, [&](const Event& event) {
    noted.push_back(event.name);
    return true;
  }));
  CHECK(noted.back() == "kernel.upkeep");
}

TEST_CASE("a tree that a delete moved aside goes when it can no longer be brought back") {
  const KernelFolder folder;
  const fs::path aside = folder.work / ".lilux-deleted-c1";
  fs::create_directories(aside / "deep");
  set_content(aside / "deep/file", "x");
  const auto kernel = open(folder);
  must(kernel->note("test", {}, {put("c1", Aside{.path = aside.string(), .since_us = base::now_us()})}));
  must(kernel->note("test", {}, {put("c2", Aside{.path = folder.path("moved-back"), .since_us = base::now_us()})}));
  CHECK(must(keep_up(*kernel, in_days(29))) == Upkeep{});
  CHECK(fs::exists(aside / "deep/file"));
  CHECK(must(keep_up(*kernel, in_days(31))) == Upkeep{.trees = 1});
  CHECK_FALSE(fs::exists(aside));
  CHECK(kernel->state().with([](State& state) { return state.asides.empty(); }));
}

TEST_CASE("writing the state again loses no change that is made meanwhile") {
  const KernelFolder folder;
  auto kernel = open(folder);
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i)
      CHECK(kernel->call(folder.request("test.state", "fact" + std::to_string(i % 7), std::to_string(i))).ok());
  });
  for (int i = 0; i < 50; ++i) must(kernel->write_state_again());
  writer.request_stop();
  writer.join();
  const std::string live = state_of(*kernel);
  kernel.reset();
  remove_index(folder);
  CHECK(state_of(*open(folder)) == live);
}

TEST_CASE("a large row is written again in a record of its own") {
  const KernelFolder folder;
  auto kernel = open(folder);
  for (const std::size_t size : {200'000U, 1'000'000U, 200'000U, 1'000'000U}) {
    const std::string id = "fact" + std::to_string(kernel->ledger().head().sequence);
    must(kernel->note("test", {}, {{.table = "fact", .id = id, .value = std::string(size, 'x')}}));
  }
  must(kernel->write_state_again());
  const std::string live = state_of(*kernel);
  kernel.reset();
  remove_index(folder);
  CHECK(state_of(*open(folder)) == live);
}

TEST_CASE("a process that does not stay does the upkeep once a day") {
  const KernelFolder folder;
  const auto upkeep_after = [&] {
    const auto kernel = open(folder);
    must(kernel->note("test", {}, {put("c2", Aside{.path = folder.path("gone"), .since_us = 1})}));
  };
  const auto asides = [&] { return open(folder)->state().with([](State& state) { return state.asides.size(); }); };
  upkeep_after();
  CHECK(asides() == 1);
  make_old(folder.folders.state, 2);
  CHECK(asides() == 1);  // looked before it ended
  CHECK(asides() == 0);
  upkeep_after();
  CHECK(asides() == 1);
}

}  // namespace
}  // namespace lilux::kernel
