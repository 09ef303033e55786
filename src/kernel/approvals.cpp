// What waits for a person: the question, its answer, and running exactly the call that was asked about.

#include "kernel/approvals.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/hash.h"
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

namespace {

constexpr std::size_t kQuestionBytesMax = 8192;
constexpr std::string_view kEffectChanged = "what it would do has changed";
constexpr std::size_t kPendingMax = 1000;
constexpr std::size_t kPendingOfSessionMax = 200;
constexpr std::size_t kPendingFair = 20;  // that a session keeps, whoever else asks
constexpr std::int64_t kExpiry = std::int64_t{24} * 3600 * 1'000'000;

std::string request_file(Kernel& kernel, const std::string& call) {
  return (kernel.folders().state / "pending" / (call + ".json")).string();
}

// Of all the call would do and needs.
std::string digest_of_effect(const Execution& x, std::string effect) {
  for (const policy::Need& need : x.assessment->needs) effect += "\n" + policy::to_string(need);
  return base::to_hex(base::sha256(effect));
}

// The exact effect, whole.
std::string effect_text(const Execution& x) {
  std::string text;
  if (x.tool->preview) {
    Result<std::string> shown = x.tool->preview(*x.context, x.request.arguments);
    text = shown ? *shown : "(no preview: " + shown.error().message + ")";
  }
  if (text.empty()) text = x.request.tool + " " + base::to_text(x.recorded_arguments, base::JsonStyle::spaced);
  if (!x.assessment->undo_limit.empty()) text += "\nundo: " + x.assessment->undo_limit;
  if (const std::size_t needs = x.assessment->needs.size(); needs > kNeedsShown)
    text += "\nneeds " + std::to_string(needs) + " things, of which the first " + std::to_string(kNeedsShown) +
            " are shown";
  return text;
}

// The question with that hash that is still good for something.
std::optional<Approval> find_open(State& state, const std::string& task, const std::string& hash) {
  for (const auto& [call, approval] : state.approvals) {
    const bool is_open = approval.state == ApprovalState::pending || !approval.is_collected;
    if (approval.task == task && approval.hash == hash && is_open && approval.state != ApprovalState::expired &&
        approval.state != ApprovalState::unknown_outcome) {
      return approval;
    }
  }
  return std::nullopt;
}

// A question is over without an answer, if it still waits.
Change expired(const std::string& call, std::string_view why) {
  return patch_approval(call, {{"state", base::enum_name(ApprovalState::expired)}, {"note", why}});
}

template <class Fits>
std::vector<Approval> waiting_questions(Kernel& kernel, const Fits& fits) {
  return kernel.state().with([&](const State& state) {
    std::vector<Approval> found;
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state == ApprovalState::pending && fits(approval)) found.push_back(approval);
    }
    return found;
  });
}

// The task below the root that a task belongs to; a root itself.
std::string session_of(const State& state, const std::string& task) {
  const Lineage above = lineage(state, task);
  const auto below_root = std::ranges::find_if(above, [&](const Task* one) {
    const auto parent = state.tasks.find(one->parent);
    return parent != state.tasks.end() && parent->second.parent.empty();
  });
  return below_root == above.end() ? task : (*below_root)->id;
}

std::vector<std::string> shown_needs(const Assessment& assessment) {
  std::vector<std::string> needs;
  for (const policy::Need& need : std::span(assessment.needs).first(std::min(assessment.needs.size(), kNeedsShown)))
    needs.push_back(base::escape_line(policy::to_string(need)));
  return needs;
}

std::unexpected<base::Error> needs_approval(const Approval& approval) {
  base::Error error{.code = ErrorCode::approval_required,
                    .message = approval.tool + " needs the approval of a person" +
                               (approval.reason.empty() ? "" : ": " + approval.reason),
                    .hint = "lilux approve " + approval.call,
                    .rule = approval.rule};
  return std::unexpected(std::move(error));
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

}  // namespace

std::string shown_question(std::string_view text) {
  const std::string shown = base::escape_for_terminal(base::clipped(text, kQuestionBytesMax));
  return text.size() <= kQuestionBytesMax ? shown : shown + "\n... (" + std::to_string(text.size()) + " bytes in all)";
}

