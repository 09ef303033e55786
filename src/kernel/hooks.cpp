// Hooks: when an event fits, a command or a call runs. What hooks cause does not set off hooks again.

#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::Json;
using base::JsonObject;

namespace {

bool fits(const Hook& hook, const Event& event) {
  const EventFilter filter{.name = hook.event, .tool = hook.tool.value_or("*"), .task = hook.task.value_or("*")};
  return filter.fits(event);
}

CallRequest request_of(const Hook& hook, const Event& event) {
  CallRequest request{.task = std::string(kHooksTask), .reason = "hook " + hook.id};
  request.caller = {.principal = policy::Principal::terminal,
                    .cwd = hook.cwd,
                    .project = hook.project,
                    .environment = sys::own_environment()};
  request.is_answered_yes = true;  // a person answered when the hook was added
  if (hook.run_tool) {
    request.tool = *hook.run_tool;
    request.arguments = hook.run_arguments.value_or(JsonObject{});
    return request;
  }
  base::JsonArray arguments;
  for (std::size_t i = 1; i < hook.command.size(); ++i) arguments.emplace_back(hook.command[i]);
  request.tool = "process.spawn";
  request.arguments = JsonObject{{"command", hook.command.front()},
                                 {"args", std::move(arguments)},
                                 {"stdin", base::to_text(to_json(event)) + "\n"},
                                 {"unconfined", true}};
  return request;
}

}  // namespace

void Kernel::run_hooks(const Event& event) {
  std::vector<Hook> due;
  state_.with([&](State& state) {
    if (state.hooks.empty() || descends(state, event.task, kHooksTask)) return;
    for (const auto& [id, hook] : state.hooks) {
      if (fits(hook, event)) due.push_back(hook);
    }
  });
  for (const Hook& hook : due) {
    const base::Result<void> queued = submit(request_of(hook, event), 5, [](const Outcome&) {});
    if (queued) continue;
    Body dropped;
    dropped.event = "hook.dropped";
    dropped.task = std::string(kHooksTask);
    dropped.data = JsonObject{{"hook", hook.id}, {"why", queued.error().message}};
    std::ignore = write(Kind::note, dropped);  // the note is the report
  }
}

}  // namespace lilux::kernel
