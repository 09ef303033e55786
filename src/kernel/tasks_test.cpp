#include <doctest/doctest.h>

#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;

struct Daemon {
  Daemon() : kernel(folder.open(Kernel::Role::daemon)) {}
  Task plan(const std::string& tool, const std::string& target, std::vector<std::string> depends_on = {},
            const std::string& parent = std::string(kTerminalTask)) {
    Task task = folder.agent("", {{.capability = std::string(kEverything)}});
    task.parent = parent;
    task.tool = tool;
    task.arguments = base::to_text(base::JsonObject{{"path", target}, {"text", "new"}});
    task.depends_on = std::move(depends_on);
    return must(kernel->plan_task(task));
  }
  std::string start(const Task& task) {
    must(kernel->note("task.spawn", {}, {put(task)}));
    return task.id;
  }
  TaskState state_of(const std::string& id) {
    return kernel->state().with([&](State& state) { return state.tasks.at(id).state; });
  }
  void open_gate() {
    must(kernel->note("test", {}, {{.table = "fact", .id = "gate", .value = "1"}}));
    kernel->wake("gate");
  }

  KernelFolder folder;
  std::unique_ptr<Kernel> kernel;
};

TEST_CASE("a task runs after what it depends on") {
  Daemon daemon;
  const std::string first = daemon.start(daemon.plan("test.wait", "gate"));
  const std::string second = daemon.start(daemon.plan("test.put", daemon.folder.path("a"), {first}));
  CHECK(holds_soon([&] { return daemon.state_of(first) == TaskState::running; }));
  CHECK(daemon.state_of(second) == TaskState::waiting);
  CHECK_FALSE(std::filesystem::exists(daemon.folder.path("a")));
  daemon.open_gate();
  CHECK(holds_soon([&] { return daemon.state_of(second) == TaskState::done; }));
  CHECK(daemon.state_of(first) == TaskState::done);
  CHECK(content(daemon.folder.path("a")) == "new");
}

TEST_CASE("tasks that wait for something take no place from others") {
  Daemon daemon;
  std::vector<std::string> waiting;
  for (int i = 0; i < 12; ++i) waiting.push_back(daemon.start(daemon.plan("test.wait", "gate")));
  const std::string other = daemon.start(daemon.plan("test.put", daemon.folder.path("a")));
  CHECK(holds_soon([&] { return daemon.state_of(other) == TaskState::done; }));
  daemon.open_gate();
  for (const std::string& task : waiting) CHECK(holds_soon([&] { return daemon.state_of(task) == TaskState::done; }));
  const std::string last = daemon.start(daemon.plan("test.put", daemon.folder.path("b")));
  CHECK(holds_soon([&] { return daemon.state_of(last) == TaskState::done; }));
}

TEST_CASE("a task fails with what it depends on") {
  Daemon daemon;
  const std::string first = daemon.start(daemon.plan("test.wait", "gate"));
  const std::string second = daemon.start(daemon.plan("test.put", daemon.folder.path("a"), {first}));
  const std::string third = daemon.start(daemon.plan("test.put", daemon.folder.path("b"), {second}));
  must(daemon.kernel->kill_task(first, "test"));
  CHECK(daemon.state_of(first) == TaskState::killed);
  CHECK(daemon.state_of(second) == TaskState::failed);
  CHECK(daemon.state_of(third) == TaskState::failed);
  CHECK_FALSE(std::filesystem::exists(daemon.folder.path("a")));
}

TEST_CASE("killing a task kills what is below it and ends its calls") {
  Daemon daemon;
  const std::string parent = daemon.start(daemon.plan("test.wait", "gate"));
  const std::string child = daemon.start(daemon.plan("test.wait", "gate", {}, parent));
  const std::string other = daemon.start(daemon.plan("test.wait", "gate"));
  must(daemon.kernel->kill_task(parent, "test"));
  CHECK(daemon.state_of(parent) == TaskState::killed);
  CHECK(daemon.state_of(child) == TaskState::killed);
  CHECK(holds_soon([&] { return daemon.kernel->calls_in_flight() == 1; }));
  CHECK(holds_soon([&] { return daemon.state_of(other) == TaskState::running; }));
  const Outcome late =
      daemon.kernel->call(daemon.folder.by(daemon.folder.request("test.put", daemon.folder.path("a"), "new"), child));
  CHECK(code_of(late) == ErrorCode::denied);
  CHECK_FALSE(daemon.kernel->kill_task(std::string(kTerminalTask), "test"));
}

TEST_CASE("a task whose question is over is over, however that came to be") {
  for (const int way : {0, 1, 2}) {
    Daemon daemon;
    const std::string asking = daemon.start(daemon.plan("test.count", daemon.folder.path("n")));
    const std::string after = daemon.start(daemon.plan("test.put", daemon.folder.path("a"), {asking}));
    REQUIRE(holds_soon([&] { return daemon.state_of(asking) == TaskState::waiting; }));
    Approval question = daemon.kernel->state().with([](State& state) { return state.approvals.begin()->second; });
    if (way == 0) question.expires_us = 1;
    if (way == 1) question.state = ApprovalState::denied;  // as after a crash between the answer and the task's end
    if (way == 2) must(daemon.kernel->kill_task(asking, "test"));
    if (way != 2) must(daemon.kernel->note("test", {}, {put(question)}));
    CHECK(holds_soon([&] { return daemon.state_of(asking) == (way == 2 ? TaskState::killed : TaskState::failed); }));
    CHECK(holds_soon([&] { return daemon.state_of(after) == TaskState::failed; }));
    CHECK(holds_soon([&] { return !std::filesystem::exists(question.request); }));
  }
}

