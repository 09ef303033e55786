#pragma once

// The kernel tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::kernel_tools {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct StatusRequest {
  static constexpr base::Fields<> fields{};
};
struct StatusResponse {
  std::string version;
  std::string state;
  std::string role;
  std::int64_t pid = 0;
  std::int64_t uptime_seconds = 0;
  std::string autonomy;
  std::string profile;
  std::int64_t records = 0;
  std::int64_t tasks = 0;
  std::int64_t calls_in_flight = 0;
  std::int64_t approvals_pending = 0;
  std::int64_t memory_bytes = 0;
  std::optional<std::string> http;
  std::optional<std::string> problem;
  static constexpr base::Fields fields{
      Field{"version", &StatusResponse::version, "Version of Lilux"},
      Field{"state", &StatusResponse::state, "serving, stopped (emergency) or safe (nothing can be recorded)"},
      Field{"role", &StatusResponse::role, "daemon, or one_shot when no daemon runs"},
      Field{"pid", &StatusResponse::pid, "Process of the kernel"},
      Field{"uptime_seconds", &StatusResponse::uptime_seconds, "How long it has run"},
      Field{"autonomy", &StatusResponse::autonomy, "manual, supervised or full"},
      Field{"profile", &StatusResponse::profile, "minimal, standard or performance"},
      Field{"records", &StatusResponse::records, "Records in the ledger"},
      Field{"tasks", &StatusResponse::tasks, "Tasks alive"},
      Field{"calls_in_flight", &StatusResponse::calls_in_flight, "Calls between entry and answer"},
      Field{"approvals_pending", &StatusResponse::approvals_pending, "Questions that wait for a person"},
      Field{"memory_bytes", &StatusResponse::memory_bytes, "Memory the kernel holds"},
      Field{"http", &StatusResponse::http, "Address on loopback, while a daemon runs"},
      Field{"problem", &StatusResponse::problem, "What is wrong"},
  };
};
Result<Assessment> assess_status(const CallContext& call, const StatusRequest& request);
Result<StatusResponse> status(CallContext& call, const StatusRequest& request);

struct ToolsRequest {
  std::optional<std::string> name;
  std::optional<bool> schemas;
  static constexpr base::Fields fields{
      Field{"name", &ToolsRequest::name, "Only these; a glob: fs.*"},
      Field{"schemas", &ToolsRequest::schemas, "Also input and output schemas"},
  };
};
struct ToolRow {
  std::string name;
  std::string summary;
  std::string risk;
  std::string effect;
  std::string undo;
  bool idempotent = false;
  std::string audience;
  std::int64_t timeout_ms = 0;
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::optional<base::Json> input_schema;
  std::optional<base::Json> output_schema;
  static constexpr base::Fields fields{
      Field{"name", &ToolRow::name, "Tool"},
      Field{"summary", &ToolRow::summary, "What it does"},
      Field{"risk", &ToolRow::risk, "Risk of a typical call; that of given arguments may differ"},
      Field{"effect", &ToolRow::effect, "none, state (only Lilux's own) or world"},
      Field{"undo", &ToolRow::undo, "exact, partial or none"},
      Field{"idempotent", &ToolRow::idempotent, "Running it twice is as good as once"},
      Field{"audience", &ToolRow::audience, "everyone, or people only"},
      Field{"timeout_ms", &ToolRow::timeout_ms, "How long a call may take"},
      Field{"calls", &ToolRow::calls, "Calls so far"},
      Field{"failures", &ToolRow::failures, "How many of them failed"},
      Field{"input_schema", &ToolRow::input_schema, "JSON Schema 2020-12 of the arguments"},
      Field{"output_schema", &ToolRow::output_schema, "JSON Schema 2020-12 of the output"},
  };
};
struct ToolsResponse {
  std::vector<ToolRow> tools;
  static constexpr base::Fields fields{Field{"tools", &ToolsResponse::tools, "By name"}};
};
Result<Assessment> assess_tools(const CallContext& call, const ToolsRequest& request);
Result<ToolsResponse> tools(CallContext& call, const ToolsRequest& request);

struct ConfigRequest {
  std::optional<std::string> key;
  static constexpr base::Fields fields{Field{"key", &ConfigRequest::key, "Only these; a glob: limits.*"}};
};
struct SettingRow {
  std::string key;
  std::string value;
  std::string source;
  std::string help;
  static constexpr base::Fields fields{
      Field{"key", &SettingRow::key, "Setting"},
      Field{"value", &SettingRow::value, "Value in force"},
      Field{"source", &SettingRow::source, "Where it comes from"},
      Field{"help", &SettingRow::help, "What it does"},
  };
};
struct ConfigResponse {
  std::vector<SettingRow> settings;
  static constexpr base::Fields fields{Field{"settings", &ConfigResponse::settings, "By key"}};
};
Result<Assessment> assess_config(const CallContext& call, const ConfigRequest& request);
Result<ConfigResponse> config(CallContext& call, const ConfigRequest& request);

struct StopRequest {
  static constexpr base::Fields<> fields{};
};
struct StopResponse {
  std::string state;
  static constexpr base::Fields fields{Field{"state", &StopResponse::state, "stopping, or not running"}};
};
Result<Assessment> assess_stop(const CallContext& call, const StopRequest& request);
Result<StopResponse> stop(CallContext& call, const StopRequest& request);

struct EmergencyStopRequest {
  std::optional<std::string> why;
  static constexpr base::Fields fields{Field{"why", &EmergencyStopRequest::why, "Reason to record", {.maximum = 500}}};
};
struct EmergencyStopResponse {
  bool stopped = false;
  static constexpr base::Fields fields{
      Field{"stopped", &EmergencyStopResponse::stopped, "Nothing runs until a person resumes"}};
};
Result<Assessment> assess_emergency_stop(const CallContext& call, const EmergencyStopRequest& request);
Result<EmergencyStopResponse> emergency_stop(CallContext& call, const EmergencyStopRequest& request);

struct ResumeRequest {
  static constexpr base::Fields<> fields{};
};
struct ResumeResponse {
  bool resumed = false;
  static constexpr base::Fields fields{
      Field{"resumed", &ResumeResponse::resumed, "False when there was no emergency stop"}};
};
Result<Assessment> assess_resume(const CallContext& call, const ResumeRequest& request);
Result<ResumeResponse> resume(CallContext& call, const ResumeRequest& request);

enum class Topic : std::uint8_t { sandbox };
constexpr std::array<std::string_view, 1> enum_names(Topic) {
  return {"sandbox"};
}
struct DoctorRequest {
  std::optional<Topic> topic;
  static constexpr base::Fields fields{
      Field{"topic", &DoctorRequest::topic, "Only this, thoroughly: sandbox tries ways out"},
  };
};
struct Finding {
  std::string check;
  bool ok = false;
  std::string detail;
  std::optional<std::string> fix;
  static constexpr base::Fields fields{
      Field{"check", &Finding::check, "What was looked at"},
      Field{"ok", &Finding::ok, "Whether it is well"},
      Field{"detail", &Finding::detail, "What was seen"},
      Field{"fix", &Finding::fix, "What to do"},
  };
};
struct DoctorResponse {
  bool healthy = false;
  std::vector<Finding> findings;
  static constexpr base::Fields fields{
      Field{"healthy", &DoctorResponse::healthy, "Whether every check is well"},
      Field{"findings", &DoctorResponse::findings, "Every check"},
  };
};
Result<Assessment> assess_doctor(const CallContext& call, const DoctorRequest& request);
Result<DoctorResponse> doctor(CallContext& call, const DoctorRequest& request);

}  // namespace lilux::tools::kernel_tools
