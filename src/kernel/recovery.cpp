// What a crash left: calls that began and have no outcome are settled by the nature of their tool, before anything else
// is taken. Re-run when idempotent, rolled back when undoable, otherwise put before a person.

#include "kernel/recovery.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/execution.h"
#include "kernel/image.h"
#include "kernel/inverse.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

// The request as the intent recorded it; fails when secrets were left out of the record.
Result<CallRequest> request_from(Kernel& kernel, const Body& intent) {
  CallRequest request{.tool = intent.tool.value_or(""), .task = intent.task.value_or("")};
  request.cause = intent.cause.value_or("");
  request.reason = intent.reason.value_or("");
  if (const auto principal = base::enum_from_name<policy::Principal>(intent.principal.value_or("")))
    request.caller.principal = *principal;
  if (intent.caller) {
    request.caller.cwd = intent.caller->string_or("cwd");
    request.caller.project = intent.caller->string_or("project");
    request.caller.umask = static_cast<std::uint32_t>(intent.caller->integer_or("umask", 022));
  }
  if (intent.arguments_object) {
    request.arguments = TRY(base::parse_json(TRY(kernel.store().get(*intent.arguments_object))));
  } else if (intent.arguments && base::to_text(*intent.arguments).find(kSecretMark) == std::string::npos) {
    request.arguments = *intent.arguments;
  } else {
    return fail(ErrorCode::unavailable, "the arguments held secrets and were not recorded");
  }
  return request;
}

Body outcome_of(const OpenIntent& intent, std::string_view result) {
  Body body;
  body.call = intent.call;
  body.tool = intent.tool;
  body.task = intent.task;
  body.result = std::string(result);
  return body;
}

RecordedError interrupted(std::string_view what) {
  return {.code = "unavailable",
          .message = "the kernel was stopped during this call; " + std::string(what),
          .hint = "make the call again",
          .rule = std::nullopt};
}

// What an undo did by another call is settled with that call, so of the undo itself only a person knows.
Result<std::vector<Change>> take_back_by_call(Kernel& kernel, const Body& begun, const CallRequest& request) {
  TRY(take_back_half(kernel.store(), begun.scratch.value_or(std::vector<std::string>{}), std::nullopt));
  if (!TRY(may_have_happened(*begun.inverse))) return std::vector<Change>{};
  const Tool* inverse = kernel.find_tool(begun.inverse->string_or("tool"));
  const Json* arguments = begun.inverse->find("arguments");
  if (!inverse || !arguments || request.tool.starts_with("undo."))
    return fail(ErrorCode::unavailable, "nothing says how to take it back");
  CallContext context(kernel, begun.call.value_or(""), request.task, request,
                      std::chrono::steady_clock::now() + inverse->traits.timeout, {});
  TRY(inverse->run(context, *arguments));
  TRY(put_times_around(*begun.inverse));
  return std::move(context.changes());
}

}  // namespace

Result<void> take_back_half(const objects::Store& store, const std::vector<std::string>& scratch,
                            const std::optional<std::string>& before) {
  for (const std::string& path : scratch) {
    const Result<sys::Place> place = sys::open_parent(path);
    if (place && TRY(sys::stat_if_there(*place))) TRY(sys::remove_tree(*place));
  }
  return before ? restore(store, *before) : Result<void>();
}

Result<void> Kernel::settle() {
  std::vector<OpenIntent> open = state_.with([](State& state) {
    std::vector<OpenIntent> intents;
    for (const auto& [call, intent] : state.intents) intents.push_back(intent);
    return intents;
  });
  // Newest first, as everything is taken back; what a call led to comes before it.
  std::ranges::sort(open, std::greater(), [](const OpenIntent& intent) { return intent.position.sequence; });
  for (const OpenIntent& intent : open) TRY(settle_intent(intent));

  std::vector<Change> changes;
  std::set<std::string> kept;
  state_.with([&](State& state) {
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state == ApprovalState::pending || approval.state == ApprovalState::unknown_outcome)
        kept.insert(approval.request);
      if (approval.state != ApprovalState::approved || !approval.result.empty()) continue;
      Approval again = approval;  // approved, but never begun: nothing has run, so the answer can be given once more
      again.state = ApprovalState::pending;
      kept.insert(again.request);
      changes.push_back(put(again));
    }
    for (const auto& [id, task] : state.tasks) {
      if (task.state != TaskState::running || task.tool.empty()) continue;
      Task again = task;
      const Tool* tool = find_tool(task.tool);
      const bool is_safe = tool && (tool->traits.effect == Effect::none || tool->traits.is_idempotent);
      again.state = is_safe ? TaskState::ready : TaskState::failed;
      again.note = is_safe ? "started again after a restart" : "interrupted by a restart";
      if (!is_safe) again.finished_us = base::now_us();
      changes.push_back(put(again));
    }
  });
  if (!changes.empty())
    TRY(ledger_->wait_durable(
        TRY(note("kernel.recovered", JsonObject{{"rows", changes.size()}}, std::move(changes))).sequence));
  std::error_code ignored;  // a folder that cannot be listed keeps its leftovers until it can
  for (const auto& entry : std::filesystem::directory_iterator(folders_.state / "pending", ignored)) {
    if (!kept.contains(entry.path().string()))
      std::ignore = sys::remove_file(entry.path().string());  // seen again next time
  }
  return {};
}

