#include "kernel/budget.h"
#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;

Task session_of(const KernelFolder& folder, std::string title) {
  Task session = folder.agent("", {{.capability = std::string(kEverything)}});
  session.parent = std::string(kMcpTask);
  session.principal = policy::Principal::mcp;
  session.title = std::move(title);
  return session;
}

TaskState state_of(Kernel& kernel, const std::string& task) {
  return kernel.state().with([&](const State& state) { return state.tasks.at(task).state; });
}

TEST_CASE("a client that comes again goes on with its session, and two at once have two") {
  KernelFolder folder;
  const auto kernel = folder.open();
  const std::string first = must(kernel->open_session(session_of(folder, "a")));
  const std::string second = must(kernel->open_session(session_of(folder, "a")));
  CHECK(first != second);
  CHECK(state_of(*kernel, first) == TaskState::running);
  kernel->close_session(first);
  CHECK(state_of(*kernel, first) == TaskState::ready);
  CHECK(must(kernel->open_session(session_of(folder, "b"))) != first);
  Task elsewhere = session_of(folder, "a");
  elsewhere.cwd = "/";
  CHECK(must(kernel->open_session(elsewhere)) != first);
  Task less = session_of(folder, "a");
  less.grants = {{.capability = "read fs **"}};
  CHECK(must(kernel->open_session(less)) != first);
  CHECK(must(kernel->open_session(session_of(folder, "a"))) == first);
  CHECK(state_of(*kernel, first) == TaskState::running);
}

TEST_CASE("limits that a client asks for hold when it was here before without them") {
  KernelFolder folder;
  const auto kernel = folder.open();
  const std::string free = must(kernel->open_session(session_of(folder, "a")));
  kernel->close_session(free);
  Task limited = session_of(folder, "a");
  limited.budget.calls = 1;
  const std::string narrow = must(kernel->open_session(limited));
  CHECK(narrow != free);
  kernel->close_session(narrow);
  CHECK(must(kernel->open_session(limited)) == narrow);
  limited.budget.calls = 2;
  CHECK(must(kernel->open_session(limited)) != narrow);
}

TEST_CASE("what a session runs ends with it, and the next start finds it idle") {
  KernelFolder folder;
  std::string session;
  {
    const auto kernel = folder.open();
    session = must(kernel->open_session(session_of(folder, "a")));
    CallRequest request = folder.request("test.wait", "never");
    request.task = session;
    request.caller.principal = policy::Principal::mcp;
    std::promise<Outcome> ended;
    must(kernel->submit(std::move(request), 5, [&](Outcome outcome) { ended.set_value(std::move(outcome)); }));
    kernel->close_session(session);
    const Outcome outcome = ended.get_future().get();
    CHECK(code_of(outcome) == ErrorCode::cancelled);
    CHECK(must(kernel->open_session(session_of(folder, "a"))) == session);
  }
  const auto kernel = folder.open();
  CHECK(state_of(*kernel, session) == TaskState::ready);
  CHECK(must(kernel->open_session(session_of(folder, "a"))) == session);
}

TEST_CASE("a session has no more rights than what it stands below, and can be shut out") {
  KernelFolder folder;
  const auto kernel = folder.open();
  must(kernel->note("test", {}, {put(folder.agent("t1", {{.capability = "read kernel **"}}))}));
  Task wide = session_of(folder, "a");
  wide.parent = "t1";
  CHECK(kernel->open_session(wide).error().code == ErrorCode::denied);
  const std::string session = must(kernel->open_session(session_of(folder, "a")));
  must(kernel->kill_task(session, "enough"));
  kernel->close_session(session);
  CHECK(state_of(*kernel, session) == TaskState::killed);
  CHECK(must(kernel->open_session(session_of(folder, "a"))) != session);
}

TEST_CASE("idle sessions are bounded and count as nobody's children") {
  KernelFolder folder;
  const auto kernel = folder.open();
  for (int i = 0; i < 210; ++i)
    kernel->close_session(must(kernel->open_session(session_of(folder, "client " + std::to_string(i)))));
  std::size_t idle = 0;
  kernel->state().with([&](const State& state) {
    for (const auto& [id, task] : state.tasks) idle += is_idle_session(task) ? 1U : 0U;
  });
  CHECK(idle > 190);
  CHECK(idle <= 201);
  CHECK(children_alive(*kernel, std::string(kMcpTask)) == 0);
}

TEST_CASE(
    "who is refused for want of a right is told who can give it, a client by its grants and a task by another one") {
  const policy::Need need{.verb = policy::Verb::read, .resource = "kernel", .target = "ledger"};
  std::optional<std::size_t> used;
  const auto hint_for = [&](const Task& task) {
    const auto covered = covering_grant(task, need, 0, "/home/me", used);
    REQUIRE_FALSE(covered);
    CHECK(covered.error().message == "task t1 does not hold 'read kernel ledger'");
    return covered.error().hint;
  };
  Task client{.id = "t1", .parent = std::string(kMcpTask), .title = {}, .principal = policy::Principal::mcp};
  client.grants = {{.capability = "read fs /src/**"}};
  CHECK(hint_for(client) ==
        "a person gives a client more where it is started: lilux mcp serve --grant 'read kernel ledger' ...");
  Task below = client;
  below.tool = "shell.run";
  CHECK(hint_for(below) ==
        "a person can start a task that holds it: lilux call task.spawn --capabilities 'read kernel ledger' ...");
}

}  // namespace
}  // namespace lilux::kernel
