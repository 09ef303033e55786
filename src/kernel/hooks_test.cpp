#include <doctest/doctest.h>

#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

Change hook(const KernelFolder& folder, std::string event, std::string tool, std::string fact) {
  return put(Hook{.id = "h-" + fact,
                  .event = std::move(event),
                  .run_tool = std::move(tool),
                  .run_arguments = base::JsonObject{{"path", std::move(fact)}},
                  .cwd = folder.work.string(),
                  .project = folder.work.string()});
}

bool has_fact(Kernel& kernel, const std::string& fact) {
  return kernel.state().with([&](State& state) { return state.facts.contains(fact); });
}

TEST_CASE("a hook runs what it names, once for each event, and never for what hooks do") {
  const KernelFolder folder;
  const auto kernel = folder.open(Kernel::Role::daemon);
  must(kernel->note("test", {}, {hook(folder, "*", "test.state", "seen")}));
  CHECK(kernel->call(folder.request("test.read", folder.path("a"))).ok());
  CHECK(holds_soon([&] { return has_fact(*kernel, "seen"); }));
  CHECK(holds_soon([&] { return kernel->calls_in_flight() == 0; }));
  int by_hook = 0;
  must(kernel->events_since(0, [&](const Event& event) {
    by_hook += event.task == kHooksTask ? 1 : 0;
    return true;
  }));
  CHECK(by_hook == 2);  // for the note that made it, and for the call
}

TEST_CASE("nobody keeps a hook from running by what they say") {
  const KernelFolder folder;
  const auto kernel = folder.open(Kernel::Role::daemon);
  must(kernel->note("test", {}, {put(folder.agent("t1", {{.capability = "read fs **"}}))}));
  must(kernel->note("test", {}, {hook(folder, "call.*", "test.state", "seen")}));
  CallRequest sly = folder.by(folder.request("test.read", folder.path("a")), "t1");
  sly.reason = "hook h-seen";
  CHECK(kernel->call(sly).ok());
  CHECK(holds_soon([&] { return has_fact(*kernel, "seen"); }));
}

}  // namespace
}  // namespace lilux::kernel
