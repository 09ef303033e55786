// What waits for a person: how a question ends, and running exactly the call that was asked about.

#include "kernel/approvals.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "base/time.h"
#include "kernel/execution.h"
#include "sys/file.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

Change expired(const std::string& call, std::string_view why) {
  return patch_approval(call, {{"state", base::enum_name(ApprovalState::expired)}, {"note", why}});
}

std::vector<Approval> waiting_questions(Kernel& kernel, const std::function<bool(const Approval&)>& fits) {
  return kernel.state().with([&](const State& state) {
    std::vector<Approval> found;
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state == ApprovalState::pending && fits(approval)) found.push_back(approval);
    }
    return found;
  });
}

std::unexpected<base::Error> was_refused(const Approval& approval) {
  if (approval.state == ApprovalState::expired) {
    return fail(ErrorCode::denied,
                "the question about this call is over: " +
                    (approval.note.empty() ? std::string("nobody answered it in time") : approval.note),
                "make the call again");
  }
  const bool is_changes = approval.state == ApprovalState::changes_requested;
  base::Error error{
      .code = ErrorCode::denied,
      .message = std::string(is_changes ? "a person asks for changes to this call" : "a person denied this call") +
                 (approval.note.empty() ? "" : ": " + approval.note),
      .hint = is_changes ? "change the call as asked and make it again"
                         : "`lilux why " + approval.call + "` shows the answer",
      .rule = "approval:" + approval.call};
  return std::unexpected(std::move(error));
}

namespace {

// The question about a call that will not run: a person said no, or nobody answered in time.
std::optional<Approval> refused_question(Kernel& kernel, const std::string& call) {
  return kernel.state().with([&](const State& state) -> std::optional<Approval> {
    const auto found = state.approvals.find(call);
    if (found == state.approvals.end()) return std::nullopt;
    const ApprovalState now = found->second.state;
    const bool is_refused =
        now == ApprovalState::denied || now == ApprovalState::changes_requested || now == ApprovalState::expired;
    return is_refused ? std::optional(found->second) : std::nullopt;
  });
}

// The question about a call that runs, because a person just said yes.
std::optional<Approval> running_question(Kernel& kernel, const std::string& call) {
  return kernel.state().with([&](const State& state) -> std::optional<Approval> {
    const auto found = state.approvals.find(call);
    const bool is_running = found != state.approvals.end() && found->second.state == ApprovalState::approved &&
                            found->second.result.empty();
    return is_running ? std::optional(found->second) : std::nullopt;
  });
}

}  // namespace

std::unexpected<base::Error> needs_approval(const Approval& approval) {
  base::Error error{.code = ErrorCode::approval_required,
                    .message = approval.tool + " needs the approval of a person" +
                               (approval.reason.empty() ? "" : ": " + approval.reason),
                    .hint = "lilux approve " + approval.call,
                    .rule = approval.rule};
  return std::unexpected(std::move(error));
}

Result<Outcome> recorded_outcome(Kernel& kernel, const std::string& call) {
  if (const auto refused = refused_question(kernel, call))
    return Outcome{.call = call, .output = was_refused(*refused)};
  if (const auto running = running_question(kernel, call))
    return Outcome{.call = call, .output = needs_approval(*running)};  // as long as nothing else came of it
  const CallRow row = TRY(TRY(kernel.index()).get().find(call));
  if (!row.outcome && row.result == "open") {
    return fail(ErrorCode::not_found, "call " + call + " has not ended", "`lilux why " + call + "`");
  }
  const ledger::Record record = TRY(kernel.ledger().read(row.outcome.value_or(row.first)));
  const Body body = TRY(body_of(record));
  if (body.error && !body.output) {  // with one it gave that, see CallContext::fails
    const auto code = base::error_code(body.error->code).value_or(ErrorCode::internal);
    base::Error error{.code = code,
                      .message = body.error->message,
                      .hint = body.error->hint.value_or(""),
                      .rule = body.error->rule.value_or("")};
    return Outcome{.call = call, .output = std::unexpected(std::move(error))};
  }
  if (body.output_object)
    return Outcome{.call = call, .output = base::parse_json(TRY(kernel.store().get(*body.output_object)))};
  return Outcome{.call = call, .output = body.output.value_or(JsonObject{})};
}

