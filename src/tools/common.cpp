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

Result<void> check_no_secrets(const kernel::CallContext& call, const kernel::Tool& tool, const base::Json& arguments) {
  bool has_secrets = false;
  TRY(tool.redact(arguments, [&](std::string_view) {
    has_secrets = true;
    return std::string();
  }));
  for (const auto& [name, inner] : {std::pair("tool", "arguments"), std::pair("run_tool", "run_arguments")}) {
    const base::Json* later = arguments.find(inner);
    const kernel::Tool* other = later ? call.kernel().find_tool(arguments.string_or(name)) : nullptr;
    if (other) TRY(check_no_secrets(call, *other, *later));
  }
  if (!has_secrets) return {};
  return base::fail(base::ErrorCode::invalid_argument,
                    "the arguments of '" + std::string(tool.name) +
                        "' hold a secret, which a call that is kept for later would record",
                    "call it now, or let what runs read the secret from a file of its own");
}

}  // namespace lilux::tools