Result<CallRequest> kept_request(const std::string& file) {
  const Json json = TRY(base::parse_json(TRY(sys::read_file(file, std::size_t{64} << 20))));
  CallRequest request;
  request.tool = json.string_or("tool");
  if (const Json* arguments = json.find("arguments")) request.arguments = *arguments;
  request.task = json.string_or("task");
  request.reason = json.string_or("reason");
  request.cause = json.string_or("cause");
  request.caller.cwd = json.string_or("cwd");
  request.caller.project = json.string_or("project");
  request.caller.umask = static_cast<std::uint32_t>(json.integer_or("umask", 022));
  if (const auto principal = base::enum_from_name<policy::Principal>(json.string_or("principal"))) {
    request.caller.principal = *principal;
  }
  if (const Json* environment = json.find("environment"); environment && environment->is_array()) {
    std::vector<std::string> variables;
    for (const Json& entry : environment->as_array()) {
      if (entry.is_string()) variables.push_back(entry.as_string());
    }
    request.caller.environment = std::move(variables);
  }
  if (json.integer_or("timeout_ms") > 0) request.timeout = std::chrono::milliseconds(json.integer_or("timeout_ms"));
  return request;
}

Result<void> keep_request(const std::string& file, const CallRequest& request) {
  base::JsonArray environment;
  for (const std::string& entry : request.caller.environment.variables()) environment.emplace_back(entry);
  const Json json = JsonObject{{"tool", request.tool},
                               {"arguments", request.arguments},
                               {"task", request.task},
                               {"reason", request.reason},
                               {"cause", request.cause},
                               {"cwd", request.caller.cwd},
                               {"project", request.caller.project},
                               {"umask", request.caller.umask},
                               {"principal", base::enum_name(request.caller.principal)},
                               {"environment", std::move(environment)},
                               {"timeout_ms", request.timeout ? request.timeout->count() : 0}};
  return sys::write_file_atomic(file, base::to_text(json), 0600);
}

Approval Stations::question(const policy::Decision& decision) const {
  Approval made{.call = x.call,
                .task = x.task,
                .tool = x.request.tool,
                .hash = approval_hash(x.request, x.task, x.policy_version()),
                .policy = x.policy_version(),
                .risk = x.assessment->risk,
                .rule = decision.rule,
                .reason = decision.reason};
  const std::string text = effect_text(x);
  made.question = shown_question(text);
  made.question_bytes = static_cast<std::int64_t>(text.size());
  made.effect = digest_of_effect(x, text);
  made.needs = shown_needs(*x.assessment);
  return made;
}

Result<Approval> Stations::renew(const Approval& old) {
  TRY(resolve());
  TRY(validate());
  const policy::Decision decision = TRY(judge());
  Approval made = question(decision);
  made.asked_us = old.asked_us;
  made.expires_us = old.expires_us;
  made.request = old.request;
  if (decision.effect == policy::Effect::deny) {
    made.state = ApprovalState::denied;
    made.note = "the policy denies it since then: " + decision.rule;
  } else if (made.effect != old.effect) {
    made.state = ApprovalState::expired;
    made.note = std::string(kEffectChanged) + ": the call has to be made again";
  }
  return made;
}

// Waiting questions about this very call, made before: now that it is let through nobody shall approve them too.
void Stations::find_twins() {
  if (x.tool->traits.effect != Effect::world || x.is_approved) return;
  const std::vector<Approval> open = waiting_questions(
      kernel, [this](const Approval& approval) { return approval.task == x.task && approval.tool == x.request.tool; });
  std::map<std::string, std::string> hashes;  // by policy version; arguments may be large
  for (const Approval& twin : open) {
    const auto [hash, is_new] = hashes.try_emplace(twin.policy);
    if (is_new) hash->second = approval_hash(x.request, x.task, twin.policy);
    if (twin.hash == hash->second) x.twins.push_back(twin.call);
  }
}

std::vector<Change> Stations::withdrawals() const {
  std::vector<Change> changes;
  changes.reserve(x.twins.size());
  for (const std::string& call : x.twins) changes.push_back(expired(call, "made again as call " + x.call));
  return changes;
}

// The record has decided which came first, this call or an answer.
Result<void> Stations::check_withdrawn() {
  for (const std::string& call : x.twins) {
    const ApprovalState state = kernel.close_question(call);
    if (state == ApprovalState::approved)
      return fail(ErrorCode::conflict, "this call was approved just now and runs as call " + call,
                  "`lilux why " + call + "`");
  }
  return {};
}

