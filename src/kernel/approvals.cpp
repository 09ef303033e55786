// What waits for a person: the question, its answer, and running exactly the call that was asked about.

#include "kernel/approvals.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/escape.h"
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
constexpr std::size_t kPendingMax = 1000;
constexpr std::int64_t kExpiry = std::int64_t{24} * 3600 * 1'000'000;

std::string request_file(Kernel& kernel, const std::string& call) {
  return (kernel.folders().state / "pending" / (call + ".json")).string();
}

// The exact effect; `whole` gets its full size.
std::string question_text(const Execution& x, std::int64_t& whole) {
  std::string text;
  if (x.tool->preview) {
    Result<std::string> shown = x.tool->preview(*x.context, x.request.arguments);
    text = shown ? *shown : "(no preview: " + shown.error().message + ")";
  }
  if (text.empty()) text = x.request.tool + " " + base::to_text(x.recorded_arguments, base::JsonStyle::spaced);
  if (!x.assessment->undo_limit.empty()) text += "\nundo: " + x.assessment->undo_limit;
  whole = static_cast<std::int64_t>(text.size());
  return shown_question(text);
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

std::vector<std::string> shown_needs(const Assessment& assessment) {
  std::vector<std::string> needs;
  for (const policy::Need& need : assessment.needs) needs.push_back(base::escape_line(policy::to_string(need)));
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
    for (const Json& entry : environment->as_array()) {
      if (entry.is_string()) request.caller.environment.push_back(entry.as_string());
    }
  }
  if (json.integer_or("timeout_ms") > 0) request.timeout = std::chrono::milliseconds(json.integer_or("timeout_ms"));
  return request;
}

Result<void> keep_request(const std::string& file, const CallRequest& request) {
  base::JsonArray environment;
  for (const std::string& entry : request.caller.environment) environment.emplace_back(entry);
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
                .hash = approval_hash(x.request, x.task, x.policy_version),
                .policy = x.policy_version,
                .risk = x.assessment->risk,
                .rule = decision.rule,
                .reason = decision.reason};
  made.question = question_text(x, made.question_bytes);
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
  if (decision.effect != policy::Effect::deny) return made;
  made.state = ApprovalState::denied;
  made.note = "the policy denies it since then: " + decision.rule;
  return made;
}

// Made again and let through: nobody shall approve it a second time.
void Stations::withdraw_question() {
  if (x.tool->traits.effect != Effect::world || x.is_approved) return;
  kernel.state().with([&](const State& state) {
    for (const auto& [call, open] : state.approvals) {
      if (open.state != ApprovalState::pending || open.task != x.task || open.tool != x.request.tool ||
          open.hash != approval_hash(x.request, x.task, open.policy))
        continue;
      Approval over = open;
      over.state = ApprovalState::expired;
      over.note = "made again as call " + x.call;
      x.context->change(put(over));
    }
  });
}

Result<void> Stations::ask(const policy::Decision& decision) {
  const std::string hash = approval_hash(x.request, x.task, x.policy_version);
  const std::optional<Approval> open =
      kernel.state().with([&](State& state) { return find_open(state, x.task, hash); });
  if (open && open->state == ApprovalState::pending) {
    x.call = open->call;
    x.outcome = std::make_unique<Outcome>(open->call, needs_approval(*open));
    return {};
  }
  if (open && open->state == ApprovalState::approved && open->result.empty()) {
    return fail(ErrorCode::conflict, "this call was approved and runs now: " + open->call,
                "`lilux why " + open->call + "`");
  }
  if (open) return collect(*open);
  if (kernel.state().with([](State& state) {
        return std::ranges::count(state.approvals, ApprovalState::pending,
                                  [](const auto& row) { return row.second.state; });
      }) >= static_cast<std::ptrdiff_t>(kPendingMax)) {
    return fail(ErrorCode::unavailable, "too many questions wait for a person already", "answer some: `lilux approve`");
  }
  Approval asked = question(decision);
  asked.asked_us = base::now_us();
  asked.expires_us = asked.asked_us + kExpiry;
  asked.request = request_file(kernel, x.call);
  CallRequest kept = x.request;
  kept.task = x.task;
  TRY(keep_request(asked.request, kept));
  x.context->change(put(asked));
  return needs_approval(asked);
}

