// event.*: what happens, as it happens, and hooks that act on it.

#include "tools/event.h"

#include "kernel/kernel.h"
#include "text/glob.h"
#include "tools/common.h"

namespace lilux::tools::event {

using base::ErrorCode;
using base::fail;
using policy::Risk;

namespace {

constexpr std::size_t kHooksMax = 200;

kernel::EventFilter filter_of(const ListRequest& request) {
  return {.name = request.event.value_or("*"), .tool = request.tool.value_or("*"), .task = request.task.value_or("*")};
}

std::size_t limit_of(const ListRequest& request) {
  return static_cast<std::size_t>(request.limit.value_or(100));
}

Result<ListResponse> collect(const CallContext& call, const ListRequest& request, std::uint64_t since,
                             std::size_t limit) {
  const kernel::EventFilter filter = filter_of(request);
  ListResponse response{.next = static_cast<std::int64_t>(since)};
  TRY(call.kernel().events_since(since, [&](const kernel::Event& event) {
    response.next = static_cast<std::int64_t>(event.sequence);
    if (!request.tool && event.tool.starts_with("event.")) return true;  // looking is no news
    if (filter.fits(event) && may_hear(call.kernel(), call.caller().principal, call.task(), event))
      response.events.push_back(kernel::to_json(event));
    return response.events.size() < limit;
  }));
  return response;
}

HookRow row_of(const kernel::Hook& hook) {
  return {.id = hook.id,
          .event = hook.event,
          .tool = hook.tool,
          .task = hook.task,
          .command = hook.command,
          .run_tool = hook.run_tool};
}

// The newest that fit, looked for further and further back.
Result<ListResponse> newest(const CallContext& call, const ListRequest& request) {
  const std::uint64_t head = call.kernel().ledger().head().sequence;
  const std::size_t limit = limit_of(request);
  for (std::uint64_t window = limit;; window *= 8) {
    const std::uint64_t since = head > window ? head - window : 0;
    ListResponse found = TRY(collect(call, request, since, SIZE_MAX));
    if (since > 0 && found.events.size() < limit) continue;
    if (found.events.size() > limit)
      found.events.erase(found.events.begin(), found.events.end() - static_cast<std::ptrdiff_t>(limit));
    return found;
  }
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest& request) {
  for (const auto& glob : {request.event, request.tool, request.task}) {
    if (glob) TRY(text::NameGlob::compile(*glob));
  }
  return reads_kernel("event");
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  ListResponse found = request.since
                           ? TRY(collect(call, request, static_cast<std::uint64_t>(*request.since), limit_of(request)))
                           : TRY(newest(call, request));
  for (base::Json& event : found.events) hide_from_others(call, event);
  return found;
}

Result<Assessment> assess_wait(const CallContext& call, const ListRequest& request) {
  if (!request.since)
    return fail(ErrorCode::invalid_argument, "field 'since' is missing",
                "give the `next` of event.list, so that nothing is missed");
  return assess_list(call, request);
}

Result<ListResponse> wait(CallContext& call, const ListRequest& request) {
  ListResponse found = TRY(collect(call, request, static_cast<std::uint64_t>(*request.since), limit_of(request)));
  for (base::Json& event : found.events) hide_from_others(call, event);
  if (!found.events.empty() || call.is_past_deadline()) return found;
  return call.park("event");
}

Result<Assessment> assess_add_hook(const CallContext& call, const AddHookRequest& request) {
  TRY(text::NameGlob::compile(request.event));
  if (request.tool) TRY(text::NameGlob::compile(*request.tool));
  if (request.command.has_value() == request.run_tool.has_value()) {
    return fail(ErrorCode::invalid_argument, "say what the hook runs: a command or a tool, not both",
                "for example --command notify-send --command done");
  }
  Assessment made = TRY(administers("hook", Risk::medium));
  const std::string tool = request.run_tool.value_or("process.spawn");
  const kernel::Tool* found = TRY(call.kernel().tool(tool));
  base::Json arguments = request.run_arguments.value_or(base::JsonObject{});
  if (request.command) {
    base::JsonArray rest;
    for (std::size_t i = 1; i < request.command->size(); ++i) rest.emplace_back((*request.command)[i]);
    arguments = base::JsonObject{{"command", request.command->front()}, {"args", std::move(rest)}};
  }
  TRY(check_no_secrets(call, *found, arguments));
  // What it will do later is asked about now.
  const Assessment later = TRY(call.assess(*found, arguments));
  made.needs.insert(made.needs.end(), later.needs.begin(), later.needs.end());
  made.risk = std::max(made.risk, later.risk);
  return made;
}

Result<HookRow> add_hook(CallContext& call, const AddHookRequest& request) {
  const bool is_full = call.kernel().state().with([](kernel::State& state) { return state.hooks.size() >= kHooksMax; });
  if (is_full)
    return fail(ErrorCode::unavailable, "there are " + std::to_string(kHooksMax) + " hooks already",
                "remove some: `lilux call event.list_hooks`");
  const kernel::Hook hook{.id = call.kernel().next_id('h'),
                          .event = request.event,
                          .tool = request.tool,
                          .task = request.task,
                          .command = request.command.value_or(std::vector<std::string>{}),
                          .run_tool = request.run_tool,
                          .run_arguments = request.run_arguments,
                          .cwd = call.caller().cwd,
                          .project = call.caller().project};
  call.change(kernel::put(hook));
  return row_of(hook);
}

Result<Assessment> assess_list_hooks(const CallContext&, const ListHooksRequest&) {
  return reads_kernel("hook");
}

Result<ListHooksResponse> list_hooks(CallContext& call, const ListHooksRequest&) {
  ListHooksResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    for (const auto& [id, hook] : state.hooks) response.hooks.push_back(row_of(hook));
  });
  return response;
}

Result<Assessment> assess_remove_hook(const CallContext& call, const RemoveHookRequest& request) {
  const bool is_there =
      call.kernel().state().with([&](kernel::State& state) { return state.hooks.contains(request.id); });
  if (!is_there)
    return fail(ErrorCode::not_found, "no hook '" + request.id + "'", "`lilux call event.list_hooks` lists them");
  return administers("hook", Risk::low);
}

Result<RemoveHookResponse> remove_hook(CallContext& call, const RemoveHookRequest& request) {
  call.change({.table = "hook", .id = request.id, .value = nullptr});
  return RemoveHookResponse{.removed = true};
}

}  // namespace lilux::tools::event
