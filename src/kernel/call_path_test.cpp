#include <doctest/doctest.h>

#include "kernel/approvals.h"
#include "kernel/scheduler.h"
#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;

TEST_CASE("a call that changes the world is an intent and an outcome, on disk before its answer") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const Outcome outcome = kernel->call(folder.request("test.put", folder.path("a"), "new"));
  CHECK(text_of(outcome) == "new");
  CHECK(content(folder.path("a")) == "new");
  const std::vector<Written> records = records_of(*kernel, outcome.call);
  REQUIRE(records.size() == 2);
  CHECK(records[0].kind == static_cast<std::uint8_t>(Kind::intent));
  for (const Written& record : records) CHECK(record.body.string_or("tier") == "T0");
  CHECK(records[0].body.string_or("before") != "");
  CHECK(records[1].kind == static_cast<std::uint8_t>(Kind::outcome));
  CHECK(records[1].body.string_or("result") == "ok");

  KernelFolder copy;  // what is on disk while the first kernel still runs
  std::filesystem::copy(folder.folders.state, copy.folders.state, std::filesystem::copy_options::recursive);
  std::filesystem::copy(folder.folders.config, copy.folders.config, std::filesystem::copy_options::recursive);
  for (const auto& path : {copy.folders.state, copy.folders.config})
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const auto second = copy.open();
  CHECK(text_of(must(recorded_outcome(*second, outcome.call))) == "new");
}

TEST_CASE("a call that fails takes back what it began, and nothing of anybody else") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  set_content(folder.path("a"), "old");
  CHECK(code_of(kernel->call(folder.request("test.half", folder.path("a"), "ours"))) == ErrorCode::conflict);
  CHECK(content(folder.path("a")) == "old");
  CHECK(code_of(kernel->call(folder.request("test.half", folder.path("a"), "theirs"))) == ErrorCode::conflict);
  CHECK(content(folder.path("a")) == "theirs");
  CHECK(code_of(kernel->call(folder.request("test.half", folder.path("new"), "theirs"))) == ErrorCode::conflict);
  CHECK(content(folder.path("new")) == "theirs");
}

TEST_CASE("what cannot be taken back is put before a person at once") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  std::filesystem::create_directory(folder.path("d"));
  set_content(folder.path("d/a"), "old");
  const Outcome failed = kernel->call(folder.request("test.half", folder.path("d/a"), "gone"));
  CHECK(code_of(failed) == ErrorCode::conflict);
  CHECK(failed.output.error().message.find("could not be taken back") != std::string::npos);
  CHECK(records_of(*kernel, failed.call).back().body.string_or("result") == "unknown");
  CHECK(kernel->state().with([&](State& state) { return state.approvals.at(failed.call).state; }) ==
        ApprovalState::unknown_outcome);
  CHECK(kernel->state().with([](State& state) { return state.intents.empty(); }));
}

TEST_CASE("calls without effect are one record; a state changes with its record or not at all") {
  const KernelFolder folder;
  auto kernel = folder.open();
  set_content(folder.path("a"), "text");
  const Outcome read = kernel->call(folder.request("test.read", folder.path("a")));
  CHECK(text_of(read) == "text");
  CHECK(records_of(*kernel, read.call).size() == 1);
  CHECK(kernel->call(folder.request("test.state", "kept", "1")).ok());
  CHECK(code_of(kernel->call(folder.request("test.state", "lost", "fail"))) == ErrorCode::conflict);
  kernel.reset();
  kernel = folder.open();
  kernel->state().with([](State& state) {
    CHECK(state.facts.contains("kept"));
    CHECK_FALSE(state.facts.contains("lost"));
  });
}

TEST_CASE("bad calls are refused by name and recorded") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const Outcome unknown = kernel->call(folder.request("test.reed", "a"));
  CHECK(code_of(unknown) == ErrorCode::not_found);
  CHECK(unknown.output.error().hint.find("test.read") != std::string::npos);
  CHECK(records_of(*kernel, unknown.call).size() == 1);
  CallRequest wrong = folder.request("test.read", "a");
  wrong.arguments = base::JsonObject{{"pth", "a"}};
  CHECK(code_of(kernel->call(wrong)) == ErrorCode::invalid_argument);
  wrong.arguments = "a";
  CHECK(code_of(kernel->call(wrong)) == ErrorCode::invalid_argument);
  CHECK(code_of(kernel->call(folder.by(folder.request("test.wait", "a"), "nobody"))) == ErrorCode::not_found);
}

