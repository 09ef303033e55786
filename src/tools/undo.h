#pragma once

// The undo tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/ledger.h"

namespace lilux::tools::undo {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct ListRequest {
  std::optional<std::string> task;
  std::optional<std::string> since;
  std::optional<bool> work;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"task", &ListRequest::task, "Only calls of this task"},
      Field{"since", &ListRequest::since, "Only since then: a time, or how long ago"},
      Field{"work", &ListRequest::work, "Only work: no undos and nothing that people decided"},
      Field{"limit", &ListRequest::limit, "Most calls to return; 50 when absent", {.minimum = 1, .maximum = 10'000}},
  };
};
struct ListResponse {
  std::vector<ledger::Entry> calls;
  static constexpr base::Fields fields{Field{"calls", &ListResponse::calls, "What can be undone, newest first"}};
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct PreviewRequest {
  std::string call;
  static constexpr base::Fields fields{Field{"call", &PreviewRequest::call, "Call that would be undone"}};
};
struct PreviewResponse {
  std::string call = {};
  std::string tool = {};
  std::string undo = {};
  std::vector<std::string> paths = {};
  std::string changes = {};
  std::string conflict = {};
  static constexpr base::Fields fields{
      Field{"call", &PreviewResponse::call, "Call that would be undone"},
      Field{"tool", &PreviewResponse::tool, "Its tool"},
      Field{"undo", &PreviewResponse::undo, "exact, partial or none"},
      Field{"paths", &PreviewResponse::paths, "What would be touched"},
      Field{"changes", &PreviewResponse::changes, "What undo would change"},
      Field{"conflict", &PreviewResponse::conflict, "What somebody else changed since; undo refuses then"},
  };
};
Result<Assessment> assess_preview(const CallContext& call, const PreviewRequest& request);
Result<PreviewResponse> preview(CallContext& call, const PreviewRequest& request);

struct ApplyRequest {
  std::optional<std::string> call;
  std::optional<std::string> task;
  std::optional<std::string> since;
  static constexpr base::Fields fields{
      Field{"call", &ApplyRequest::call, "Undo this one call"},
      Field{"task", &ApplyRequest::task, "Undo everything this task did, newest first"},
      Field{"since", &ApplyRequest::since, "Undo everything since then: a time, or how long ago"},
  };
};
struct UndoneRow {
  std::string call;
  std::string tool;
  std::string need;
  static constexpr base::Fields fields{
      Field{"call", &UndoneRow::call, "Call"},
      Field{"tool", &UndoneRow::tool, "Its tool"},
      Field{"need", &UndoneRow::need, "What it had needed, or the first thing of several"},
  };
};
struct ApplyResponse {
  std::vector<UndoneRow> undone;
  std::vector<std::string> skipped;
  static constexpr base::Fields fields{
      Field{"undone", &ApplyResponse::undone, "Calls that were taken back, in that order"},
      Field{"skipped", &ApplyResponse::skipped, "Calls that could not be, with the reason"},
  };
};
Result<Assessment> assess_apply(const CallContext& call, const ApplyRequest& request);
Result<ApplyResponse> apply(CallContext& call, const ApplyRequest& request);
Result<std::string> preview_apply(const CallContext& call, const ApplyRequest& request);

struct RedoRequest {
  std::optional<std::string> call;
  static constexpr base::Fields fields{
      Field{"call", &RedoRequest::call, "The call that was undone, or the undo; the newest undo when absent"}};
};
struct RedoResponse {
  std::string redone;
  static constexpr base::Fields fields{Field{"redone", &RedoResponse::redone, "Call whose effect is back"}};
};
Result<Assessment> assess_redo(const CallContext& call, const RedoRequest& request);
Result<RedoResponse> redo(CallContext& call, const RedoRequest& request);
Result<std::string> preview_redo(const CallContext& call, const RedoRequest& request);

}  // namespace lilux::tools::undo
