// A call that has to be approved: its question, what becomes of others about the same, and what it finds when it comes
// again.

#include <algorithm>
#include <map>
#include <span>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/execution.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kQuestionBytesMax = 8192;
constexpr std::size_t kQuestionEnd = 2048;  // of them are shown of the end: it may say more than what stands before it
constexpr std::string_view kEffectChanged = "what it would do has changed";
constexpr std::size_t kPendingMax = 1000;
constexpr std::size_t kPendingOfSessionMax = 200;
constexpr std::size_t kPendingFair = 20;  // that a session keeps, whoever else asks
constexpr std::int64_t kExpiry = std::int64_t{24} * 3600 * 1'000'000;

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

}  // namespace

std::string shown_question(std::string_view text) {
  if (text.size() <= kQuestionBytesMax) return base::escape_for_terminal(text);
  const std::string_view begin = base::clipped(text, kQuestionBytesMax - kQuestionEnd);
  std::string_view end = text.substr(text.size() - kQuestionEnd);
  while (!end.empty() && (static_cast<unsigned char>(end.front()) & 0xC0) == 0x80) end.remove_prefix(1);
  return base::escape_for_terminal(begin) + "\n... (" + std::to_string(text.size() - begin.size() - end.size()) +
         " of " + std::to_string(text.size()) + " bytes are left out here; approval.show has them)\n" +
         base::escape_for_terminal(end);
}

Result<std::string> whole_question(Kernel& kernel, const Approval& approval) {
  CallRequest request = TRY(kept_request(approval.request));
  Execution x{.request = std::move(request), .call = approval.call, .task = approval.task};
  x.entered = std::chrono::steady_clock::now();
  return Stations{.kernel = kernel, .x = x}.whole_question(approval);
}

Result<std::string> Stations::whole_question(const Approval& approval) {
  TRY(resolve());
  TRY(validate());
  const std::string text = effect_text(x);
  if (approval.effect && *approval.effect != digest_of_effect(x, text))
    return fail(ErrorCode::conflict, std::string(kEffectChanged), "make the call again and look at the new question");
  return base::escape_for_terminal(text);
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

// An undo or redo of several is asked about once, with everything that its parts need; nobody else's calls are so plain
// that a yes to one is a yes to those it makes. What makes a call waits for it, so its execution is not changing.
bool Stations::is_part_of_approved() const {
  if (!x.request.is_answered_yes) return false;
  std::string cause = x.request.cause;
  while (true) {
    const std::shared_ptr<Execution> whole = kernel.flight_.with([&](const auto& flight) {
      const auto found = flight.calls.find(cause);
      return found == flight.calls.end() ? std::shared_ptr<Execution>() : found->second;
    });
    if (!whole || !whole->tool || !whole->tool->name.starts_with("undo.") || !whole->assessment) return false;
    if (!whole->is_approved) {
      cause = whole->request.cause;
      continue;
    }
    const Assessment& asked = *whole->assessment;
    return x.assessment->risk <= asked.risk && (asked.is_irreversible || !x.assessment->is_irreversible) &&
           std::ranges::all_of(x.assessment->needs, [&](const policy::Need& need) {
             return std::ranges::find(asked.needs, need) != asked.needs.end();
           });
  }
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

// With a no goes what only waited for the answer, and then the call can be judged no more: it is told the no, and
// otherwise what is wrong with it.
Result<void> Stations::collect_refusal(base::Error why) {
  const auto refused = kernel.state().with([this](const State& state) {
    std::vector<Approval> found;
    for (const auto& [call, approval] : state.approvals) {
      const bool is_refused =
          approval.state == ApprovalState::denied || approval.state == ApprovalState::changes_requested;
      const bool is_alike = approval.task == x.task && approval.tool == x.request.tool;
      if (is_refused && is_alike && !approval.is_collected) found.push_back(approval);
    }
    return found;
  });
  const auto same = std::ranges::find_if(refused, [this](const Approval& approval) {
    return approval.hash == approval_hash(x.request, x.task, approval.policy);
  });
  return same == refused.end() ? Result<void>(std::unexpected(std::move(why))) : collect(*same);
}

}  // namespace lilux::kernel
