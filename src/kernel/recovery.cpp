// What a crash left: calls that began and have no outcome are settled by the nature of their tool, before anything else
// is taken. Re-run when idempotent, rolled back when undoable, otherwise put before a person.

#include "kernel/recovery.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/escape.h"
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
  const std::string text = intent.arguments_object ? TRY(kernel.store().get(*intent.arguments_object))
                                                   : base::to_text(intent.arguments.value_or(Json(nullptr)));
  if (text.contains(kSecretMark))
    return fail(ErrorCode::unavailable, "the arguments held secrets and were not recorded");
  request.arguments = TRY(base::parse_json(text));
  return request;
}

Body outcome_of(const OpenIntent& intent) {
  Body body;
  body.call = intent.call;
  body.tool = intent.tool;
  body.task = intent.task;
  body.cost = Cost{};  // a call all the same
  return body;
}

RecordedError interrupted(std::string_view what) {
  return {.code = "unavailable",
          .message = "the kernel was stopped during this call; " + std::string(what),
          .hint = "make the call again",
          .rule = std::nullopt};
}

// A fingerprint of what an image covers, as it is now.
Result<std::string> image_again(objects::Store& store, const std::string& image, const ImageLimits& limits) {
  const Scope scope = TRY(scope_of(store, image));
  return capture(store, scope.paths, scope.only_properties ? Content::properties : Content::fingerprint_only, limits,
                 scope.folders);
}

}  // namespace

// What an undo did by another call is settled with that call, so of the undo itself only a person knows.
Result<std::vector<Change>> take_back_by_call(Kernel& kernel, const Begun& begun) {
  const Json how(*begun.inverse);
  if (!TRY(may_have_happened(how))) return std::vector<Change>{};
  const Tool* inverse = kernel.find_tool(how.string_or("tool"));
  const Json* arguments = how.find("arguments");
  if (!inverse || !arguments || begun.request->tool.starts_with("undo."))
    return fail(ErrorCode::unavailable, "nothing says how to take it back");
  CallContext context(kernel, begun.call, begun.request->task, *begun.request,
                      std::chrono::steady_clock::now() + inverse->traits.timeout, {});
  TRY(inverse->run(context, *arguments));
  TRY(put_times_around(how));
  return std::move(context.changes());
}

Result<void> remove_scratch(const std::vector<std::string>& scratch) {
  for (const std::string& path : scratch) {
    const Result<sys::Place> place = sys::open_parent(path);
    if (place && TRY(sys::stat_if_there(*place))) TRY(sys::remove_tree(*place));
  }
  return {};
}

Approval question_about(Kernel& kernel, const Body& begun, const Result<CallRequest>& request, std::string_view why) {
  const std::string call = begun.call.value_or("");
  Approval question{.call = call,
                    .task = begun.task.value_or(""),
                    .tool = begun.tool.value_or(""),
                    .state = ApprovalState::unknown_outcome,
                    .rule = "recovery",
                    .reason = shown_question(why),
                    .asked_us = base::now_us()};
  for (const std::string& need : begun.needs.value_or(std::vector<std::string>{})) {
    if (question.needs.size() < kNeedsShown) question.needs.push_back(base::escape_line(need));
  }
  question.question =
      shown_question("Whether this took effect is not known: " + question.reason +
                     ". Approve runs it again, deny leaves things as they are.\n" + question.tool + " " +
                     base::to_text(begun.arguments.value_or(Json(nullptr)), base::JsonStyle::spaced));
  if (request) {
    const std::string file = (kernel.folders().state / "pending" / (call + ".json")).string();
    if (keep_request(file, *request)) question.request = file;  // else it can only be left as it is
  }
  return question;
}

Result<void> Kernel::roll_back(const std::string& call, const std::string& task, const std::string& before) {
  if (TRY(difference(*store_, before)).empty()) return restore(*store_, before);  // the times
  const Scope scope = TRY(scope_of(*store_, before));
  Body begun;
  begun.call = next_id('c');
  begun.tool = "undo.recover";
  begun.task = task;
  begun.cause = call;
  begun.reason = "takes back what call " + call + " had begun";
  begun.undo = "exact";
  begun.before = TRY(capture(*store_, scope.paths, scope.only_properties ? Content::properties : Content::stored,
                             config_.image_limits(), scope.folders));
  TRY(ledger_->wait_durable(TRY(write(Kind::intent, begun)).sequence));
  const Result<void> restored = restore(*store_, before);
  Body ended;
  ended.call = begun.call;
  ended.tool = begun.tool;
  ended.task = task;
  ended.result = "ok";  // however far it came, it can be undone
  ended.after = TRY(image_again(*store_, before, config_.image_limits()));
  TRY(ledger_->wait_durable(TRY(write(Kind::outcome, ended)).sequence));
  return restored;
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
      if (task.state != TaskState::running || task.parent.empty()) continue;
      Task again = task;
      if (task.tool.empty()) {  // a session, whose client has gone with us
        again.state = TaskState::ready;
        again.note = "its client has gone";
        changes.push_back(put(again));
        continue;
      }
      const Tool* tool = find_tool(task.tool);
      const bool is_safe = tool && (tool->traits.effect == Effect::none || tool->traits.is_idempotent);
      again.state = is_safe ? TaskState::ready : TaskState::failed;
      if (!is_safe) again.note = "interrupted by a restart";
      if (is_safe && !again.progress) again.note = "started again after a restart";
      if (!is_safe) again.finished_us = base::now_us();
      changes.push_back(put(again));
    }
    for (const auto& [key, row] : state.remembered) {  // of calls that changed nothing: the next one may be made
      if (row.is_open) changes.push_back({.table = "idempotency", .id = key, .value = nullptr});
    }
  });
  if (!changes.empty()) {
    Json told = JsonObject{{"rows", changes.size()}};
    TRY(ledger_->wait_durable(TRY(note("kernel.recovered", std::move(told), std::move(changes))).sequence));
  }
  std::error_code ignored;  // a folder that cannot be listed keeps its leftovers until it can
  for (const auto& entry : std::filesystem::directory_iterator(folders_.state / "pending", ignored)) {
    if (!kept.contains(entry.path().string()))
      std::ignore = sys::remove_file(entry.path().string());  // seen again next time
  }
  return {};
}

