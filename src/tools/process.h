#pragma once

// The process tools: request and response of each.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/confined.h"

namespace lilux::tools::process {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct ListRequest {
  std::optional<std::string> name;
  std::optional<bool> own;
  static constexpr base::Fields fields{
      Field{"name", &ListRequest::name, "Only processes whose name holds this"},
      Field{"own", &ListRequest::own, "Only processes that tasks have started"},
  };
};
struct Row {
  std::int64_t pid = 0;
  std::string name;
  double cpu = 0;
  std::int64_t memory = 0;
  std::string status;
  std::optional<std::string> task;
  static constexpr base::Fields fields{
      Field{"pid", &Row::pid, "Process id"},
      Field{"name", &Row::name, "Name"},
      Field{"cpu", &Row::cpu, "Percent of one core over its life"},
      Field{"memory", &Row::memory, "Resident bytes"},
      Field{"status", &Row::status, "running, sleeping, disk, stopped, zombie"},
      Field{"task", &Row::task, "Task that started it"},
  };
};
struct ListResponse {
  std::vector<Row> processes;
  static constexpr base::Fields fields{Field{"processes", &ListResponse::processes, "By process id"}};
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct SpawnRequest {
  std::string command;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env;
  std::optional<std::map<std::string, base::Secret>> secret_env;
  std::optional<std::string> cwd;
  std::optional<std::string> stdin_text;
  std::optional<bool> unconfined;
  static constexpr base::Fields fields{
      Field{"command",
            &SpawnRequest::command,
            "Program: a name found on PATH, or a path",
            {.minimum = 1, .maximum = 4096}},
      Field{"args", &SpawnRequest::args, "Its arguments, one entry each; no shell looks at them", {.maximum = 10'000}},
      Field{"env", &SpawnRequest::env, "Variables to add to a plain environment", {.maximum = 1000}},
      Field{"secret_env", &SpawnRequest::secret_env, "The same for values that must not be recorded", {.maximum = 100}},
      Field{"cwd", &SpawnRequest::cwd, "Folder to run in; the caller's when absent"},
      Field{"stdin", &SpawnRequest::stdin_text, "What it reads; nothing when absent", {.maximum = 16'777'216}},
      Field{"unconfined", &SpawnRequest::unconfined,
            "With the user's rights and network, and for good, instead of in the sandbox"},
  };
};
struct SpawnResponse {
  std::int64_t pid = 0;
  std::string tier;
  std::optional<std::string> stdout_file;
  std::optional<std::string> stderr_file;
  static constexpr base::Fields fields{
      Field{"pid", &SpawnResponse::pid, "Process id, for process.wait"},
      Field{"tier", &SpawnResponse::tier, "What keeps it in"},
      Field{"stdout_file", &SpawnResponse::stdout_file, "For people: where what it writes can be followed"},
      Field{"stderr_file", &SpawnResponse::stderr_file, "For people: where what it writes can be followed"},
  };
};
Result<Assessment> assess_spawn(const CallContext& call, const SpawnRequest& request);
Result<SpawnResponse> spawn(CallContext& call, const SpawnRequest& request);
Result<std::string> preview_spawn(const CallContext& call, const SpawnRequest& request);

struct WaitRequest {
  std::int64_t pid = 0;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"pid",
            &WaitRequest::pid,
            "Process that process.spawn started; waited for until the call's timeout",
            {.minimum = 1}},
      Field{"limit",
            &WaitRequest::limit,
            "Most bytes of each output to return, the last ones; 64 KiB when absent",
            {.minimum = 0, .maximum = 8'388'608}},
  };
};
struct WaitResponse {
  bool finished = false;
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> signal;
  std::string standard_output;
  std::string standard_error;
  std::int64_t stdout_bytes = 0;
  std::int64_t stderr_bytes = 0;
  std::optional<std::int64_t> cpu_ms;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::string> reason;
  std::optional<std::string> run;
  std::optional<std::vector<Change>> changes;
  std::optional<std::vector<std::string>> notes;
  std::optional<base::Json> problem;
  static constexpr base::Fields fields{
      Field{"finished", &WaitResponse::finished, "False when the time was up first"},
      Field{"exit_code", &WaitResponse::exit_code, "When it ended by itself"},
      Field{"signal", &WaitResponse::signal, "Signal that ended it"},
      Field{"stdout", &WaitResponse::standard_output, "The end of what it wrote"},
      Field{"stderr", &WaitResponse::standard_error, "The end of what it wrote to standard error"},
      Field{"stdout_bytes", &WaitResponse::stdout_bytes, "How much it wrote in all"},
      Field{"stderr_bytes", &WaitResponse::stderr_bytes, "How much it wrote to standard error in all"},
      Field{"cpu_ms", &WaitResponse::cpu_ms, "Processor time it used"},
      Field{"memory_bytes", &WaitResponse::memory_bytes, "The most memory it held"},
      Field{"reason", &WaitResponse::reason, "Why it was ended"},
      Field{"run", &WaitResponse::run, "For shell.commit, while what it changed is not real"},
      Field{"changes", &WaitResponse::changes, "What it changed in the sandbox"},
      Field{"notes", &WaitResponse::notes, "What else is to be known, such as what cannot be made real"},
      Field{"problem", &WaitResponse::problem, "Why none of it can be real: code, message and hint; it is forgotten"},
  };
};
Result<Assessment> assess_wait(const CallContext& call, const WaitRequest& request);
Result<WaitResponse> wait(CallContext& call, const WaitRequest& request);

struct KillRequest {
  std::int64_t pid = 0;
  std::optional<std::string> signal;
  static constexpr base::Fields fields{
      Field{"pid", &KillRequest::pid, "Process to end, with everything it started when it is a task's", {.minimum = 1}},
      Field{"signal", &KillRequest::signal, "KILL when absent; TERM, INT, HUP, ..."},
  };
};
struct KillResponse {
  bool killed = false;
  static constexpr base::Fields fields{Field{"killed", &KillResponse::killed, "The signal was sent"}};
};
Result<Assessment> assess_kill(const CallContext& call, const KillRequest& request);
Result<KillResponse> kill(CallContext& call, const KillRequest& request);
Result<std::string> preview_kill(const CallContext& call, const KillRequest& request);

struct InfoRequest {
  std::int64_t pid = 0;
  static constexpr base::Fields fields{Field{"pid", &InfoRequest::pid, "Process", {.minimum = 1}}};
};
struct InfoResponse {
  std::int64_t pid = 0;
  std::string name;
  std::vector<std::string> cmdline;
  double cpu = 0;
  std::int64_t memory = 0;
  std::int64_t threads = 0;
  std::string started_at;
  std::string status;
  std::int64_t parent = 0;
  std::optional<std::string> task;
  static constexpr base::Fields fields{
      Field{"pid", &InfoResponse::pid, "Process id"},
      Field{"name", &InfoResponse::name, "Name"},
      Field{"cmdline", &InfoResponse::cmdline, "Command line"},
      Field{"cpu", &InfoResponse::cpu, "Percent of one core over its life"},
      Field{"memory", &InfoResponse::memory, "Resident bytes"},
      Field{"threads", &InfoResponse::threads, "Threads"},
      Field{"started_at", &InfoResponse::started_at, "When it began"},
      Field{"status", &InfoResponse::status, "running, sleeping, disk, stopped, zombie"},
      Field{"parent", &InfoResponse::parent, "Its parent"},
      Field{"task", &InfoResponse::task, "Task it belongs to"},
  };
};
Result<Assessment> assess_info(const CallContext& call, const InfoRequest& request);
Result<InfoResponse> info(CallContext& call, const InfoRequest& request);

struct SignalRequest {
  std::int64_t pid = 0;
  std::string signal;
  static constexpr base::Fields fields{
      Field{"pid", &SignalRequest::pid, "Process", {.minimum = 1}},
      Field{"signal",
            &SignalRequest::signal,
            "TERM, INT, HUP, USR1, STOP, CONT, ... or a number",
            {.minimum = 1, .maximum = 20}},
  };
};
struct SignalResponse {
  bool sent = false;
  static constexpr base::Fields fields{Field{"sent", &SignalResponse::sent, "Done"}};
};
Result<Assessment> assess_signal(const CallContext& call, const SignalRequest& request);
Result<SignalResponse> signal(CallContext& call, const SignalRequest& request);
Result<std::string> preview_signal(const CallContext& call, const SignalRequest& request);

enum class CgroupAction : std::uint8_t { info, create, set, attach, remove };
constexpr std::array<std::string_view, 5> enum_names(CgroupAction) {
  return {"info", "create", "set", "attach", "remove"};
}

struct CgroupRequest {
  std::optional<CgroupAction> action;
  std::optional<std::string> group_name;
  std::optional<std::int64_t> pid;
  std::optional<std::int64_t> cpu_weight;
  std::optional<std::int64_t> memory_max_mb;
  std::optional<std::int64_t> io_weight;
  static constexpr base::Fields fields{
      Field{"action", &CgroupRequest::action, "info (when absent), create, set, attach or remove"},
      Field{"group_name",
            &CgroupRequest::group_name,
            "Group below lilux/; letters, digits, - and _",
            {.minimum = 1, .maximum = 64}},
      Field{"pid", &CgroupRequest::pid, "Process to attach", {.minimum = 1}},
      Field{"cpu_weight", &CgroupRequest::cpu_weight, "Share of the processors", {.minimum = 1, .maximum = 10'000}},
      Field{"memory_max_mb", &CgroupRequest::memory_max_mb, "Most memory in MiB", {.minimum = 1}},
      Field{"io_weight", &CgroupRequest::io_weight, "Share of the disks", {.minimum = 1, .maximum = 10'000}},
  };
};
struct CgroupResponse {
  bool success = false;
  std::string action;
  std::string group_name;
  std::string details;
  static constexpr base::Fields fields{
      Field{"success", &CgroupResponse::success, "Done"},
      Field{"action", &CgroupResponse::action, "What was done"},
      Field{"group_name", &CgroupResponse::group_name, "The group"},
      Field{"details", &CgroupResponse::details, "Its limits and processes"},
  };
};
Result<Assessment> assess_cgroup(const CallContext& call, const CgroupRequest& request);
Result<CgroupResponse> cgroup(CallContext& call, const CgroupRequest& request);

}  // namespace lilux::tools::process
