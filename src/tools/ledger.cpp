// ledger.*: what was done, why, and whether the record is sound.

#include "tools/ledger.h"

#include <algorithm>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/kernel.h"
#include "sys/io.h"
#include "sys/place.h"
#include "tools/common.h"
#include "tools/fs_common.h"

namespace lilux::tools::ledger {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kStreamDefault = 64 * 1024;

Result<Json> body_at(kernel::Kernel& kernel, const ::lilux::ledger::Position& position) {
  return base::parse_json(TRY(kernel.ledger().read(position)).body);
}

// Intent and outcome told as one.
Result<Json> whole_record(kernel::Kernel& kernel, const kernel::CallRow& row) {
  Json body = TRY(body_at(kernel, row.first));
  if (row.outcome) {
    const Json ended = TRY(body_at(kernel, *row.outcome));
    for (const auto& [key, value] : ended.as_object()) body.as_object().set(key, value);
  }
  if (body.find("result")) body.as_object().set("result", row.result);  // what was asked has been answered since
  body.as_object().erase("changes");
  body.as_object().set("time", base::format_time(row.time_us));
  return body;
}

Result<std::optional<std::int64_t>> time_of(const std::optional<std::string>& text) {
  if (!text) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(TRY(base::parse_time(*text, base::now_us())));
}

::lilux::ledger::Options options_of(kernel::Kernel& kernel) {
  return {.directory = kernel.folders().state / "ledger", .anchor_directory = kernel.folders().config};
}

}  // namespace

Entry entry_of(const CallContext& call, const kernel::CallRow& row) {
  Entry entry{.call = row.call,
              .time = base::format_time(row.time_us),
              .tool = row.tool,
              .result = row.result,
              .task = row.task,
              .principal = row.principal,
              .wall_us = row.wall_us};
  if (!row.need.empty()) entry.need = is_own_task(call, row.task) ? row.need : without_words(row.need);
  if (!row.cause.empty()) entry.cause = row.cause;
  if (!row.error_code.empty()) entry.error = row.error_code;
  if (!row.tier.empty()) entry.tier = row.tier;
  if (!row.undo.empty()) entry.undo = row.undo;
  if (!row.undone_by.empty()) entry.undone_by = row.undone_by;
  return entry;
}

Result<Assessment> assess_query(const CallContext&, const QueryRequest& request) {
  TRY(time_of(request.since));
  TRY(time_of(request.until));
  return reads_kernel("ledger");
}

Result<QueryResponse> query(CallContext& call, const QueryRequest& request) {
  const kernel::CallFilter filter{.tool = request.tool,
                                  .task = request.task,
                                  .cause = request.cause,
                                  .result = request.result,
                                  .since_us = TRY(time_of(request.since)),
                                  .until_us = TRY(time_of(request.until)),
                                  .before_call = request.before,
                                  .has_looks = request.looks.value_or(true),
                                  .limit = request.limit.value_or(50)};
  QueryResponse response;
  for (const kernel::CallRow& row : TRY(TRY(call.kernel().index()).get().query(filter)))
    response.calls.push_back(entry_of(call, row));
  return response;
}

// Whoever is no person sees what its own task was given and what was given to tasks below it.
Result<Assessment> assess_output(const CallContext& call, const OutputRequest& request) {
  const kernel::CallRow row = TRY(TRY(call.kernel().index()).get().find(request.call));
  if (!is_own_task(call, row.task))
    return fail(ErrorCode::denied, "call " + request.call + " was made by task " + row.task + ", not by this one",
                "a person can see it: lilux call ledger.output --call " + request.call);
  return reads_kernel("ledger");
}

Result<OutputResponse> output(CallContext& call, const OutputRequest& request) {
  kernel::Outcome outcome = TRY(kernel::recorded_outcome(call.kernel(), request.call));
  const Json& given = TRY(std::move(outcome.output));
  const bool is_digest =
      given.is_object() && given.as_object().size() == 2 && given.find("digest") && given.find("size");
  if (is_digest)
    return fail(ErrorCode::not_found, "the output of call " + request.call + " was not kept, only its digest",
                "make the call again");
  if (!request.stream) return OutputResponse{.call = outcome.call, .output = given};
  const std::string stream(base::enum_name(*request.stream));
  const std::string object = given.string_or(stream + "_object");
  if (object.empty())
    return fail(ErrorCode::not_found, "nothing of call " + request.call + " is kept apart as " + stream,
                "what it wrote is in its output");
  const std::string text = TRY(call.kernel().store().get(object));
  const auto from = std::min(text.size(), static_cast<std::size_t>(request.offset.value_or(0)));
  const auto size = static_cast<std::size_t>(request.limit.value_or(kStreamDefault));
  return OutputResponse{.call = outcome.call,
                        .output = base::to_valid_utf8(text.substr(from, size)),
                        .bytes = static_cast<std::int64_t>(text.size())};
}

Result<Assessment> assess_why(const CallContext&, const WhyRequest&) {
  return reads_kernel("ledger");
}