void approved_call_ended(Kernel& kernel, const std::string& call, bool is_ok, std::vector<Change>& changes) {
  kernel.state().with([&](State& state) {
    const auto found = state.approvals.find(call);
    if (found == state.approvals.end()) return;
    Approval ended = found->second;
    ended.result = is_ok ? "ok" : "error";
    changes.push_back(put(ended));
  });
  std::ignore = sys::remove_file(request_file(kernel, call));  // a leftover is swept at the next start
}

// Who is at a question; others are told, or come later.
class Kernel::Claim {
 public:
  static std::optional<Claim> take(Kernel& kernel, const std::string& call) {
    const bool is_first = kernel.flight_.with([&](Flight& flight) { return flight.claimed.insert(call).second; });
    return is_first ? std::optional<Claim>(Claim(kernel, call)) : std::nullopt;
  }
  Claim(Claim&& other) noexcept : kernel_(std::exchange(other.kernel_, nullptr)), call_(std::move(other.call_)) {}
  ~Claim() {
    if (kernel_) kernel_->flight_.with([&](Flight& flight) { flight.claimed.erase(call_); });
  }

 private:
  Claim(Kernel& kernel, std::string call) : kernel_(&kernel), call_(std::move(call)) {}
  Kernel* kernel_;
  std::string call_;
};

ApprovalState Kernel::close_question(const std::string& call) {
  const Approval over = state_.with([&](const State& state) {
    const auto found = state.approvals.find(call);
    return found == state.approvals.end() ? Approval{.call = call, .state = ApprovalState::expired} : found->second;
  });
  const bool is_live = over.state == ApprovalState::pending || over.state == ApprovalState::approved ||
                       over.state == ApprovalState::unknown_outcome;
  if (is_live) return over.state;
  std::ignore = sys::remove_file(request_file(*this, call));  // a leftover is swept at the next start
  end_waiting_task(over.task, {.call = call, .output = was_refused(over)});
  wake("approval:" + call);
  return over.state;
}

// Ends waiting questions by one record.
void Kernel::end_questions(const std::vector<Approval>& over, std::string_view why) {
  if (over.empty()) return;
  std::vector<Change> changes;
  JsonArray calls;
  for (const Approval& approval : over) {
    changes.push_back(expired(approval.call, why));
    calls.emplace_back(approval.call);
  }
  if (!note("approval.expired", JsonObject{{"calls", std::move(calls)}}, std::move(changes))) return;  // tried again
  for (const Approval& approval : over) close_question(approval.call);
}

void Kernel::expire_questions() {
  const std::int64_t now = base::now_us();
  end_questions(waiting_questions(*this, [now](const Approval& approval) { return approval.expires_us <= now; }), "");
}

void Kernel::end_questions_of(const std::set<std::string>& tasks) {
  end_questions(waiting_questions(*this, [&](const Approval& approval) { return tasks.contains(approval.task); }),
                "its task was killed");
}

void Kernel::renew_questions() {
  if (is_stopped() || ledger_->failure()) return;
  for (const Approval& old : waiting_questions(*this, [](const Approval&) { return true; })) renew_question(old.call);
}

void Kernel::renew_question(const std::string& call) {
  if (is_stopped() || ledger_->failure()) return;
  const std::optional<Claim> claim = Claim::take(*this, call);
  if (!claim) return;  // it is being answered
  for (const Approval& old : waiting_questions(*this, [&](const Approval& open) { return open.call == call; }))
    renew_claimed(old);
}

