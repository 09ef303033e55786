#pragma once

// The ledger tools: request and response of each.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/index.h"
#include "kernel/tool.h"

namespace lilux::tools::ledger {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct Entry {
  std::string call = {};
  std::string time = {};
  std::string tool = {};
  std::optional<std::string> need = {};
  std::string result = {};
  std::optional<std::string> error = {};
  std::optional<std::string> undo = {};
  std::optional<std::string> undone_by = {};
  std::string task = {};
  std::string principal = {};
  std::optional<std::string> tier = {};
  std::int64_t wall_us = 0;
  std::optional<std::string> cause = {};
  static constexpr base::Fields fields{
      Field{"call", &Entry::call, "Call"},
      Field{"time", &Entry::time, "When it began"},
      Field{"tool", &Entry::tool, "Tool"},
      Field{"need", &Entry::need, "What it needed, or the first thing of several"},
      Field{"result", &Entry::result,
            "ok, error, asked, denied, changes_requested, expired, open, rolled_back, rerun or unknown"},
      Field{"error", &Entry::error, "Error code"},
      Field{"undo", &Entry::undo, "exact or partial when it can be undone"},
      Field{"undone_by", &Entry::undone_by, "Call that took it back"},
      Field{"task", &Entry::task, "Task that called"},
      Field{"principal", &Entry::principal, "Who is behind the task"},
      Field{"tier", &Entry::tier, "What kept in what it ran: T0 when no program ran"},
      Field{"wall_us", &Entry::wall_us, "How long it took, in microseconds"},
      Field{"cause", &Entry::cause, "Call that led to it"},
  };
};

Entry entry_of(const CallContext& call, const kernel::CallRow& row);

struct QueryRequest {
  std::optional<std::string> tool;
  std::optional<std::string> task;
  std::optional<std::string> cause;
  std::optional<std::string> result;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> before;
  std::optional<bool> looks;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"tool", &QueryRequest::tool, "Only this tool; a glob: fs.*"},
      Field{"task", &QueryRequest::task, "Only calls of this task"},
      Field{"cause", &QueryRequest::cause, "Only what this call led to"},
      Field{"result", &QueryRequest::result, "Only calls that ended so"},
      Field{"since", &QueryRequest::since, "From then on: a time, or how long ago (10m, 2h, 7d)"},
      Field{"until", &QueryRequest::until, "Up to then"},
      Field{"before", &QueryRequest::before, "Only calls older than this one; for paging"},
      Field{"looks", &QueryRequest::looks, "Also calls that only looked at Lilux itself; true when absent"},
      Field{"limit", &QueryRequest::limit, "Most calls to return; 50 when absent", {.minimum = 1, .maximum = 10'000}},
  };
};
struct QueryResponse {
  std::vector<Entry> calls;
  static constexpr base::Fields fields{Field{"calls", &QueryResponse::calls, "Newest first"}};
};
Result<Assessment> assess_query(const CallContext& call, const QueryRequest& request);
Result<QueryResponse> query(CallContext& call, const QueryRequest& request);

enum class Stream : std::uint8_t { standard_output, standard_error };
constexpr std::array<std::string_view, 2> enum_names(Stream) {
  return {"stdout", "stderr"};
}
struct OutputRequest {
  std::string call;
  std::optional<Stream> stream;
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"call", &OutputRequest::call, "Call whose output is wanted"},
      Field{"stream", &OutputRequest::stream, "Instead: what the program it ran wrote, when that was kept apart"},
      Field{"offset", &OutputRequest::offset, "Byte of the stream to begin with", {.minimum = 0}},
      Field{"limit",
            &OutputRequest::limit,
            "Most bytes of the stream; 64 KiB when absent",
            {.minimum = 1, .maximum = 8'388'608}},
  };
};
struct OutputResponse {
  std::string call;
  base::Json output;
  std::optional<std::int64_t> bytes;
  static constexpr base::Fields fields{
      Field{"call", &OutputResponse::call, "The call"},
      Field{"output", &OutputResponse::output, "What it gave, or the part of the stream"},
      Field{"bytes", &OutputResponse::bytes, "Of the whole stream"},
  };
};
Result<Assessment> assess_output(const CallContext& call, const OutputRequest& request);
Result<OutputResponse> output(CallContext& call, const OutputRequest& request);

struct WhyRequest {
  std::string call;
  static constexpr base::Fields fields{
      Field{"call", &WhyRequest::call, "Call to explain; the end of its id is enough when only one fits"}};
};
struct WhyResponse {
  std::vector<base::Json> chain;
  std::vector<std::string> tasks;
  std::vector<Entry> led_to;
  std::optional<base::Json> approval;
  std::optional<std::string> undone_by;
  static constexpr base::Fields fields{
      Field{"chain", &WhyResponse::chain, "The call, what led to it, and so on up to the intent"},
      Field{"tasks", &WhyResponse::tasks, "The task behind it and its parents"},
      Field{"led_to", &WhyResponse::led_to, "What the call led to"},
      Field{"approval", &WhyResponse::approval, "What a person was asked and said"},
      Field{"undone_by", &WhyResponse::undone_by, "Call that took it back"},
  };
};
Result<Assessment> assess_why(const CallContext& call, const WhyRequest& request);
Result<WhyResponse> why(CallContext& call, const WhyRequest& request);

struct VerifyRequest {
  static constexpr base::Fields<> fields{};
};
struct VerifyResponse {
  bool sound = false;
  std::int64_t records = 0;
  std::int64_t first_sequence = 1;
  std::int64_t checkpoints = 0;
  std::int64_t newest_checkpoint = 0;
  std::vector<std::string> faults;
  static constexpr base::Fields fields{
      Field{"sound", &VerifyResponse::sound, "True when nothing was changed, dropped, reordered, restamped or cut off"},
      Field{"records", &VerifyResponse::records, "Records read"},
      Field{"first_sequence", &VerifyResponse::first_sequence, "Oldest record kept"},
      Field{"checkpoints", &VerifyResponse::checkpoints, "Signatures checked"},
      Field{"newest_checkpoint", &VerifyResponse::newest_checkpoint,
            "Record up to which nothing can be cut off unseen"},
      Field{"faults", &VerifyResponse::faults, "What is wrong, and where"},
  };
};
Result<Assessment> assess_verify(const CallContext& call, const VerifyRequest& request);
Result<VerifyResponse> verify(CallContext& call, const VerifyRequest& request);

struct ExportRequest {
  std::string path;
  std::optional<std::string> since;
  std::optional<std::string> until;
  static constexpr base::Fields fields{
      Field{"path", &ExportRequest::path, "File to write: one JSON object a line"},
      Field{"since", &ExportRequest::since, "From then on: a time, or how long ago"},
      Field{"until", &ExportRequest::until, "Up to then"},
  };
};
struct ExportResponse {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  static constexpr base::Fields fields{
      Field{"records", &ExportResponse::records, "Records written"},
      Field{"bytes", &ExportResponse::bytes, "Bytes written"},
  };
};
Result<Assessment> assess_export(const CallContext& call, const ExportRequest& request);
Result<ExportResponse> export_records(CallContext& call, const ExportRequest& request);

}  // namespace lilux::tools::ledger
