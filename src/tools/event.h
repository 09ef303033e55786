#pragma once

// The event tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::event {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct ListRequest {
  std::optional<std::int64_t> since;
  std::optional<std::string> event;
  std::optional<std::string> tool;
  std::optional<std::string> task;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{
          "since", &ListRequest::since, "Only after this sequence number; the newest ones when absent", {.minimum = 0}},
      Field{"event", &ListRequest::event, "Glob over names: call.*, task.killed"},
      Field{"tool", &ListRequest::tool, "Glob over tools"},
      Field{"task", &ListRequest::task, "Only of this task"},
      Field{"limit", &ListRequest::limit, "Most events to return; 100 when absent", {.minimum = 1, .maximum = 10'000}},
  };
};
struct ListResponse {
  std::vector<base::Json> events;
  std::int64_t next = 0;
  static constexpr base::Fields fields{
      Field{"events", &ListResponse::events, "Oldest first; each has sequence, time, event"},
      Field{"next", &ListResponse::next, "Give this as `since` to go on"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);
// Waits until there is at least one, or the call's timeout.
Result<Assessment> assess_wait(const CallContext& call, const ListRequest& request);
Result<ListResponse> wait(CallContext& call, const ListRequest& request);

struct AddHookRequest {
  std::string event;
  std::optional<std::string> tool;
  std::optional<std::string> task;
  std::optional<std::vector<std::string>> command;
  std::optional<std::string> run_tool;
  std::optional<base::Json> run_arguments;
  static constexpr base::Fields fields{
      Field{"event", &AddHookRequest::event, "Glob over event names: call.error", {.minimum = 1, .maximum = 100}},
      Field{"tool", &AddHookRequest::tool, "Glob over tools"},
      Field{"task", &AddHookRequest::task, "Only of this task"},
      Field{"command",
            &AddHookRequest::command,
            "Program and arguments to run; the event stands on its standard input",
            {.minimum = 1, .maximum = 1000}},
      Field{"run_tool", &AddHookRequest::run_tool, "Tool to call instead of a command"},
      Field{"run_arguments", &AddHookRequest::run_arguments, "Its arguments"},
  };
};
struct HookRow {
  std::string id;
  std::string event;
  std::optional<std::string> tool;
  std::optional<std::string> task;
  std::vector<std::string> command;
  std::optional<std::string> run_tool;
  static constexpr base::Fields fields{
      Field{"id", &HookRow::id, "Hook"},
      Field{"event", &HookRow::event, "Glob over event names"},
      Field{"tool", &HookRow::tool, "Glob over tools"},
      Field{"task", &HookRow::task, "Only of this task"},
      Field{"command", &HookRow::command, "Command it runs"},
      Field{"run_tool", &HookRow::run_tool, "Tool it calls"},
  };
};
Result<Assessment> assess_add_hook(const CallContext& call, const AddHookRequest& request);
Result<HookRow> add_hook(CallContext& call, const AddHookRequest& request);

struct ListHooksRequest {
  static constexpr base::Fields<> fields{};
};
struct ListHooksResponse {
  std::vector<HookRow> hooks;
  static constexpr base::Fields fields{Field{"hooks", &ListHooksResponse::hooks, "All hooks"}};
};
Result<Assessment> assess_list_hooks(const CallContext& call, const ListHooksRequest& request);
Result<ListHooksResponse> list_hooks(CallContext& call, const ListHooksRequest& request);

struct RemoveHookRequest {
  std::string id;
  static constexpr base::Fields fields{Field{"id", &RemoveHookRequest::id, "Hook to remove"}};
};
struct RemoveHookResponse {
  bool removed = false;
  static constexpr base::Fields fields{Field{"removed", &RemoveHookResponse::removed, "Done"}};
};
Result<Assessment> assess_remove_hook(const CallContext& call, const RemoveHookRequest& request);
Result<RemoveHookResponse> remove_hook(CallContext& call, const RemoveHookRequest& request);

}  // namespace lilux::tools::event