// Who asks much shuts nobody else out: when too many questions wait, the oldest one of the session that has most of
// them goes, which this gives. What a session's tasks ask is its own.
Result<std::optional<Approval>> Stations::room_to_ask() const {
  struct Asking {
    std::size_t count = 0;
    const Approval* oldest = nullptr;
  };
  return kernel.state().with([this](const State& state) -> Result<std::optional<Approval>> {
    std::map<std::string, Asking> by_session;
    std::size_t waiting = 0;
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state != ApprovalState::pending) continue;
      ++waiting;
      Asking& asking = by_session[session_of(state, approval.task)];
      ++asking.count;
      if (!asking.oldest || approval.asked_us < asking.oldest->asked_us) asking.oldest = &approval;
    }
    const std::size_t own = by_session[session_of(state, x.task)].count;
    const Asking& most =
        std::ranges::max_element(by_session, {}, [](const auto& entry) { return entry.second.count; })->second;
    if (own < kPendingOfSessionMax && waiting < kPendingMax) return std::nullopt;
    if (own < kPendingOfSessionMax && own + 1 < most.count && most.count > kPendingFair)
      return std::optional(*most.oldest);
    return fail(ErrorCode::unavailable, "too many questions wait for a person already", "answer some: `lilux approve`");
  });
}

Result<void> Stations::ask(const policy::Decision& decision) {
  const std::string hash = approval_hash(x.request, x.task, x.policy_version());
  const std::optional<Approval> open =
      kernel.state().with([&](State& state) { return find_open(state, x.task, hash); });
  if (open && open->state == ApprovalState::approved && open->result.empty()) {
    return fail(ErrorCode::conflict, "this call was approved and runs now: " + open->call,
                "`lilux why " + open->call + "`");
  }
  if (open && open->state != ApprovalState::pending) return collect(*open);
  Approval asked = question(decision);
  if (open && open->effect == asked.effect) {
    x.call = open->call;
    x.outcome = std::make_unique<Outcome>(open->call, needs_approval(*open));
    return {};
  }
  // Nobody shall find another effect under a question that he has read: the call is asked about by a new one.
  if (open) kernel.end_questions({*open}, std::string(kEffectChanged) + ": it is asked as call " + x.call);
  const std::optional<Approval> giving_way = TRY(room_to_ask());
  asked.asked_us = base::now_us();
  asked.expires_us = asked.asked_us + kExpiry;
  asked.request = request_file(kernel, x.call);
  CallRequest kept = x.request;
  kept.task = x.task;
  TRY(keep_request(asked.request, kept));
  if (giving_way) kernel.end_questions({*giving_way}, "too many questions waited, most of them of its session");
  x.context->change(put(asked));
  return needs_approval(asked);
}

// The arguments are those that were asked about; what they lead to, past links and in files changed since, must be too.
Result<void> Stations::check_approved() const {
  const std::string effect = digest_of_effect(x, effect_text(x));
  const bool is_same = kernel.state().with([&](const State& state) {
    const auto found = state.approvals.find(x.call);
    if (found == state.approvals.end()) return false;
    if (found->second.effect) return *found->second.effect == effect;
    // An interrupted call was asked about as one that had begun: what it would do now may differ, what it is about not.
    return found->second.needs.empty() || found->second.needs == shown_needs(*x.assessment);
  });
  if (is_same) return {};
  return fail(ErrorCode::conflict, "call " + x.call + " would now do something else than was asked about",
              "what it names has changed since: make the call again and look at the new question");
}

// A repeated call finds what its approved twin did; it is told once and never run twice.
Result<void> Stations::collect(Approval approval) {
  Outcome outcome = approval.state == ApprovalState::approved
                        ? TRY(recorded_outcome(kernel, approval.call))
                        : Outcome{.call = approval.call, .output = was_refused(approval)};
  approval.is_collected = true;
  const bool is_first = kernel.state().with([&](State& state) {
    const auto found = state.approvals.find(approval.call);
    if (found == state.approvals.end() || found->second.is_collected) return false;
    found->second.is_collected = true;
    return true;
  });
  if (!is_first)
    return fail(ErrorCode::conflict, "the answer to this call was just given to another caller", "make the call again");
  TRY(kernel.ledger().wait_durable(
      TRY(kernel.note("approval.collected", JsonObject{{"call", approval.call}}, {put(approval)})).sequence));
  x.call = approval.call;
  x.outcome = std::make_unique<Outcome>(std::move(outcome));
  return {};
}

Result<Outcome> recorded_outcome(Kernel& kernel, const std::string& call) {
  const CallRow row = TRY(TRY(kernel.index()).get().find(call));
  if (!row.outcome && row.result == "open") {
    return fail(ErrorCode::not_found, "call " + call + " has not ended", "`lilux why " + call + "`");
  }
  const ledger::Record record = TRY(kernel.ledger().read(row.outcome.value_or(row.first)));
  const Body body = TRY(body_of(record));
  if (body.error) {
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
