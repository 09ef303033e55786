// kernel.*: how the kernel is, what it offers, and stopping it.

#include "tools/kernel.h"

#include <algorithm>
#include <map>

#include "base/time.h"
#include "kernel/kernel.h"
#include "sys/file.h"
#include "sys/machine.h"
#include "sys/self.h"
#include "text/glob.h"
#include "text/shell.h"
#include "tools/common.h"
#include "tools/rule.h"
#include "tools/sandbox_check.h"

namespace lilux::tools::kernel_tools {

using base::ErrorCode;
using base::fail;
using policy::Risk;

namespace {

constexpr std::uint64_t kRoomWanted = std::uint64_t{256} << 20;

std::string state_name(kernel::Kernel& kernel) {
  if (kernel.ledger().failure()) return "safe";
  return kernel.is_stopped() ? "stopped" : "serving";
}

Finding check_ledger(kernel::Kernel& kernel) {
  if (const auto failure = kernel.ledger().failure())
    return {.check = "ledger",
            .ok = false,
            .detail = failure->message,
            .fix = "free space or mend the disk, then `lilux up` again"};
  const Result<ledger::Verification> found =
      ledger::verify({.directory = kernel.folders().state / "ledger", .anchor_directory = kernel.folders().config});
  if (!found) return {.check = "ledger", .ok = false, .detail = found.error().message, .fix = found.error().hint};
  if (!found->faults.empty())
    return {.check = "ledger",
            .ok = false,
            .detail = found->faults.front().what,
            .fix = "keep a copy of the state folder; `lilux call ledger.verify` says where"};
  return {.check = "ledger", .ok = true, .detail = std::to_string(found->records) + " records, sound", .fix = {}};
}

Finding check_space(kernel::Kernel& kernel) {
  const Result<sys::DiskSpace> space = sys::disk_space(kernel.folders().state.string());
  if (!space) return {.check = "disk", .ok = false, .detail = space.error().message, .fix = space.error().hint};
  const bool is_ok = space->available_bytes >= kRoomWanted && !space->is_read_only;
  return {
      .check = "disk",
      .ok = is_ok,
      .detail = std::to_string(space->available_bytes >> 20) + " MiB free for " + kernel.folders().state.string(),
      .fix = is_ok ? std::nullopt
                   : std::optional<std::string>("make room: undo keeps up to objects.size, see docs/configuration.md")};
}

Finding check_policy(kernel::Kernel& kernel, const std::string& project) {
  const auto rules = kernel.rules(project);
  if (!rules) return {.check = "policy", .ok = false, .detail = rules.error().message, .fix = rules.error().hint};
  return {.check = "policy",
          .ok = true,
          .detail = std::to_string((*rules)->rules().size()) + " rules, version " + (*rules)->version().substr(0, 16),
          .fix = {}};
}

// Read once at the start; what was written since then waits.
Finding check_configuration(kernel::Kernel& kernel) {
  const std::string file = (kernel.folders().config / "config.toml").string();
  const std::vector<kernel::Setting>& in_force = kernel.config().settings;
  std::map<std::string, std::string> flags;
  for (const kernel::Setting& setting : in_force) {
    if (setting.source == "flag") flags.emplace(setting.key, setting.value);
  }
  const Result<kernel::Config> now = kernel::load_config(file, std::move(flags));
  if (!now)
    return {.check = "configuration",
            .ok = false,
            .detail = now.error().message,
            .fix = now.error().hint.empty() ? "mend that line: docs/configuration.md" : now.error().hint};
  std::string waiting;
  for (std::size_t i = 0; i < in_force.size(); ++i) {  // both have every setting, in one order
    if (in_force[i].value == now->settings[i].value) continue;
    waiting.append(waiting.empty() ? "" : ", ").append(in_force[i].key);
    waiting += " (" + in_force[i].value + ", then " + now->settings[i].value + ")";
  }
  if (waiting.empty()) {
    const bool is_there = sys::lstat(file).has_value();
    return {.check = "configuration",
            .ok = true,
            .detail = is_there ? file + " is in force" : "no " + file + ", so the defaults are in force",
            .fix = {}};
  }
  return {.check = "configuration",
          .ok = false,
          .detail = "wait for a restart: " + waiting,
          .fix = "lilux down && lilux up"};
}

Finding check_rules(const CallContext& call) {
  const std::vector<std::string> problems = rule::problems(call);
  if (problems.empty()) return {.check = "rules", .ok = true, .detail = "all that there are can be read", .fix = {}};
  return {.check = "rules",
          .ok = false,
          .detail = problems.front() +
                    (problems.size() > 1 ? ", and " + std::to_string(problems.size() - 1) + " more" : std::string()),
          .fix = "mend the file; `lilux rules` shows all of it, docs/rules.md how they are written"};
}

Finding check_folder(std::string name, const std::string& path) {
  const Result<sys::Stat> stat = sys::stat(path);
  if (!stat) return {.check = std::move(name), .ok = false, .detail = stat.error().message, .fix = stat.error().hint};
  const bool is_ok = (stat->mode & 077) == 0 && stat->uid == sys::user_id();
  return {.check = std::move(name),
          .ok = is_ok,
          .detail = path + (is_ok ? " is this user's alone" : " can be entered by others"),
          .fix = is_ok ? std::nullopt : std::optional<std::string>("chmod 700 " + text::quote(path))};
}

Finding check_index(kernel::Kernel& kernel) {
  const auto index = kernel.index();
  if (!index)
    return {
        .check = "index",
        .ok = false,
        .detail = index.error().message,
        .fix = "it is derived: stop Lilux, delete " + (kernel.folders().state / "lilux.db").string() + ", start again"};
  return {.check = "index", .ok = true, .detail = "up to date", .fix = {}};
}

}  // namespace

Result<Assessment> assess_status(const CallContext&, const StatusRequest&) {
  return reads_kernel("status");
}

Result<StatusResponse> status(CallContext& call, const StatusRequest&) {
  kernel::Kernel& kernel = call.kernel();
  StatusResponse response{.version = LILUX_VERSION,
                          .state = state_name(kernel),
                          .role = kernel.role() == kernel::Kernel::Role::daemon ? "daemon" : "one_shot",
                          .pid = sys::process_id(),
                          .uptime_seconds = (base::now_us() - kernel.started_us()) / 1'000'000,
                          .profile = kernel.config().profile.name,
                          .records = static_cast<std::int64_t>(kernel.ledger().head().sequence),
                          .calls_in_flight = static_cast<std::int64_t>(kernel.calls_in_flight())};
  const Result<policy::Autonomy> autonomy = kernel.autonomy();
  response.autonomy = autonomy ? std::string(base::enum_name(*autonomy)) : "unknown";
  if (!autonomy) response.problem = autonomy.error().message;
  if (const auto failure = kernel.ledger().failure()) response.problem = failure->message;
  kernel.state().with([&](kernel::State& state) {
    response.tasks = std::ranges::count_if(state.tasks, [](const auto& row) { return !is_finished(row.second.state); });
    response.approvals_pending = std::ranges::count_if(state.approvals, [](const auto& row) {
      return row.second.state == kernel::ApprovalState::pending ||
             row.second.state == kernel::ApprovalState::unknown_outcome;
    });
  });
  if (kernel.role() == kernel::Kernel::Role::daemon) {
    if (Result<std::string> address = sys::read_file(kernel.folders().address_file().string(), 100)) {
      address->erase(address->find_last_not_of('\n') + 1);
      response.http = std::move(*address);
    }
  }
  response.memory_bytes = static_cast<std::int64_t>(sys::resident_bytes().value_or(0));
  return response;
}

Result<Assessment> assess_tools(const CallContext&, const ToolsRequest& request) {
  if (request.name) TRY(text::NameGlob::compile(*request.name));
  return reads_kernel("tools");
}

Result<ToolsResponse> tools(CallContext& call, const ToolsRequest& request) {
  ToolsResponse response;
  const auto statistics = call.kernel().state().with([](kernel::State& state) { return state.statistics; });
  for (const kernel::Tool& tool : call.kernel().table()) {
    if (request.name && !text::name_matches(*request.name, tool.name)) continue;
    ToolRow row{.name = std::string(tool.name),
                .summary = std::string(tool.summary),
                .risk = std::string(base::enum_name(tool.traits.risk)),
                .effect = std::string(base::enum_name(tool.traits.effect)),
                .undo = std::string(base::enum_name(tool.traits.undo)),
                .idempotent = tool.traits.is_idempotent,
                .audience = std::string(base::enum_name(tool.traits.audience)),
                .timeout_ms = tool.traits.timeout.count()};
    if (const auto seen = statistics.find(tool.name); seen != statistics.end()) {
      row.calls = seen->second.calls;
      row.failures = seen->second.failures;
    }
    if (request.schemas.value_or(false)) {
      row.input_schema = tool.input_schema();
      row.output_schema = tool.output_schema();
    }
    response.tools.push_back(std::move(row));
  }
  if (request.name && response.tools.empty())
    return fail(ErrorCode::not_found, "no tool fits '" + *request.name + "'", "`lilux help tools` lists them all");
  return response;
}

Result<Assessment> assess_config(const CallContext&, const ConfigRequest& request) {
  if (request.key) TRY(text::NameGlob::compile(*request.key));
  return reads_kernel("config");
}

Result<ConfigResponse> config(CallContext& call, const ConfigRequest& request) {
  ConfigResponse response;
  for (const kernel::Setting& setting : call.kernel().config().settings) {
    if (request.key && !text::name_matches(*request.key, setting.key)) continue;
    response.settings.push_back(
        {.key = setting.key, .value = setting.value, .source = setting.source, .help = setting.help});
  }
  if (response.settings.empty())
    return fail(ErrorCode::not_found, "no setting fits '" + request.key.value_or("") + "'",
                "`lilux config` lists them all");
  return response;
}

Result<Assessment> assess_stop(const CallContext&, const StopRequest&) {
  return administers("stop", Risk::low);
}

Result<StopResponse> stop(CallContext& call, const StopRequest&) {
  if (call.kernel().role() != kernel::Kernel::Role::daemon) return StopResponse{.state = "not running"};
  call.kernel().request_shutdown();
  return StopResponse{.state = "stopping"};
}

Result<Assessment> assess_emergency_stop(const CallContext&, const EmergencyStopRequest&) {
  Assessment made{.risk = Risk::none};  // halting is always allowed
  made.needs.push_back({.verb = policy::Verb::write, .resource = "kernel", .target = "stop"});
  return made;
}

Result<EmergencyStopResponse> emergency_stop(CallContext& call, const EmergencyStopRequest& request) {
  TRY(call.kernel().emergency_stop(request.why.value_or("")));
  return EmergencyStopResponse{.stopped = true};
}

Result<Assessment> assess_resume(const CallContext&, const ResumeRequest&) {
  return administers("resume", Risk::medium);
}

Result<ResumeResponse> resume(CallContext& call, const ResumeRequest&) {
  if (!call.kernel().is_stopped()) return ResumeResponse{.resumed = false};
  TRY(call.kernel().emergency_resume());
  return ResumeResponse{.resumed = true};
}

Result<Assessment> assess_doctor(const CallContext&, const DoctorRequest&) {
  return reads_kernel("doctor");
}

Result<DoctorResponse> doctor(CallContext& call, const DoctorRequest& request) {
  kernel::Kernel& kernel = call.kernel();
  DoctorResponse response;
  if (request.topic) {
    response.findings = try_sandbox(call);
    response.healthy = std::ranges::all_of(response.findings, &Finding::ok);
    return response;
  }
  response.findings.push_back(check_folder("state folder", kernel.folders().state.string()));
  response.findings.push_back(check_folder("configuration folder", kernel.folders().config.string()));
  response.findings.push_back(check_configuration(kernel));
  response.findings.push_back(check_space(kernel));
  response.findings.push_back(check_ledger(kernel));
  response.findings.push_back(check_index(kernel));
  response.findings.push_back(check_policy(kernel, call.caller().project));
  response.findings.push_back(check_rules(call));
  response.findings.push_back(check_sandbox(kernel));
  if (kernel.is_stopped())
    response.findings.push_back(
        {.check = "emergency stop", .ok = false, .detail = "it is on: no calls are taken", .fix = "lilux resume"});
  response.healthy = std::ranges::all_of(response.findings, &Finding::ok);
  return response;
}

}  // namespace lilux::tools::kernel_tools