TEST_CASE("a rule denies, built in or written") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const Outcome own = kernel->call(folder.request("test.read", (folder.folders.state / "digest.key").string()));
  CHECK(code_of(own) == ErrorCode::denied);
  CHECK(own.output.error().rule == "builtin:lilux-state");
  KernelFolder::set_policy(*kernel, "[[rule]]\nid = \"no-put\"\neffect = \"deny\"\ntool = \"test.put\"\n");
  const Outcome put = kernel->call(folder.request("test.put", folder.path("a"), "new"));
  CHECK(code_of(put) == ErrorCode::denied);
  CHECK(put.output.error().rule == "no-put");
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
  CHECK(records_of(*kernel, put.call).size() == 1);
}

TEST_CASE("a broken policy file lets nothing through") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  KernelFolder::set_policy(*kernel, "autonomy = \"ful\"\n");
  CHECK_FALSE(kernel->call(folder.request("test.put", folder.path("a"), "new")).ok());
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST_CASE("rules that do not go together in one project refuse what is done there and nothing elsewhere") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  KernelFolder::set_policy(*kernel,
                           "[[rule]]\nid = \"no\"\neffect = \"deny\"\ncapability = \"write fs {project}/x/**\"\n"
                           "[[rule]]\nid = \"yes\"\neffect = \"allow\"\ncapability = \"write fs " +
                               folder.path("x/y") + "\"\n");
  CallRequest elsewhere = folder.request("test.put", folder.path("a"), "new");
  elsewhere.caller.project = (folder.root / "home").string();
  elsewhere.is_answered_yes = true;
  for (int i = 0; i < 2; ++i) {
    const Outcome here = kernel->call(folder.request("test.put", folder.path("a"), "new"));
    CHECK(code_of(here) == ErrorCode::unavailable);
    CHECK(here.output.error().message.find("never fire") != std::string::npos);
    text_of(kernel->call(elsewhere));
  }
}

TEST_CASE("a task does what it holds a capability for, as often as its quota says") {
  const KernelFolder folder;
  auto kernel = folder.open();
  const std::string inside = "read fs " + folder.work.string() + "/**";
  must(kernel->note("test", {}, {put(folder.agent("t1", {{.capability = inside, .calls = 2}}))}));
  set_content(folder.path("a"), "text");
  const auto read = [&] { return kernel->call(folder.by(folder.request("test.read", folder.path("a")), "t1")); };
  const Outcome write = kernel->call(folder.by(folder.request("test.put", folder.path("a"), "new"), "t1"));
  CHECK(code_of(write) == ErrorCode::denied);
  CHECK(write.output.error().rule == "capability:t1");
  CHECK(content(folder.path("a")) == "text");
  CHECK(text_of(read()) == "text");
  kernel.reset();
  kernel = folder.open();  // the quota is as durable as the task
  CHECK(text_of(read()) == "text");
  CHECK(code_of(read()) == ErrorCode::denied);
}

TEST_CASE("a child is held to what its parents hold") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  Task child = folder.agent("t2", {{.capability = std::string(kEverything)}});
  child.parent = "t1";
  must(kernel->note("test", {}, {put(folder.agent("t1", {{.capability = "read kernel **"}})), put(child)}));
  CHECK(code_of(kernel->call(folder.by(folder.request("test.put", folder.path("a"), "new"), "t2"))) ==
        ErrorCode::denied);
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST_CASE("what is for people is refused to everybody else") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  for (const auto principal : {policy::Principal::agent, policy::Principal::mcp, policy::Principal::http}) {
    CallRequest request = folder.request("test.people", "a");
    request.caller.principal = principal;
    const Outcome outcome = kernel->call(request);
    CHECK(code_of(outcome) == ErrorCode::denied);
    CHECK(outcome.output.error().rule == "audience:people");
  }
  CHECK(kernel->call(folder.request("test.people", "a")).ok());
}

TEST_CASE("an idempotency key gives one answer to one call, across restarts") {
  const KernelFolder folder;
  auto kernel = folder.open();
  CallRequest request = folder.request("test.put", folder.path("a"), "new");
  request.idempotency_key = "k";
  const Outcome first = kernel->call(request);
  CHECK(text_of(first) == "new");
  std::filesystem::remove(folder.path("a"));
  for (int round = 0; round < 2; ++round) {
    const Outcome again = kernel->call(request);
    CHECK(again.call == first.call);
    CHECK(text_of(again) == "new");
    CHECK_FALSE(std::filesystem::exists(folder.path("a")));
    kernel.reset();
    kernel = folder.open();
  }
  CallRequest other = folder.request("test.put", folder.path("a"), "other");
  other.idempotency_key = "k";
  CHECK(code_of(kernel->call(other)) == ErrorCode::conflict);
  other.idempotency_key = std::string(201, 'k');
  CHECK(code_of(kernel->call(other)) == ErrorCode::invalid_argument);
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST_CASE("a reason that is no sentence is refused, and the record stays short") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  CallRequest request = folder.request("test.put", folder.path("a"), "new");
  request.reason = std::string(kReasonMax + 1, 'r');
  const Outcome refused = kernel->call(request);
  CHECK(code_of(refused) == ErrorCode::invalid_argument);
  CHECK(refused.output.error().message == "the reason has 2001 bytes, and 2000 are the most");
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
  request.reason.pop_back();
  CHECK(text_of(kernel->call(request)) == "new");
}