TEST_CASE("a task finds that what it waits for was over before it was there") {
  Daemon daemon;
  const std::string first = daemon.start(daemon.plan("test.wait", "gate"));
  const Task second = daemon.plan("test.put", daemon.folder.path("a"), {first});
  daemon.open_gate();
  REQUIRE(holds_soon([&] { return daemon.state_of(first) == TaskState::done; }));
  daemon.start(second);
  CHECK(holds_soon([&] { return daemon.state_of(second.id) == TaskState::done; }));
}

TEST_CASE("a killed task is told of once") {
  Daemon daemon;
  const std::string task = daemon.start(daemon.plan("test.wait", "gate"));
  REQUIRE(holds_soon([&] { return daemon.kernel->calls_in_flight() == 1; }));
  must(daemon.kernel->kill_task(task, "test"));
  CHECK(holds_soon([&] { return daemon.kernel->calls_in_flight() == 0; }));
  std::vector<std::string> names;
  must(daemon.kernel->events_since(0, [&](const Event& event) {
    if (event.name.starts_with("task.") && event.task == task) names.push_back(event.name);
    return true;
  }));
  CHECK(names == std::vector<std::string>{"task.start", "task.killed"});
}

TEST_CASE("a task passes on no more than it holds") {
  Daemon daemon;
  must(daemon.kernel->note("test", {}, {put(daemon.folder.agent("t1", {{.capability = "read kernel **"}}))}));
  Task task = daemon.folder.agent("", {{.capability = "write fs " + daemon.folder.work.string() + "/**"}});
  task.parent = "t1";
  task.tool = "test.wait";
  task.arguments = "{\"path\":\"gate\"}";
  const auto wider = daemon.kernel->plan_task(task);
  REQUIRE_FALSE(wider);
  CHECK(wider.error().code == ErrorCode::denied);
  task.grants = {{.capability = "read kernel task"}};
  CHECK(daemon.kernel->plan_task(task));
  task.tool = "test.none";
  CHECK_FALSE(daemon.kernel->plan_task(task));
}

TEST_CASE("a suspended task makes no calls until it is resumed") {
  Daemon daemon;
  const std::string id = daemon.start(daemon.plan("test.wait", "gate"));
  const auto put_it = [&] {
    return daemon.kernel->call(daemon.folder.by(daemon.folder.request("test.put", daemon.folder.path("a"), "new"), id));
  };
  must(daemon.kernel->suspend_task(id));
  CHECK(code_of(put_it()) == ErrorCode::unavailable);
  CHECK_FALSE(std::filesystem::exists(daemon.folder.path("a")));
  must(daemon.kernel->resume_task(id));
  CHECK(put_it().ok());
}

TEST_CASE("a task that only looks is started again after a restart") {
  Daemon daemon;
  const std::string id = daemon.start(daemon.plan("test.wait", "gate"));
  CHECK(holds_soon([&] { return daemon.state_of(id) == TaskState::running; }));
  must(daemon.kernel->ledger().flush());
  KernelFolder copy;  // as a crash would leave it
  std::filesystem::copy(daemon.folder.folders.state, copy.folders.state, std::filesystem::copy_options::recursive);
  std::filesystem::copy(daemon.folder.folders.config, copy.folders.config, std::filesystem::copy_options::recursive);
  for (const auto& path : {copy.folders.state, copy.folders.config})
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const auto again = copy.open(Kernel::Role::daemon);
  must(again->note("test", {}, {{.table = "fact", .id = "gate", .value = "1"}}));
  again->wake("gate");
  CHECK(holds_soon(
      [&] { return again->state().with([&](State& state) { return state.tasks.at(id).state == TaskState::done; }); }));
}

TEST_CASE("a patch changes what it names, and nothing of a task that is over") {
  State state;
  apply(state, put(Task{.id = "t1", .priority = 3, .tool = "test.wait"}));
  apply(state, patch_task("t1", {{"state", "running"}}));
  apply(state, patch_task("t1", {{"is_suspended", true}}));
  CHECK(state.tasks.at("t1").state == TaskState::running);
  CHECK(state.tasks.at("t1").is_suspended);
  CHECK(state.tasks.at("t1").priority == 3);
  apply(state, patch_task("t1", {{"state", "done"}}));
  for (const char* late : {"running", "killed", "ready"}) apply(state, patch_task("t1", {{"state", late}}));
  CHECK(state.tasks.at("t1").state == TaskState::done);
  CHECK(state.runnable.empty());
  apply(state, patch_task("t2", {{"state", "ready"}}));
  CHECK_FALSE(state.tasks.contains("t2"));
  apply(state, put(Task{.id = "t3", .tool = "test.wait"}));
  apply(state, patch_task("t3", {{"state", "no such state"}}));
  CHECK(state.tasks.at("t3").state == TaskState::ready);
}

}  // namespace
}  // namespace lilux::kernel
