#include <doctest/doctest.h>

#include "kernel/execution.h"
#include "kernel/image.h"
#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

// A kernel that ended between the intent of a call and its outcome.
struct Interrupted {
  explicit Interrupted(const std::string& tool) {
    intent.call = "c-open";
    intent.tool = tool;
    intent.task = std::string(kTerminalTask);
    intent.principal = "terminal";
    intent.arguments = base::JsonObject{{"path", folder.path("a")}, {"text", "new"}};
    intent.caller = base::JsonObject{{"cwd", folder.work.string()}, {"project", folder.work.string()}};
  }
  std::unique_ptr<Kernel> reopen() const {
    {
      const auto kernel = folder.open();
      must(kernel->ledger().wait_durable(must(kernel->write(Kind::intent, intent)).sequence));
    }
    return folder.open();
  }
  static std::string result(Kernel& kernel) {
    const std::vector<Written> records = records_of(kernel, "c-open");
    REQUIRE(records.size() == 2);
    CHECK(kernel.state().with([](State& state) { return state.intents.empty(); }));
    return records[1].body.string_or("result");
  }

  KernelFolder folder;
  Body intent;
};

TEST_CASE("an interrupted call that may run twice is run again") {
  const Interrupted interrupted("test.rewrite");
  const auto kernel = interrupted.reopen();
  CHECK(Interrupted::result(*kernel) == "rerun");
  CHECK(content(interrupted.folder.path("a")) == "new");
}

