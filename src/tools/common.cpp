#include "tools/common.h"

#include "kernel/kernel.h"

namespace lilux::tools {

using base::Result;
using kernel::Assessment;
using policy::Verb;

Result<Assessment> reads_kernel(std::string_view what) {
  Assessment made{.risk = policy::Risk::none};
  made.needs.push_back({.verb = Verb::read, .resource = "kernel", .target = std::string(what)});
  return made;
}

Result<Assessment> administers(std::string_view what, policy::Risk risk) {
  Assessment made{.risk = risk};
  made.needs.push_back({.verb = Verb::admin, .resource = "kernel", .target = std::string(what)});
  return made;
}

Result<std::string> task_target(const kernel::CallContext& call, const std::string& task) {
  const bool is_own =
      call.kernel().state().with([&](kernel::State& state) { return kernel::descends(state, task, call.task()); });
  return (is_own ? "task/own/" : "task/other/") + task;
}

}  // namespace lilux::tools
