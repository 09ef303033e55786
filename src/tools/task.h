#pragma once

// The task tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/task.h"
#include "kernel/tool.h"

namespace lilux::tools::task {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct Row {
  std::string id;
  std::string parent;
  std::string title;
  std::string state;
  std::int64_t priority = 5;
  std::optional<std::string> tool;
  std::optional<std::string> call;
  std::optional<std::vector<std::int64_t>> pids;
  std::optional<std::string> note;
  std::optional<std::string> created;
  std::optional<std::string> finished;
  kernel::Usage usage;
  static constexpr base::Fields fields{
      Field{"id", &Row::id, "Task"},
      Field{"parent", &Row::parent, "Task that started it; empty for sessions"},
      Field{"title", &Row::title, "What it is for"},
      Field{"state", &Row::state, "ready, waiting, running, suspended, done, failed or killed"},
      Field{"priority", &Row::priority, "0 to 9, 9 first"},
      Field{"tool", &Row::tool, "Tool it runs"},
      Field{"call", &Row::call, "Its newest call"},
      Field{"pids", &Row::pids, "Processes it started that live"},
      Field{"note", &Row::note, "Why it is in that state"},
      Field{"created", &Row::created, "When it was made"},
      Field{"finished", &Row::finished, "When it ended"},
      Field{"usage", &Row::usage, "What it and everything below it has used"},
  };
};

struct CallRow {
  std::string call;
  std::string tool;
  std::string task;
  std::string state;
  std::int64_t age_ms = 0;
  static constexpr base::Fields fields{
      Field{"call", &CallRow::call, "Call"},
      Field{"tool", &CallRow::tool, "Tool"},
      Field{"task", &CallRow::task, "Task that made it"},
      Field{"state", &CallRow::state, "running, or waiting for something without taking a worker"},
      Field{"age_ms", &CallRow::age_ms, "Since it came, in milliseconds"},
  };
};

struct ListRequest {
  std::optional<std::string> task;
  std::optional<bool> all;
  std::optional<bool> calls;
  std::optional<kernel::TaskState> state;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"task", &ListRequest::task, "Only this one, finished or not"},
      Field{"all", &ListRequest::all, "Finished ones too, and sessions whose client has gone"},
      Field{"calls", &ListRequest::calls, "Also the calls that run now"},
      Field{"state", &ListRequest::state, "Only those in this state"},
      Field{
          "limit", &ListRequest::limit, "Most tasks to return; 1,000 when absent", {.minimum = 1, .maximum = 100'000}},
  };
};
struct ListResponse {
  std::vector<Row> tasks;
  std::int64_t total = 0;
  std::optional<std::vector<CallRow>> calls;
  static constexpr base::Fields fields{
      Field{"tasks", &ListResponse::tasks, "Tasks by id"},
      Field{"total", &ListResponse::total, "How many there are"},
      Field{"calls", &ListResponse::calls, "Calls that run, the oldest first, without this one"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct TreeRequest {
  std::optional<bool> all;
  static constexpr base::Fields fields{
      Field{"all", &TreeRequest::all, "Finished ones too, and sessions whose client has gone"}};
};
struct TreeEntry {
  std::int64_t depth = 0;
  Row task;
  static constexpr base::Fields fields{
      Field{"depth", &TreeEntry::depth, "Levels below the top"},
      Field{"task", &TreeEntry::task, "The task"},
  };
};
struct TreeResponse {
  std::vector<TreeEntry> tasks;
  static constexpr base::Fields fields{Field{"tasks", &TreeResponse::tasks, "Parents before their children"}};
};
Result<Assessment> assess_tree(const CallContext& call, const TreeRequest& request);
Result<TreeResponse> tree(CallContext& call, const TreeRequest& request);

struct SpawnRequest {
  std::string tool;
  std::optional<base::Json> arguments;
  std::optional<std::string> title;
  std::optional<std::int64_t> priority;
  std::optional<std::vector<std::string>> depends_on;
  std::optional<std::vector<std::string>> capabilities;
  std::optional<std::string> expires_in;
  std::optional<std::int64_t> calls;
  std::optional<kernel::Budget> budget;
  static constexpr base::Fields fields{
      Field{"tool", &SpawnRequest::tool, "Tool to call in the background"},
      Field{"arguments", &SpawnRequest::arguments, "Its arguments"},
      Field{"title", &SpawnRequest::title, "What it is for", {.maximum = 200}},
      Field{"priority", &SpawnRequest::priority, "0 to 9, 9 first; 5 when absent", {.minimum = 0, .maximum = 9}},
      Field{"depends_on", &SpawnRequest::depends_on, "Tasks that have to be done first", {.maximum = 1000}},
      Field{"capabilities",
            &SpawnRequest::capabilities,
            "What it may do, no more than the caller: 'write fs dist/**'",
            {.maximum = 200}},
      Field{"expires_in", &SpawnRequest::expires_in, "How long its capabilities hold: 10m, 2h"},
      Field{"calls", &SpawnRequest::calls, "How many calls each capability is good for", {.minimum = 1}},
      Field{"budget", &SpawnRequest::budget, "Limits for it and everything below it"},
  };
};
struct SpawnResponse {
  std::string task;
  std::string state;
  static constexpr base::Fields fields{
      Field{"task", &SpawnResponse::task, "The new task"},
      Field{"state", &SpawnResponse::state, "ready, or waiting for others"},
  };
};
Result<Assessment> assess_spawn(const CallContext& call, const SpawnRequest& request);
Result<SpawnResponse> spawn(CallContext& call, const SpawnRequest& request);

struct WaitRequest {
  std::string task;
  static constexpr base::Fields fields{Field{"task", &WaitRequest::task, "Task to wait for, until the call's timeout"}};
};
struct WaitResponse {
  bool finished = false;
  Row task;
  static constexpr base::Fields fields{
      Field{"finished", &WaitResponse::finished, "False when the time was up first"},
      Field{"task", &WaitResponse::task, "How it stands"},
  };
};
Result<Assessment> assess_wait(const CallContext& call, const WaitRequest& request);
Result<WaitResponse> wait(CallContext& call, const WaitRequest& request);

struct KillRequest {
  std::string task;
  std::optional<std::string> why;
  static constexpr base::Fields fields{
      Field{"task", &KillRequest::task, "Task to end, with everything below it"},
      Field{"why", &KillRequest::why, "Reason to record", {.maximum = 500}},
  };
};
struct KillResponse {
  bool killed = false;
  static constexpr base::Fields fields{Field{"killed", &KillResponse::killed, "Done"}};
};
Result<Assessment> assess_kill(const CallContext& call, const KillRequest& request);
Result<KillResponse> kill(CallContext& call, const KillRequest& request);

struct SuspendRequest {
  std::string task;
  static constexpr base::Fields fields{Field{"task", &SuspendRequest::task, "Task to pause, with everything below it"}};
};
struct SuspendResponse {
  bool suspended = false;
  static constexpr base::Fields fields{Field{"suspended", &SuspendResponse::suspended, "Done"}};
};
Result<Assessment> assess_suspend(const CallContext& call, const SuspendRequest& request);
Result<SuspendResponse> suspend(CallContext& call, const SuspendRequest& request);

struct ResumeRequest {
  std::string task;
  static constexpr base::Fields fields{
      Field{"task", &ResumeRequest::task, "Task to let go on, with everything below it"}};
};
struct ResumeResponse {
  bool resumed = false;
  static constexpr base::Fields fields{Field{"resumed", &ResumeResponse::resumed, "Done"}};
};
Result<Assessment> assess_resume(const CallContext& call, const ResumeRequest& request);
Result<ResumeResponse> resume(CallContext& call, const ResumeRequest& request);

struct SetPriorityRequest {
  std::string task;
  std::int64_t priority = 5;
  static constexpr base::Fields fields{
      Field{"task", &SetPriorityRequest::task, "Task"},
      Field{"priority", &SetPriorityRequest::priority, "0 to 9, 9 first", {.minimum = 0, .maximum = 9}},
  };
};
struct SetPriorityResponse {
  std::int64_t priority = 5;
  static constexpr base::Fields fields{Field{"priority", &SetPriorityResponse::priority, "As it is now"}};
};
Result<Assessment> assess_set_priority(const CallContext& call, const SetPriorityRequest& request);
Result<SetPriorityResponse> set_priority(CallContext& call, const SetPriorityRequest& request);

}  // namespace lilux::tools::task
