// approval.*: what waits for a person, and the person's answer.

#include "tools/approval.h"

#include <algorithm>

#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/kernel.h"
#include "tools/common.h"
#include "tools/confined.h"

namespace lilux::tools::approval {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using kernel::ApprovalState;
using policy::Risk;

namespace {

constexpr std::int64_t kPastCalls = 500;
constexpr std::size_t kShown = 10;

Question question_of(const kernel::Approval& approval) {
  Question made{.call = approval.call,
                .task = approval.task,
                .tool = approval.tool,
                .state = std::string(base::enum_name(approval.state)),
                .question = approval.question,
                .question_bytes = approval.question_bytes,
                .needs = approval.needs,
                .risk = std::string(base::enum_name(approval.risk)),
                .rule = approval.rule,
                .reason = approval.reason,
                .asked = base::format_time(approval.asked_us)};
  if (approval.expires_us != 0) made.expires = base::format_time(approval.expires_us);
  if (!approval.note.empty()) made.note = approval.note;
  return made;
}

// A person sees a question as the policy in force asks it; a look of somebody else does not count.
bool is_person(const CallContext& call) {
  return call.caller().principal == policy::Principal::terminal;
}

// What somebody else asks for is told without what it says and is given. The question itself is for people: it shows
// what lies in files that whoever asks may not be allowed to read.
Question shown(const CallContext& call, const kernel::Approval& approval) {
  Question made = question_of(approval);
  if (is_person(call)) return made;
  made.question.clear();
  if (is_own_task(call, approval.task)) return made;
  made.reason.clear();
  made.note.reset();
  for (std::string& need : made.needs) need = without_words(need);
  return made;
}

// By its id or the end of it, when only one fits.
Result<kernel::Approval> find(const CallContext& call, const std::string& id) {
  return call.kernel().state().with([&](kernel::State& state) -> Result<kernel::Approval> {
    std::vector<const kernel::Approval*> fitting;
    for (const auto& [key, approval] : state.approvals) {
      if (key == id) return approval;
      if (id.size() >= 4 && key.ends_with(id)) fitting.push_back(&approval);
    }
    if (fitting.size() == 1) return *fitting.front();
    if (fitting.size() > 1)
      return fail(ErrorCode::invalid_argument, "several calls end in '" + id + "'",
                  "type more of the id: `lilux approve` lists what waits");
    return fail(ErrorCode::not_found, "no question about call '" + id + "'", "`lilux approve` lists what waits");
  });
}

Result<std::vector<policy::Need>> needs_of(const kernel::Approval& approval) {
  std::vector<policy::Need> needs;
  for (const std::string& text : approval.needs) needs.push_back(TRY(policy::parse_need(text)));
  return needs;
}

// Calls before the waiting one that a rule would have let through without asking.
Result<std::vector<std::string>> past_matches(kernel::Kernel& kernel, const policy::Rule& rule,
                                              const policy::Anchors& anchors, std::string_view waiting) {
  std::vector<std::string_view> names;
  for (const kernel::Tool& tool : kernel.table()) names.push_back(tool.name);
  const policy::RuleSet only = TRY(policy::RuleSet::compile({rule}, anchors, names));
  std::vector<std::string> found;
  for (const kernel::CallRow& row : TRY(TRY(kernel.index()).get().query({.tool = rule.tool, .limit = kPastCalls}))) {
    if (row.call == waiting) continue;
    const Json body = TRY(base::parse_json(TRY(kernel.ledger().read(row.first)).body));
    const Json* needs = body.find("needs");
    if (!needs || !needs->is_array() || needs->as_array().empty()) continue;
    std::vector<policy::Need> parsed;
    for (const Json& need : needs->as_array()) {
      if (const Result<policy::Need> one = policy::parse_need(need.is_string() ? need.as_string() : ""))
        parsed.push_back(*one);
    }
    const policy::Decision decision =
        only.decide({.tool = row.tool, .needs = parsed, .has_effect = true, .autonomy = policy::Autonomy::supervised});
    if (decision.effect == policy::Effect::allow)
      found.push_back(row.call + " " + row.tool + " " + policy::to_string(parsed.front()));
    if (found.size() >= kShown) break;
  }
  return found;
}

Result<std::vector<policy::Rule>> proposals(const CallContext& call, const kernel::Approval& approval) {
  const bool is_cut = approval.needs.size() >= kernel::kNeedsShown;  // a rule for part of it would answer nothing
  if (approval.risk == Risk::critical || is_cut) return std::vector<policy::Rule>{};
  return policy::generalise(approval.tool, TRY(needs_of(approval)), call.kernel().anchors(call.caller().project));
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_kernel("approval");
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  if (is_person(call)) call.kernel().renew_questions();
  std::vector<kernel::Approval> found;
  call.kernel().state().with([&](const kernel::State& state) {
    for (const auto& [id, approval] : state.approvals) {
      const bool is_open = approval.state == ApprovalState::pending || approval.state == ApprovalState::unknown_outcome;
      if (is_open || request.all.value_or(false)) found.push_back(approval);
    }
  });
  ListResponse response;
  for (const kernel::Approval& approval : found) response.approvals.push_back(shown(call, approval));
  std::ranges::sort(response.approvals, {}, &Question::asked);
  return response;
}

Result<Assessment> assess_show(const CallContext&, const ShowRequest&) {
  return reads_kernel("approval");
}

Result<ShowResponse> show(CallContext& call, const ShowRequest& request) {
  if (is_person(call)) call.kernel().renew_question(TRY(find(call, request.call)).call);
  const kernel::Approval approval = TRY(find(call, request.call));
  ShowResponse response{.approval = shown(call, approval)};
  if (!is_person(call)) return response;  // who answers sees all of it, and the rules that would
  if (approval.state == ApprovalState::pending) {
    Result<std::string> whole = kernel::whole_question(call.kernel(), approval);
    if (whole)
      response.approval.question = std::move(*whole);
    else
      response.approval.note = whole.error().message;
  }
  for (const policy::Rule& rule : TRY(proposals(call, approval))) {
    response.always.push_back({.id = rule.id,
                               .capability = rule.capability,
                               .also_matches = TRY(past_matches(
                                   call.kernel(), rule, call.kernel().anchors(call.caller().project), approval.call))});
  }
  return response;
}

Result<Assessment> assess_answer(const CallContext& call, const AnswerRequest& request) {
  TRY(find(call, request.call));
  if (request.always && request.answer != Verdict::approve)
    return fail(ErrorCode::invalid_argument, "'always' goes with approve only", "leave it out");
  return administers("approval", Risk::low);
}

Result<AnswerResponse> answer(CallContext& call, const AnswerRequest& request) {
  const kernel::Approval approval = TRY(find(call, request.call));
  AnswerResponse response{.call = approval.call};
  std::optional<policy::Rule> saved;
  if (request.always) {
    for (policy::Rule& rule : TRY(proposals(call, approval))) {
      if (rule.id == *request.always) saved = std::move(rule);
    }
    if (!saved)
      return fail(ErrorCode::not_found, "'" + *request.always + "' is none of the proposed rules",
                  "`lilux call approval.show --call " + approval.call + "` lists them");
  }
  const auto verdict = request.answer == Verdict::approve ? kernel::Kernel::Answer::approve
                       : request.answer == Verdict::deny  ? kernel::Kernel::Answer::deny
                                                          : kernel::Kernel::Answer::request_changes;
  const std::string run = run_asked_about(call.kernel(), approval);
  const kernel::Outcome outcome =
      TRY(call.kernel().answer(approval.call, verdict, request.note.value_or(""), call.stop()));
  if (verdict == kernel::Kernel::Answer::deny && !run.empty()) forget_run(call.kernel(), run);
  if (verdict == kernel::Kernel::Answer::approve) response.result = kernel::envelope(outcome);
  response.state = verdict == kernel::Kernel::Answer::approve ? "approved"
                   : verdict == kernel::Kernel::Answer::deny  ? "denied"
                                                              : "changes_requested";
  // Saved after the call has run: a new rule is a new policy version, and the question was asked under the old one.
  if (saved) {
    TRY(call.call_tool("policy.add", JsonObject{{"id", saved->id},
                                                {"effect", "allow"},
                                                {"tool", saved->tool},
                                                {"capability", saved->capability},
                                                {"reason", "always, from call " + approval.call}}));
    response.rule = saved->id;
  }
  return response;
}

}  // namespace lilux::tools::approval
