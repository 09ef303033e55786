// policy.*: the rules in force, what they would say, and changing them. Only people change them; policy.toml is edited
// in place, so what a person wrote stays as it was.

#include "tools/policy.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/time.h"
#include "kernel/budget.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/error.h"
#include "sys/path.h"
#include "text/shell.h"
#include "text/wild.h"
#include "tools/common.h"
#include "tools/fs_common.h"

namespace lilux::tools::rules {

using base::ErrorCode;
using base::fail;
using policy::Risk;

namespace {

constexpr std::size_t kPolicyBytesMax = std::size_t{16} << 20;
constexpr std::size_t kIdDigits = 8;
constexpr std::string_view kPeopleRule = "audience:people";

RuleRow row_of(const policy::Rule& rule) {
  return {.id = rule.id,
          .effect = rule.effect,
          .tool = rule.tool,
          .capability = rule.capability,
          .reason = rule.reason,
          .source = rule.source};
}

// A change of policy.toml: undone like any other file.
Result<Assessment> edits_policy(const CallContext& call, Risk risk) {
  Assessment made = TRY(administers("policy", risk));
  made.paths.push_back(call.kernel().policy_file().string());
  made.scratch.push_back(scratch_for(call, call.kernel().policy_file().string()));
  return made;
}

Result<std::string> policy_text(const CallContext& call) {
  Result<std::string> text = sys::read_file(call.kernel().policy_file().string(), kPolicyBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::string();
  return text;
}

// Puts the new text in place only when everything in it holds.
Result<std::string> save(CallContext& call, const std::string& text) {
  kernel::Kernel& kernel = call.kernel();
  TRY(kernel.check_policy(text, call.caller().project));
  TRY(replace_file(call, kernel.policy_file().string(), text));
  kernel.forget_policy();
  return TRY(kernel.rules(call.caller().project))->version().substr(0, 16);
}

policy::Rule rule_of(const AddRequest& request) {
  return {.id = request.id,
          .effect = request.effect,
          .tool = request.tool.value_or("*"),
          .capability = request.capability.value_or(""),
          .who = request.who.value_or(std::vector<policy::Principal>{}),
          .match = request.match.value_or(std::vector<std::string>{}),
          .not_match = request.not_match.value_or(std::vector<std::string>{}),
          .reason = request.reason.value_or(""),
          .source = "policy.toml"};
}

// A rule for exactly this need, whatever stands in its target.
std::string capability_of(const std::string& shown) {
  const Result<policy::Need> need = policy::parse_need(shown);
  const bool is_glob = need && need->resource != "shell" && need->resource != "net" && need->resource != "usd";
  if (!is_glob) return shown;
  return std::string(base::enum_name(need->verb)) + " " + need->resource + " " + text::escape_glob(need->target);
}

// A command to be pasted. The rule is named by what it allows, as one saved by an answer is, so that each has its own.
std::string fix_for(const std::string& tool, const policy::Decision& decision) {
  if (decision.effect == policy::Effect::allow) return "";
  if (decision.effect == policy::Effect::deny)
    return text::join(std::vector<std::string>{"lilux", "policy", "remove", decision.rule});
  const std::string capability = capability_of(decision.need);
  const std::string id = "always-" + base::to_hex(base::sha256(tool + " ", capability)).substr(0, kIdDigits);
  std::vector<std::string> words{"lilux", "policy", "add", id, "--effect", "allow", "--tool", tool};
  if (!capability.empty()) words.insert(words.end(), {"--capability", capability});
  return text::join(words);
}

// What the call's task and all above it hold, whatever the rules say.
Result<void> check_grants(const CallContext& call, const std::vector<policy::Need>& needs) {
  const std::int64_t now = base::now_us();
  return call.kernel().state().with([&](kernel::State& state) -> Result<void> {
    for (const kernel::Task* task : kernel::lineage(state, call.task())) {
      std::optional<std::size_t> used;
      for (const policy::Need& need : needs)
        TRY(kernel::covering_grant(*task, need, now, call.kernel().folders().home, used));
    }
    return {};
  });
}

// Whether a rule that denies, or the want of one that allows, decided: only that is changed by a command about rules.
bool is_by_policy(const policy::Decision& decision) {
  if (decision.effect == policy::Effect::ask)
    return decision.rule == "autonomy:" + std::string(base::enum_name(policy::Autonomy::supervised));
  return decision.rule != kPeopleRule && !decision.rule.starts_with("capability:") && decision.rule != "malformed";
}

// The rules alone allow: the level full is about what can be undone, which the act of another program cannot.
Result<policy::Decision> judged(const CallContext& call, const kernel::Tool& tool, const Assessment& assessment,
                                bool is_whole_tree) {
  kernel::Kernel& kernel = call.kernel();
  const policy::Principal who = call.caller().principal;
  if (tool.traits.audience == kernel::Audience::people && who != policy::Principal::terminal)
    return policy::Decision{.effect = policy::Effect::deny,
                            .rule = std::string(kPeopleRule),
                            .reason = "'" + std::string(tool.name) + "' is for people",
                            .need = {}};
  if (const Result<void> held = check_grants(call, assessment.needs); !held)
    return policy::Decision{
        .effect = policy::Effect::deny, .rule = held.error().rule, .reason = held.error().message, .need = {}};
  const auto rules = TRY(kernel.rules(call.caller().project));
  const policy::Question question{.tool = tool.name,
                                  .needs = assessment.needs,
                                  .risk = assessment.risk,
                                  .has_effect = tool.traits.effect == kernel::Effect::world,
                                  .is_irreversible = true,
                                  .who = who,
                                  .autonomy = std::min(TRY(kernel.autonomy()), policy::Autonomy::supervised)};
  policy::Decision decision = rules->decide(question);
  for (const policy::Need& need : assessment.needs) {
    const bool is_asked = is_whole_tree && decision.effect == policy::Effect::allow;
    const auto restrictions = is_asked ? rules->restrictions_below(question, need) : std::vector<policy::Rule>{};
    if (!restrictions.empty())
      decision = {.effect = policy::Effect::ask,
                  .rule = restrictions[0].id,
                  .reason = "'" + restrictions[0].id + "' takes away some of what lies below",
                  .need = policy::to_string(need)};
  }
  return decision;
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_kernel("policy");
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  kernel::Kernel& kernel = call.kernel();
  const auto rules = TRY(kernel.rules(call.caller().project));
  ListResponse response{.autonomy = TRY(kernel.autonomy()),
                        .version = rules->version().substr(0, 16),
                        .file = kernel.policy_file().string(),
                        .trusted = TRY(kernel::trusted_folders(kernel.folders()))};
  for (const policy::Rule& rule : rules->rules()) {
    if (!request.effect || *request.effect == rule.effect) response.rules.push_back(row_of(rule));
  }
  return response;
}

Result<Assessment> assess_test(const CallContext& call, const TestRequest& request) {
  const kernel::Tool* tool = TRY(call.kernel().tool(request.tool));
  TRY(call.assess(*tool, request.arguments.value_or(base::JsonObject{})));
  return reads_kernel("policy");
}

Result<TestResponse> test(CallContext& call, const TestRequest& request) {
  kernel::Kernel& kernel = call.kernel();
  const kernel::Tool* tool = kernel.find_tool(request.tool);
  const Assessment assessment = TRY(call.assess(*tool, request.arguments.value_or(base::JsonObject{})));
  const auto rules = TRY(kernel.rules(call.caller().project));
  const policy::Question question{.tool = request.tool,
                                  .needs = assessment.needs,
                                  .risk = assessment.risk,
                                  .has_effect = tool->traits.effect == kernel::Effect::world,
                                  .is_irreversible = assessment.is_irreversible,
                                  .who = request.principal.value_or(call.caller().principal),
                                  .autonomy = request.autonomy ? *request.autonomy : TRY(kernel.autonomy())};
  const policy::Decision decision = rules->decide(question);
  TestResponse response{.effect = decision.effect,
                        .rule = decision.rule,
                        .reason = decision.reason,
                        .risk = assessment.risk,
                        .fix = fix_for(request.tool, decision)};
  for (const policy::Need& need : assessment.needs) response.needs.push_back(policy::to_string(need));
  for (const policy::Rule& rule : rules->matching(question)) response.matching.push_back(row_of(rule));
  return response;
}

// It needs nothing: a task that holds little may ask all the same.
Result<Assessment> assess_judge(const CallContext& call, const JudgeRequest& request) {
  if (request.tool) {
    const kernel::Tool* tool = TRY(call.kernel().tool(*request.tool));
    TRY(call.assess(*tool, request.arguments.value_or(base::JsonObject{})));
  }
  return Assessment{.risk = Risk::none};
}

Result<JudgeResponse> judge(CallContext& call, const JudgeRequest& request) {
  if (!request.tool)
    return JudgeResponse{.rule = "unknown", .reason = "no tool of Lilux does the same, so no rule can judge it"};
  const kernel::Tool* tool = call.kernel().find_tool(*request.tool);
  const Assessment assessment = TRY(call.assess(*tool, request.arguments.value_or(base::JsonObject{})));
  const policy::Decision decision = TRY(judged(call, *tool, assessment, request.whole_tree.value_or(false)));
  JudgeResponse response{.decision = decision.effect,
                         .rule = decision.rule,
                         .reason = decision.reason,
                         .risk = assessment.risk,
                         .fix = is_by_policy(decision) ? fix_for(*request.tool, decision) : ""};
  for (const policy::Need& need : assessment.needs) response.needs.push_back(policy::to_string(need));
  return response;
}

Result<Assessment> assess_add(const CallContext& call, const AddRequest& request) {
  return edits_policy(call, request.effect == policy::Effect::allow ? Risk::high : Risk::low);
}

Result<AddResponse> add(CallContext& call, const AddRequest& request) {
  const std::string text = TRY(policy::with_rule(TRY(policy_text(call)), rule_of(request)));
  return AddResponse{.id = request.id, .version = TRY(save(call, text))};
}

Result<Assessment> assess_remove(const CallContext& call, const RemoveRequest&) {
  return edits_policy(call, Risk::high);
}

Result<RemoveResponse> remove(CallContext& call, const RemoveRequest& request) {
  const std::string text = TRY(policy::without_rule(TRY(policy_text(call)), request.id));
  return RemoveResponse{.id = request.id, .version = TRY(save(call, text))};
}

Result<Assessment> assess_autonomy(const CallContext& call, const AutonomyRequest& request) {
  if (!request.level) return reads_kernel("policy");
  return edits_policy(call, *request.level == policy::Autonomy::full ? Risk::high : Risk::low);
}

Result<AutonomyResponse> autonomy(CallContext& call, const AutonomyRequest& request) {
  if (!request.level) return AutonomyResponse{.level = TRY(call.kernel().autonomy())};
  TRY(save(call, TRY(policy::with_autonomy(TRY(policy_text(call)), *request.level))));
  return AutonomyResponse{.level = *request.level};
}

Result<Assessment> assess_trust(const CallContext& call, const TrustRequest& request) {
  const std::string path = TRY(call.resolve(request.path, kernel::Final::follow));
  if (path.find('\n') != std::string::npos)  // the list has one folder a line
    return fail(ErrorCode::invalid_argument, sys::quoted(path) + " holds a line end, so it cannot be trusted",
                "rename the folder");
  Assessment made = TRY(administers("trust", request.revoke.value_or(false) ? Risk::low : Risk::medium));
  const std::string file = kernel::trust_file(call.kernel().folders());
  made.paths.push_back(file);
  made.scratch.push_back(scratch_for(call, file));
  return made;
}

Result<TrustResponse> trust(CallContext& call, const TrustRequest& request) {
  const std::string path = TRY(call.resolve(request.path, kernel::Final::follow));
  const bool is_revoke = request.revoke.value_or(false);
  const auto found = TRY(sys::stat_if_there(path));
  if (!is_revoke && (!found || !found->is_directory()))
    return fail(ErrorCode::not_found, "'" + path + "' is not a folder", "name a project's folder");
  std::vector<std::string> folders = TRY(kernel::trusted_folders(call.kernel().folders()));
  std::erase(folders, path);
  if (!is_revoke) folders.push_back(path);
  TRY(replace_file(call, kernel::trust_file(call.kernel().folders()), kernel::trust_text(folders)));
  return TrustResponse{.path = path, .trusted = !is_revoke};
}

}  // namespace lilux::tools::rules