Result<void> Kernel::settle_intent(const OpenIntent& intent) {
  const ledger::Record record = TRY(ledger_->read(intent.position));
  const Body begun = TRY(body_of(record));
  const Tool* tool = find_tool(intent.tool);
  Result<CallRequest> request = request_from(*this, begun);

  Body ended = outcome_of(intent, "unknown");
  if (tool && tool->traits.is_idempotent && request) {
    Result<void> cleaned = take_back_half(*store_, begun.scratch.value_or(std::vector<std::string>{}), std::nullopt);
    CallContext context(*this, intent.call, intent.task, *request,
                        std::chrono::steady_clock::now() + tool->traits.timeout, {});
    Result<Json> output = cleaned ? tool->run(context, request->arguments) : std::unexpected(cleaned.error());
    ended.result = output ? "rerun" : "error";
    if (output)
      ended.output = std::move(*output);
    else
      ended.error = recorded(output.error());
    ended.changes = std::move(context.changes());
  } else if (begun.before) {
    const Result<void> restored =
        take_back_half(*store_, begun.scratch.value_or(std::vector<std::string>{}), begun.before);
    if (restored) {
      ended.result = "rolled_back";
      ended.error = interrupted("its effect was taken back");
    }
  } else if (tool && begun.inverse && request) {
    const Result<std::vector<Change>> taken = take_back_by_call(*this, begun, *request);
    if (taken) {
      ended.result = "rolled_back";
      ended.error = interrupted("its effect was taken back");
      ended.changes = *taken;
    }
  }
  if (*ended.result == "unknown") {
    ended.error = interrupted("whether it took effect is not known");
    Approval question{.call = intent.call,
                      .task = intent.task,
                      .tool = intent.tool,
                      .state = ApprovalState::unknown_outcome,
                      .needs = begun.needs.value_or(std::vector<std::string>{}),
                      .asked_us = base::now_us()};
    question.question =
        "The kernel was stopped while this ran, so whether it took effect is not known. Approve runs it again, deny "
        "leaves things as they are.\n" +
        intent.tool + " " + base::to_text(begun.arguments.value_or(Json(nullptr)), base::JsonStyle::spaced);
    question.reason = "the kernel was stopped during this call";
    question.rule = "recovery";
    if (request) {
      question.request = (folders_.state / "pending" / (intent.call + ".json")).string();
      TRY(keep_request(question.request, *request));
    }
    ended.changes.emplace();
    ended.changes->push_back(put(question));
  } else {
    ended.changes = ended.changes.value_or(std::vector<Change>{});
    approved_call_ended(*this, intent.call, *ended.result == "rerun", *ended.changes);
  }
  return ledger_->wait_durable(TRY(write(Kind::outcome, ended)).sequence);
}

Result<Outcome> Kernel::answer_unknown(Approval approval, Answer answer, const std::string& note_text) {
  Result<CallRequest> request = approval.request.empty()
                                    ? Result<CallRequest>(fail(ErrorCode::unavailable, "its arguments were not kept"))
                                    : kept_request(approval.request);
  if (answer == Answer::approve && !request)
    return base::in_context(std::move(request.error()), "call " + approval.call + " cannot be run again");
  approval.note = note_text;
  approval.is_collected = true;
  approval.state = answer == Answer::approve ? ApprovalState::approved : ApprovalState::denied;
  approval.result = answer == Answer::approve ? "run again" : "left as it is";
  const ledger::Position written =
      TRY(note("approval.answered",
               JsonObject{{"call", approval.call}, {"answer", base::enum_name(approval.state)}, {"note", note_text}},
               {put(approval)}));
  TRY(ledger_->wait_durable(written.sequence));
  if (!approval.request.empty()) std::ignore = sys::remove_file(approval.request);  // swept at the next start
  if (answer != Answer::approve)
    return Outcome{.call = approval.call,
                   .output = JsonObject{{"call", approval.call}, {"state", base::enum_name(approval.state)}}};
  request->cause = approval.call;
  request->is_answered_yes = true;  // what runs is a call of its own, with the interrupted one as its cause
  return this->call(std::move(*request));
}

}  // namespace lilux::kernel