TEST_CASE("an interrupted call with an image is taken back, its scratch removed") {
  Interrupted interrupted("test.put");
  set_content(interrupted.folder.path("a"), "old");
  {
    const auto kernel = interrupted.folder.open();
    const std::vector<std::string> paths{interrupted.folder.path("a")};
    interrupted.intent.before = must(capture(kernel->store(), paths, Content::stored, {}));
  }
  interrupted.intent.scratch = {interrupted.folder.path(".scratch")};
  set_content(interrupted.folder.path("a"), "half");
  set_content(interrupted.folder.path(".scratch"), "half");
  const auto kernel = interrupted.reopen();
  CHECK(Interrupted::result(*kernel) == "rolled_back");
  CHECK(content(interrupted.folder.path("a")) == "old");
  CHECK_FALSE(std::filesystem::exists(interrupted.folder.path(".scratch")));

  // What stood there may be newer work, so it can be had back.
  const std::vector<CallRow> rows = must(must(kernel->index()).get().query({.tool = "undo.recover"}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cause == "c-open");
  CHECK(rows[0].undo == "exact");
  const std::vector<Written> records = records_of(*kernel, rows[0].call);
  REQUIRE(records.size() == 2);
  CHECK(must(difference(kernel->store(), records[1].body.string_or("after"))).empty());
  must(restore(kernel->store(), records[0].body.string_or("before")));
  CHECK(content(interrupted.folder.path("a")) == "half");
}

TEST_CASE("a key of an interrupted call answers what is known, or is free again") {
  for (const std::string tool : {"test.rewrite", "test.put"}) {
    Interrupted interrupted(tool);
    CallRequest request = interrupted.folder.request(tool, interrupted.folder.path("a"), "new");
    request.idempotency_key = "k";
    const std::string key = std::string(kTerminalTask) + "\nk";
    interrupted.intent.changes = {put(key, {.call = "c-open", .hash = approval_hash(request, kTerminalTask, "")})};
    {
      const auto kernel = interrupted.folder.open();
      const std::vector<std::string> paths{interrupted.folder.path("a")};
      if (tool == "test.put") interrupted.intent.before = must(capture(kernel->store(), paths, Content::stored, {}));
    }
    const auto kernel = interrupted.reopen();
    const Outcome again = kernel->call(request);
    CHECK(again.ok());
    CHECK((again.call == "c-open") == (tool == "test.rewrite"));
  }
}

TEST_CASE("an interrupted call is run again only when it is about the same") {
  Interrupted interrupted("test.count");
  interrupted.intent.needs = {"execute shell something else"};
  const auto kernel = interrupted.reopen();
  CHECK(code_of(must(kernel->answer("c-open", Kernel::Answer::approve, "", {}))) == base::ErrorCode::conflict);
  CHECK_FALSE(std::filesystem::exists(interrupted.folder.path("a")));
}

TEST_CASE("an interrupted call that may neither run twice nor be taken back is put before a person") {
  const Interrupted interrupted("test.count");
  auto kernel = interrupted.reopen();
  CHECK(Interrupted::result(*kernel) == "unknown");
  kernel.reset();
  kernel = interrupted.folder.open();  // asked once
  CHECK(Interrupted::result(*kernel) == "unknown");
  CHECK(kernel->state().with([](State& state) { return state.approvals.at("c-open").state; }) ==
        ApprovalState::unknown_outcome);
  CHECK_FALSE(std::filesystem::exists(interrupted.folder.path("a")));
  SUBCASE("who runs it again") {
    const Outcome again = must(kernel->answer("c-open", Kernel::Answer::approve, "", {}));
    CHECK(text_of(again) == "counted");
    CHECK(again.call == "c-open");
    CHECK(content(interrupted.folder.path("a")) == "x");
    CHECK(kernel->state().with([](State& state) { return state.approvals.at("c-open").result; }) == "ok");
  }
  SUBCASE("or leaves it as it is") {
    CHECK(must(kernel->answer("c-open", Kernel::Answer::deny, "", {})).ok());
    CHECK_FALSE(std::filesystem::exists(interrupted.folder.path("a")));
  }
  CHECK_FALSE(kernel->answer("c-open", Kernel::Answer::approve, "", {}));
}

TEST_CASE("arguments with secrets are not run again") {
  Interrupted interrupted("test.rewrite");
  interrupted.intent.arguments = base::JsonObject{{"path", interrupted.folder.path("a")}, {"text", "hmac-sha256:00"}};
  const auto kernel = interrupted.reopen();
  CHECK(Interrupted::result(*kernel) == "unknown");
  CHECK_FALSE(std::filesystem::exists(interrupted.folder.path("a")));
}

TEST_CASE("only the newest keys are remembered, but each of a call that has not ended") {
  State state;
  remember(state, "open", {.call = "c-1"});
  for (std::size_t i = 0; i < kRememberedKept; ++i)
    remember(state, "k" + std::to_string(i), {.call = "c-2", .is_open = false});
  CHECK(state.remembered.contains("open"));
  CHECK(state.remembered.contains("k0"));
  remember(state, "open", {.call = "c-1", .is_open = false});
  CHECK_FALSE(state.remembered.contains("open"));
  CHECK(state.remembered.contains("k0"));
  CHECK(state.remembered.size() == kRememberedKept);
  CHECK(state.remembered_order.size() == kRememberedKept);
}

TEST_CASE("a snapshot that another hand wrote is passed over") {
  const KernelFolder folder;
  const auto facts = [&] {
    return folder.open(Kernel::Role::daemon)->state().with([](State& state) { return state.facts; });
  };
  CHECK(folder.open()->call(folder.request("test.state", "kept", "1")).ok());
  const auto before = facts();  // the daemon leaves a snapshot
  {
    const std::unique_ptr<Index> index = must(Index::open(folder.folders.state / "lilux.db"));
    Index::Snapshot kept = must(index->snapshot()).value();
    const std::string row = R"({"rows":[{"table":"fact","id":"forged","value":"1"},)";
    REQUIRE(kept.text.contains(R"({"rows":[)"));
    kept.text.replace(kept.text.find(R"({"rows":[)"), 9, row);
    must(index->save_snapshot(kept));
  }
  CHECK(facts() == before);
}

TEST_CASE("without lilux.db nothing is lost") {
  const KernelFolder folder;
  const auto text = [](Kernel& kernel) {
    State copy = kernel.state().with([](State& state) { return state; });
    copy.applied = {};
    return snapshot_text(copy);
  };
  {
    const auto kernel = folder.open(Kernel::Role::daemon);
    CallRequest request = folder.request("test.put", folder.path("a"), "new");
    request.idempotency_key = "k";
    CHECK(kernel->call(request).ok());
    CHECK_FALSE(kernel->call(folder.request("test.count", folder.path("n"))).ok());
    CHECK(kernel->call(folder.request("test.state", "fact", "1")).ok());
    must(kernel->note("test", {}, {put(folder.agent("t1", {{.capability = "read kernel **"}}))}));
  }
  REQUIRE(std::filesystem::exists(folder.folders.state / "lilux.db"));
  const std::string with = text(*folder.open());
  for (const char* name : {"lilux.db", "lilux.db-wal", "lilux.db-shm"})
    std::filesystem::remove(folder.folders.state / name);
  const auto kernel = folder.open();
  CHECK(text(*kernel) == with);
  CHECK(with.find("test.count") != std::string::npos);
  CallRequest again = folder.request("test.put", folder.path("a"), "new");
  again.idempotency_key = "k";
  std::filesystem::remove(folder.path("a"));
  CHECK(text_of(kernel->call(again)) == "new");
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST_CASE("a kernel that cannot open says why and leaves everything as it is") {
  const KernelFolder folder;
  CHECK(folder.open()->call(folder.request("test.state", "fact")).ok());
  const auto objects = folder.folders.state / "objects";
  std::filesystem::remove_all(objects);
  set_content(objects, "not a folder");
  const auto broken = Kernel::open(folder.folders, Config{}, kTestTools, Kernel::Role::one_shot);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("objects") != std::string::npos);
  std::filesystem::remove(objects);
  CHECK(folder.open()->state().with([](State& state) { return state.facts.contains("fact"); }));
}

}  // namespace
}  // namespace lilux::kernel