// What cannot be asked anew, as with a path that has gone or a broken policy, stays as it is and cannot be approved.
void Kernel::renew_claimed(const Approval& old) {
  Result<CallRequest> request = kept_request(old.request);
  if (!request || approval_hash(*request, old.task, old.policy) != old.hash) return;
  const auto rules_now = rules(request->caller.project);
  if (!rules_now || (*rules_now)->version() == old.policy) return;
  Execution x{.request = std::move(*request), .call = old.call, .task = old.task};
  x.entered = std::chrono::steady_clock::now();
  const Result<Approval> renewed = Stations{.kernel = *this, .x = x}.renew(old);
  if (!renewed) return;
  const Json row = base::encode(*renewed);
  std::ignore = note("approval.renewed", JsonObject{{"call", old.call}, {"state", base::enum_name(renewed->state)}},
                     {patch_approval(old.call, row.as_object())});
  close_question(old.call);
}

Result<Outcome> Kernel::answer(const std::string& call, Answer answer, const std::string& note_text,
                               std::stop_token cancel) {
  const std::optional<Claim> claim = Claim::take(*this, call);
  if (!claim)
    return fail(ErrorCode::conflict, "call " + call + " is being answered right now", "`lilux why " + call + "`");
  Result<Outcome> answered = answer_claimed(call, answer, note_text, std::move(cancel));
  wake("approval:" + call);
  return answered;
}

Result<Outcome> Kernel::answer_claimed(const std::string& call, Answer answer, const std::string& note_text,
                                       std::stop_token cancel) {
  const std::optional<Approval> found = state_.with([&](State& state) -> std::optional<Approval> {
    const auto row = state.approvals.find(call);
    return row == state.approvals.end() ? std::nullopt : std::optional(row->second);
  });
  if (!found)
    return fail(ErrorCode::not_found, "no question about call '" + call + "'", "`lilux approve` lists what waits");
  const Approval& approval = *found;
  if (approval.state == ApprovalState::unknown_outcome)
    return answer_unknown(approval, answer, note_text, std::move(cancel));
  if (approval.state != ApprovalState::pending) {
    return fail(ErrorCode::conflict,
                "call " + call + " was answered already: " + std::string(base::enum_name(approval.state)),
                "`lilux why " + call + "`");
  }
  if (approval.expires_us <= base::now_us()) {
    return fail(ErrorCode::timeout, "the question about call " + call + " has expired", "make the call again");
  }
  Result<CallRequest> request = kept_request(approval.request);
  if (answer == Answer::approve) {
    if (!request)
      return base::in_context(std::move(request.error()), "the kept request of call " + call + " cannot be read");
    const std::string version = TRY(rules(request->caller.project))->version();
    if (approval_hash(*request, approval.task, approval.policy) != approval.hash) {
      return fail(ErrorCode::conflict, "the kept request changed since call " + call + " was asked about",
                  "deny it and make the call again: lilux deny " + call);
    }
    if (version != approval.policy) {
      return fail(ErrorCode::conflict, "the policy changed since call " + call + " was asked about",
                  "see how it stands now, then answer again: lilux call approval.show --call " + call);
    }
  }
  const ApprovalState wanted = answer == Answer::approve ? ApprovalState::approved
                               : answer == Answer::deny  ? ApprovalState::denied
                                                         : ApprovalState::changes_requested;
  const std::string_view name = base::enum_name(wanted);
  const ledger::Position written =
      TRY(note("approval.answered", JsonObject{{"call", call}, {"answer", name}, {"note", note_text}},
               {patch_approval(call, {{"state", name}, {"note", note_text}})}));
  TRY(ledger_->wait_durable(written.sequence));
  // A record that came between may have ended the question; then that counts.
  if (close_question(call) != wanted)
    return fail(ErrorCode::conflict, "the question about call " + call + " was withdrawn just now",
                "`lilux why " + call + "`");
  if (answer != Answer::approve) return Outcome{.call = call, .output = JsonObject{{"call", call}, {"state", name}}};
  request->cancel = std::move(cancel);
  Outcome outcome = run_here(std::move(*request), call);
  end_waiting_task(approval.task, outcome);
  return outcome;
}

}  // namespace lilux::kernel
