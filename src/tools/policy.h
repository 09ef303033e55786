#pragma once

// The policy tools: request and response of each.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "policy/policy.h"

namespace lilux::tools::rules {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct RuleRow {
  std::string id;
  policy::Effect effect = policy::Effect::ask;
  std::string tool;
  std::string capability;
  std::string reason;
  std::string source;
  static constexpr base::Fields fields{
      Field{"id", &RuleRow::id, "Rule"},
      Field{"effect", &RuleRow::effect, "allow, ask or deny"},
      Field{"tool", &RuleRow::tool, "Glob over tools"},
      Field{"capability", &RuleRow::capability, "Verb, resource and target it is about"},
      Field{"reason", &RuleRow::reason, "Why"},
      Field{"source", &RuleRow::source, "Where it stands"},
  };
};

struct ListRequest {
  std::optional<policy::Effect> effect;
  static constexpr base::Fields fields{Field{"effect", &ListRequest::effect, "Only allow, ask or deny rules"}};
};
struct ListResponse {
  policy::Autonomy autonomy = policy::Autonomy::supervised;
  std::string version;
  std::string file;
  std::vector<RuleRow> rules;
  std::vector<std::string> trusted;
  static constexpr base::Fields fields{
      Field{"autonomy", &ListResponse::autonomy, "What happens to what no rule matches"},
      Field{"version", &ListResponse::version, "Changes with every rule"},
      Field{"file", &ListResponse::file, "Where a person's own rules stand"},
      Field{"rules", &ListResponse::rules, "All rules in force"},
      Field{"trusted", &ListResponse::trusted, "Folders whose clients may work in them"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct TestRequest {
  std::string tool;
  std::optional<base::Json> arguments;
  std::optional<policy::Principal> principal;
  std::optional<policy::Autonomy> autonomy;
  static constexpr base::Fields fields{
      Field{"tool", &TestRequest::tool, "Tool that would be called"},
      Field{"arguments", &TestRequest::arguments, "Its arguments"},
      Field{"principal", &TestRequest::principal, "Who would call; the caller when absent"},
      Field{"autonomy", &TestRequest::autonomy, "At which level; the one in force when absent"},
  };
};
struct TestResponse {
  policy::Effect effect = policy::Effect::ask;
  std::string rule;
  std::string reason;
  policy::Risk risk = policy::Risk::low;
  std::vector<std::string> needs;
  std::vector<RuleRow> matching;
  std::string fix;
  static constexpr base::Fields fields{
      Field{"effect", &TestResponse::effect, "What would happen"},
      Field{"rule", &TestResponse::rule, "Rule, or level, that decides"},
      Field{"reason", &TestResponse::reason, "Why"},
      Field{"risk", &TestResponse::risk, "Risk of these arguments"},
      Field{"needs", &TestResponse::needs, "What the call needs"},
      Field{"matching", &TestResponse::matching, "Every rule that matches, strictest first"},
      Field{"fix", &TestResponse::fix, "What a person could run to change it"},
  };
};
Result<Assessment> assess_test(const CallContext& call, const TestRequest& request);
Result<TestResponse> test(CallContext& call, const TestRequest& request);

// For hooks of other agents, which ask before those use tools of their own. Nothing is done; the record tells what was
// asked and answered.
struct JudgeRequest {
  std::optional<std::string> tool;
  std::optional<base::Json> arguments;
  std::optional<bool> whole_tree;
  std::optional<std::string> client;
  std::optional<std::string> session;
  std::optional<std::string> act;
  static constexpr base::Fields fields{
      Field{"tool", &JudgeRequest::tool, "Tool of ours that would do the same; absent: there is none, so it asks"},
      Field{"arguments", &JudgeRequest::arguments, "Arguments of that tool"},
      Field{"whole_tree", &JudgeRequest::whole_tree, "It reads all that lies below its paths"},
      Field{"client", &JudgeRequest::client, "Program that would do it: claude", {.maximum = 200}},
      Field{"session", &JudgeRequest::session, "Its name for the conversation", {.maximum = 200}},
      Field{"act", &JudgeRequest::act, "Its name for what it would do: Bash", {.maximum = 200}},
  };
};
struct JudgeResponse {
  policy::Effect decision = policy::Effect::ask;
  std::string rule;
  std::string reason;
  policy::Risk risk = policy::Risk::low;
  std::vector<std::string> needs;
  std::string fix;
  static constexpr base::Fields fields{
      Field{"decision", &JudgeResponse::decision, "allow, when rules allow all of it; ask, when they say nothing"},
      Field{"rule", &JudgeResponse::rule, "Rule, or level, that decides"},
      Field{"reason", &JudgeResponse::reason, "Why"},
      Field{"risk", &JudgeResponse::risk, "Risk of it"},
      Field{"needs", &JudgeResponse::needs, "What it needs"},
      Field{"fix", &JudgeResponse::fix, "What a person could run to change it"},
  };
};
Result<Assessment> assess_judge(const CallContext& call, const JudgeRequest& request);
Result<JudgeResponse> judge(CallContext& call, const JudgeRequest& request);

struct AddRequest {
  std::string id;
  policy::Effect effect = policy::Effect::ask;
  std::optional<std::string> tool;
  std::optional<std::string> capability;
  std::optional<std::vector<policy::Principal>> who;
  std::optional<std::string> reason;
  std::optional<std::vector<std::string>> match;
  std::optional<std::vector<std::string>> not_match;
  static constexpr base::Fields fields{
      Field{"id", &AddRequest::id, "Name of the new rule", {.minimum = 1, .maximum = 100}},
      Field{"effect", &AddRequest::effect, "allow, ask or deny"},
      Field{"tool", &AddRequest::tool, "Glob over tools; any when absent"},
      Field{"capability", &AddRequest::capability, "What it is about: 'write fs ~/work/**'; anything when absent"},
      Field{"who", &AddRequest::who, "Only for these: terminal, agent, mcp, http"},
      Field{"reason", &AddRequest::reason, "Shown when it decides"},
      Field{"match", &AddRequest::match, "Examples it must match: 'fs.write write fs /home/u/work/a'"},
      Field{"not_match", &AddRequest::not_match, "Examples it must not match"},
  };
};
struct AddResponse {
  std::string id;
  std::string version;
  static constexpr base::Fields fields{
      Field{"id", &AddResponse::id, "The rule"},
      Field{"version", &AddResponse::version, "The policy's new version"},
  };
};
Result<Assessment> assess_add(const CallContext& call, const AddRequest& request);
Result<AddResponse> add(CallContext& call, const AddRequest& request);

struct RemoveRequest {
  std::string id;
  static constexpr base::Fields fields{
      Field{"id", &RemoveRequest::id, "Rule to remove; a built-in one is switched off"}};
};
struct RemoveResponse {
  std::string id;
  std::string version;
  static constexpr base::Fields fields{
      Field{"id", &RemoveResponse::id, "The rule"},
      Field{"version", &RemoveResponse::version, "The policy's new version"},
  };
};
Result<Assessment> assess_remove(const CallContext& call, const RemoveRequest& request);
Result<RemoveResponse> remove(CallContext& call, const RemoveRequest& request);

struct AutonomyRequest {
  std::optional<policy::Autonomy> level;
  static constexpr base::Fields fields{Field{"level", &AutonomyRequest::level, "manual, supervised or full"}};
};
struct AutonomyResponse {
  policy::Autonomy level = policy::Autonomy::supervised;
  static constexpr base::Fields fields{Field{"level", &AutonomyResponse::level, "The level in force"}};
};
Result<Assessment> assess_autonomy(const CallContext& call, const AutonomyRequest& request);
Result<AutonomyResponse> autonomy(CallContext& call, const AutonomyRequest& request);

struct TrustRequest {
  std::string path;
  std::optional<bool> revoke;
  static constexpr base::Fields fields{
      Field{"path", &TrustRequest::path, "Project folder"},
      Field{"revoke", &TrustRequest::revoke, "Trust it no longer"},
  };
};
struct TrustResponse {
  std::string path;
  bool trusted = false;
  static constexpr base::Fields fields{
      Field{"path", &TrustResponse::path, "Canonical folder"},
      Field{"trusted", &TrustResponse::trusted, "As it is now"},
  };
};
Result<Assessment> assess_trust(const CallContext& call, const TrustRequest& request);
Result<TrustResponse> trust(CallContext& call, const TrustRequest& request);

}  // namespace lilux::tools::rules