// The arguments are those that were asked about; what they lead to, past links, must be too.
Result<void> Stations::check_approved() const {
  const bool is_same = kernel.state().with([&](State& state) {
    const auto found = state.approvals.find(x.call);
    return found != state.approvals.end() && found->second.needs == shown_needs(*x.assessment);
  });
  if (is_same) return {};
  return fail(ErrorCode::conflict, "call " + x.call + " would now do something else than was asked about",
              "look at the paths it names and make it again");
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

void expire_approvals(Kernel& kernel) {
  const std::int64_t now = base::now_us();
  std::vector<Change> changes;
  JsonArray expired;
  kernel.state().with([&](State& state) {
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state != ApprovalState::pending || approval.expires_us > now) continue;
      Approval over = approval;
      over.state = ApprovalState::expired;
      changes.push_back(put(over));
      expired.emplace_back(call);
    }
  });
  if (changes.empty()) return;
  for (const Change& change : changes)
    std::ignore = sys::remove_file(request_file(kernel, change.id));  // swept at start
  std::ignore =
      kernel.note("approval.expired", JsonObject{{"calls", std::move(expired)}}, std::move(changes));  // tried again
}

Result<void> Kernel::renew_questions() {
  const std::vector<Approval> open = state_.with([](const State& state) {
    std::vector<Approval> found;
    for (const auto& [call, approval] : state.approvals) {
      if (approval.state == ApprovalState::pending) found.push_back(approval);
    }
    return found;
  });
  for (const Approval& old : open) {
    Result<CallRequest> request = kept_request(old.request);
    if (!request) continue;  // an answer says so
    const std::string version = TRY(rules(request->caller.project))->version();
    if (version == old.policy || approval_hash(*request, old.task, old.policy) != old.hash) continue;
    Execution x{.request = std::move(*request), .call = old.call, .task = old.task};
    x.entered = std::chrono::steady_clock::now();
    const Result<Approval> renewed = Stations{.kernel = *this, .x = x}.renew(old);
    if (!renewed) continue;  // such as a path that has gone: it cannot be approved as it stands
    TRY(note("approval.renewed", JsonObject{{"call", old.call}, {"state", base::enum_name(renewed->state)}},
             {put(*renewed)}));
    if (renewed->state == ApprovalState::denied)
      end_waiting_task(old.task, {.call = old.call, .output = was_refused(*renewed)});
  }
  return {};
}

Result<Outcome> Kernel::answer(const std::string& call, Answer answer, const std::string& note_text,
                               std::stop_token cancel) {
  // Claimed first, so that of two answers at once one is told that it came second.
  const bool is_claimed = flight_.with([&](Flight& flight) { return flight.claimed.insert(call).second; });
  const auto release = [&] { flight_.with([&](Flight& flight) { flight.claimed.erase(call); }); };
  if (!is_claimed)
    return fail(ErrorCode::conflict, "call " + call + " is being answered right now", "`lilux why " + call + "`");
  Result<Outcome> outcome = answer_claimed(call, answer, note_text, cancel);
  release();
  return outcome;
}

Result<Outcome> Kernel::answer_claimed(const std::string& call, Answer answer, const std::string& note_text,
                                       std::stop_token cancel) {
  const std::optional<Approval> found = state_.with([&](State& state) -> std::optional<Approval> {
    const auto row = state.approvals.find(call);
    return row == state.approvals.end() ? std::nullopt : std::optional(row->second);
  });
  if (!found)
    return fail(ErrorCode::not_found, "no question about call '" + call + "'", "`lilux approve` lists what waits");
  Approval approval = *found;
  if (approval.state == ApprovalState::unknown_outcome) return answer_unknown(approval, answer, note_text);
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
  approval.note = note_text;
  approval.state = answer == Answer::approve ? ApprovalState::approved
                   : answer == Answer::deny  ? ApprovalState::denied
                                             : ApprovalState::changes_requested;
  const ledger::Position written = TRY(note(
      "approval.answered", JsonObject{{"call", call}, {"answer", base::enum_name(approval.state)}, {"note", note_text}},
      {put(approval)}));
  TRY(ledger_->wait_durable(written.sequence));
  if (answer != Answer::approve) {
    std::ignore = sys::remove_file(approval.request);  // swept at the next start
    end_waiting_task(approval.task, {.call = call, .output = was_refused(approval)});
    return Outcome{.call = call, .output = JsonObject{{"call", call}, {"state", base::enum_name(approval.state)}}};
  }
  request->cancel = cancel;
  Outcome outcome = run_here(std::move(*request), call);
  end_waiting_task(approval.task, outcome);
  return outcome;
}

}  // namespace lilux::kernel