Result<void> Kernel::settle_intent(const OpenIntent& intent) {
  const Body begun = TRY(body_of(TRY(ledger_->read(intent.position))));
  const Result<CallRequest> request = request_from(*this, begun);
  Body ended = outcome_of(intent);
  std::vector<Change> changes;
  Result<void> settled = remove_scratch(begun.scratch.value_or(std::vector<std::string>{}));
  if (settled) settled = undo_or_rerun(begun, request, ended, changes);
  if (settled) {
    approved_call_ended(*this, intent.call, *ended.result == "rerun", changes);
  } else {
    ended.result = "unknown";
    ended.error = interrupted("whether it took effect is not known");
    changes = {put(question_about(*this, begun, request, "the kernel was stopped during this call"))};
  }
  // What was taken back may be done by the next call with the same key; the others are answered by what is known.
  for (const Change& change : begun.changes.value_or(std::vector<Change>{})) {
    if (change.table != "idempotency" || *ended.result == "rolled_back") continue;
    changes.push_back(put(change.id, {.call = intent.call, .hash = change.value.string_or("hash"), .is_open = false}));
  }
  ended.changes = std::move(changes);
  return ledger_->wait_durable(TRY(write(Kind::outcome, ended)).sequence);
}

// Fails when neither can be.
Result<void> Kernel::undo_or_rerun(const Body& begun, const Result<CallRequest>& request, Body& ended,
                                   std::vector<Change>& changes) {
  const std::string call = begun.call.value_or("");
  const Tool* tool = find_tool(begun.tool.value_or(""));
  if (tool && tool->traits.is_idempotent && request) {
    CallContext context(*this, call, request->task, *request, std::chrono::steady_clock::now() + tool->traits.timeout,
                        {});
    const Result<Json> output = tool->run(context, request->arguments);
    ended.result = output ? "rerun" : "error";
    if (output) {
      ended.output = *output;
      if (begun.before) ended.after = TRY(image_again(*store_, *begun.before, config_.image_limits()));
    } else {
      ended.error = recorded(output.error());
    }
    changes = std::move(context.changes());
    return {};
  }
  if (tool && tool->traits.runs_program) {
    ended.result = "error";
    ended.error = interrupted("what its program changed is real only where a shell.commit that it led to says so");
    return {};
  }
  if (begun.before)
    TRY(roll_back(call, begun.task.value_or(""), *begun.before));
  else if (tool && begun.inverse && request)
    changes =
        TRY(take_back_by_call(*this, {.call = call, .request = &*request, .inverse = &begun.inverse->as_object()}));
  else
    return fail(ErrorCode::unavailable, "nothing says how to take it back");
  ended.result = "rolled_back";
  ended.error = interrupted("its effect was taken back");
  return {};
}

Result<Outcome> Kernel::answer_unknown(const Approval& asked, Answer answer, const std::string& note_text,
                                       std::stop_token cancel) {
  Result<CallRequest> request = asked.request.empty()
                                    ? Result<CallRequest>(fail(ErrorCode::unavailable, "its arguments were not kept"))
                                    : kept_request(asked.request);
  if (answer == Answer::approve && !request)
    return base::in_context(std::move(request.error()), "call " + asked.call + " cannot be run again");
  Approval answered = asked;
  answered.note = note_text;
  answered.is_collected = true;
  answered.state = answer == Answer::approve ? ApprovalState::approved : ApprovalState::denied;
  if (answer != Answer::approve) answered.result = "left as it is";
  const std::string_view state = base::enum_name(answered.state);
  const ledger::Position written = TRY(note(
      "approval.answered", JsonObject{{"call", asked.call}, {"answer", state}, {"note", note_text}}, {put(answered)}));
  TRY(ledger_->wait_durable(written.sequence));
  close_question(asked.call);
  if (answer != Answer::approve)
    return Outcome{.call = asked.call, .output = JsonObject{{"call", asked.call}, {"state", state}}};
  request->cancel = std::move(cancel);
  return run_here(std::move(*request), asked.call);
}

}  // namespace lilux::kernel