TEST_CASE("a kernel that lives long forgets old idempotency keys") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  set_content(folder.path("a"), "text");
  CallRequest request = folder.request("test.read", folder.path("a"));
  for (std::size_t i = 0; i < kRememberedKept + 3; ++i) {
    request.idempotency_key = std::to_string(i);
    REQUIRE(kernel->call(request).ok());
  }
  CHECK(kernel->state().with([](State& state) { return state.remembered.size(); }) == kRememberedKept);
}

TEST_CASE("a budget of calls is used up, by the task and by what is below it") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  Task parent = folder.agent("t1", {{.capability = std::string(kEverything)}});
  parent.budget.calls = 2;
  Task child = folder.agent("t2", {{.capability = std::string(kEverything)}});
  child.parent = "t1";
  must(kernel->note("test", {}, {put(parent), put(child)}));
  set_content(folder.path("a"), "text");
  const auto read = [&](const char* task) {
    return kernel->call(folder.by(folder.request("test.read", folder.path("a")), task));
  };
  CHECK(read("t2").ok());
  CHECK(read("t1").ok());
  CHECK(code_of(read("t2")) == ErrorCode::over_budget);
  CHECK(code_of(read("t1")) == ErrorCode::over_budget);
}

TEST_CASE("a parked call is woken by its key") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  auto waiting = submit(*kernel, folder.request("test.wait", "gate"));
  must(kernel->note("test", {}, {{.table = "fact", .id = "gate", .value = "1"}}));
  kernel->wake("gate");
  CHECK(text_of(ended(waiting)) == "woken");
  CHECK(kernel->calls_in_flight() == 0);
}

TEST_CASE("a parked call whose time is up says how things stand") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  CallRequest request = folder.request("test.wait", "gate");
  request.timeout = std::chrono::milliseconds(30);
  auto waiting = submit(*kernel, request);
  CHECK(text_of(ended(waiting)) == "late");
}

TEST_CASE("a parked call is cancelled") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  std::stop_source cancel;
  CallRequest request = folder.request("test.wait", "gate");
  request.cancel = cancel.get_token();
  auto waiting = submit(*kernel, request);
  cancel.request_stop();
  CHECK(code_of(ended(waiting)) == ErrorCode::cancelled);
  CHECK_FALSE(kernel->cancel("nobody"));
}

TEST_CASE("the emergency stop ends what waits, refuses what comes and outlasts a restart") {
  const KernelFolder folder;
  auto kernel = folder.open();
  auto waiting = submit(*kernel, folder.request("test.wait", "gate"));
  must(kernel->emergency_stop("test"));
  CHECK_FALSE(ended(waiting).ok());
  const auto put_it = [&] { return kernel->call(folder.request("test.put", folder.path("a"), "new")); };
  CHECK(code_of(put_it()) == ErrorCode::unavailable);
  kernel.reset();
  kernel = folder.open();
  CHECK(kernel->is_stopped());
  CHECK(code_of(put_it()) == ErrorCode::unavailable);
  CHECK_FALSE(std::filesystem::exists(folder.path("a")));
  must(kernel->emergency_resume());
  CHECK(text_of(put_it()) == "new");
}

TEST_CASE("one process holds the kernel") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const auto second = Kernel::open(folder.folders, kernel->config(), kTestTools, Kernel::Role::one_shot);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::unavailable);
}

TEST_CASE("no file has to be there for the kernel to be held") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.folders.state)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  for (const auto& file : files) std::filesystem::remove(file);
  CHECK_FALSE(Kernel::open(folder.folders, kernel->config(), kTestTools, Kernel::Role::one_shot));
}

TEST_CASE("a call that has ended keeps no timer") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  auto request = folder.request("test.wait", "gate");
  request.timeout = std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) {
    std::future<Outcome> waiting = submit(*kernel, request);
    CHECK(holds_soon([&] { return kernel->scheduler().timers() == 1; }));
    must(kernel->note("test", {}, {{.table = "fact", .id = "gate", .value = "1"}}));
    kernel->wake("gate");
    CHECK(text_of(waiting.get()) == "woken");
    CHECK(kernel->scheduler().timers() == 0);
    must(kernel->note("test", {}, {{.table = "fact", .id = "gate", .value = base::Json(nullptr)}}));
  }
}

}  // namespace
}  // namespace lilux::kernel