Result<WhyResponse> why(CallContext& call, const WhyRequest& request) {
  kernel::Kernel& kernel = call.kernel();
  kernel::Index& index = TRY(kernel.index()).get();
  WhyResponse response;
  std::string next = request.call;
  for (int depth = 0; depth < 64 && !next.empty(); ++depth) {
    const Result<kernel::CallRow> row = index.find(next);
    if (!row && depth == 0) return std::unexpected(row.error());
    if (!row) break;  // a cause that retention has dropped
    Json record = TRY(whole_record(kernel, *row));
    hide_from_others(call, record);
    response.chain.push_back(std::move(record));
    next = row->cause;
    if (depth > 0) continue;
    for (const kernel::CallRow& effect : TRY(index.caused_by(row->call)))
      response.led_to.push_back(entry_of(call, effect));
    if (!row->undone_by.empty()) response.undone_by = row->undone_by;
  }
  const std::string task = response.chain.back().string_or("task");
  const bool is_own = is_own_task(call, response.chain.front().string_or("task"));
  kernel.state().with([&](kernel::State& state) {
    for (const kernel::Task* link : kernel::lineage(state, task)) {
      response.tasks.push_back(link->id + (link->title.empty() ? "" : ": " + link->title));
    }
    if (const auto approval = state.approvals.find(response.chain.front().string_or("call"));
        approval != state.approvals.end()) {
      response.approval = JsonObject{{"state", base::enum_name(approval->second.state)},
                                     {"question", is_own ? approval->second.question : ""},
                                     {"note", is_own ? approval->second.note : ""}};
    }
  });
  return response;
}

Result<Assessment> assess_verify(const CallContext&, const VerifyRequest&) {
  return reads_kernel("ledger");
}

Result<VerifyResponse> verify(CallContext& call, const VerifyRequest&) {
  kernel::Kernel& kernel = call.kernel();
  TRY(kernel.ledger().flush());
  const ::lilux::ledger::Verification found = TRY(::lilux::ledger::verify(options_of(kernel)));
  VerifyResponse response{.sound = found.faults.empty(),
                          .records = static_cast<std::int64_t>(found.records),
                          .first_sequence = static_cast<std::int64_t>(found.first_sequence),
                          .checkpoints = static_cast<std::int64_t>(found.checkpoints),
                          .newest_checkpoint = static_cast<std::int64_t>(found.newest_checkpoint)};
  for (const auto& fault : found.faults) {
    response.faults.push_back("record " + std::to_string(fault.position.sequence) + " (segment " +
                              std::to_string(fault.position.segment) + ", byte " +
                              std::to_string(fault.position.offset) + "): " + fault.what);
  }
  if (response.sound) return response;
  return fail(ErrorCode::corrupt,
              "the record is not sound: " + response.faults.front() + (response.faults.size() > 1 ? ", and more" : ""),
              "keep a copy of " + kernel.folders().state.string() + " and compare it with the anchor in " +
                  kernel.folders().config.string());
}

Result<Assessment> assess_export(const CallContext& call, const ExportRequest& request) {
  TRY(time_of(request.since));
  TRY(time_of(request.until));
  const std::string path = TRY(call.resolve(request.path, kernel::Final::follow));
  Assessment made{.risk = path_risk(call, path, Risk::low)};
  made.needs.push_back({.verb = Verb::read, .resource = "kernel", .target = "ledger"});
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.paths.push_back(path);
  made.scratch.push_back(scratch_for(call, path));
  return made;
}

Result<ExportResponse> export_records(CallContext& call, const ExportRequest& request) {
  const std::string path = TRY(call.resolve(request.path, kernel::Final::follow));
  const auto since = TRY(time_of(request.since));
  const auto until = TRY(time_of(request.until));
  const std::string scratch = scratch_for(call, path);
  const sys::Place beside = TRY(sys::open_parent(scratch));
  const sys::Fd file = TRY(sys::open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600));
  ExportResponse response;
  Result<void> written;
  const auto each = [&](const ::lilux::ledger::Record& record) {
    if ((since && record.time_us < *since) || (until && record.time_us > *until)) return true;
    const Result<Json> body = base::parse_json(record.body);
    const Json line = JsonObject{{"sequence", record.position.sequence},
                                 {"time", base::format_time(record.time_us)},
                                 {"kind", kernel::kind_name(record.kind)},
                                 {"body", body ? *body : Json(base::to_hex(record.body))}};
    const std::string text = base::to_text(line) + "\n";
    written = sys::write_all(file.get(), text, path);
    response.records += 1;
    response.bytes += static_cast<std::int64_t>(text.size());
    if (written && response.records % 1024 == 0) written = call.check_alive();
    return written.has_value();
  };
  Result<void> scanned = call.kernel().ledger().scan(std::nullopt, each);
  if (scanned) scanned = written;
  if (scanned) scanned = sys::sync_all(file.get(), path);
  if (scanned) {
    call.begins();
    scanned = sys::rename(beside, TRY(sys::open_parent(path)), sys::Replace::yes);
  }
  if (!scanned) {
    std::ignore = sys::remove_file(beside);  // the first error is the one to tell
    return std::unexpected(scanned.error());
  }
  TRY(sys::sync_parent(beside));
  return response;
}

}  // namespace lilux::tools::ledger
