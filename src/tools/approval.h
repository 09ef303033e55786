#pragma once

// The approval tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::approval {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct Question {
  std::string call;
  std::string task;
  std::string tool;
  std::string state;
  std::string question;
  std::int64_t question_bytes = 0;
  std::vector<std::string> needs;
  std::string risk;
  std::string rule;
  std::string reason;
  std::string asked;
  std::optional<std::string> expires;
  std::optional<std::string> note;
  static constexpr base::Fields fields{
      Field{"call", &Question::call, "Call that waits"},
      Field{"task", &Question::task, "Task that asks"},
      Field{"tool", &Question::tool, "Tool"},
      Field{"state", &Question::state, "pending, approved, denied, changes_requested, expired or unknown_outcome"},
      Field{"question", &Question::question, "The exact effect"},
      Field{"question_bytes", &Question::question_bytes, "Its size in bytes"},
      Field{"needs", &Question::needs, "What it needs"},
      Field{"risk", &Question::risk, "Risk of these arguments"},
      Field{"rule", &Question::rule, "Rule that asked"},
      Field{"reason", &Question::reason, "Why it asked"},
      Field{"asked", &Question::asked, "When"},
      Field{"expires", &Question::expires, "Until when it can be answered"},
      Field{"note", &Question::note, "What the person said"},
  };
};

struct ListRequest {
  std::optional<bool> all;
  static constexpr base::Fields fields{Field{"all", &ListRequest::all, "Answered ones too"}};
};
struct ListResponse {
  std::vector<Question> approvals;
  static constexpr base::Fields fields{Field{"approvals", &ListResponse::approvals, "Oldest first"}};
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct ShowRequest {
  std::string call;
  static constexpr base::Fields fields{Field{"call", &ShowRequest::call, "Call that waits"}};
};
struct ProposedRule {
  std::string id;
  std::string capability;
  std::vector<std::string> also_matches;
  static constexpr base::Fields fields{
      Field{"id", &ProposedRule::id, "Rule"},
      Field{"capability", &ProposedRule::capability, "What it would allow"},
      Field{"also_matches", &ProposedRule::also_matches, "Past calls it would have matched"},
  };
};
struct ShowResponse {
  Question approval;
  std::vector<ProposedRule> always;
  static constexpr base::Fields fields{
      Field{"approval", &ShowResponse::approval, "The question"},
      Field{"always", &ShowResponse::always, "Rules that would answer it for good, narrowest first"},
  };
};
Result<Assessment> assess_show(const CallContext& call, const ShowRequest& request);
Result<ShowResponse> show(CallContext& call, const ShowRequest& request);

enum class Verdict : std::uint8_t { approve, request_changes, deny };
constexpr std::array<std::string_view, 3> enum_names(Verdict) {
  return {"approve", "request_changes", "deny"};
}

struct AnswerRequest {
  std::string call;
  Verdict answer = Verdict::approve;
  std::optional<std::string> note;
  std::optional<std::string> always;
  static constexpr base::Fields fields{
      Field{"call", &AnswerRequest::call, "Call that waits"},
      Field{"answer", &AnswerRequest::answer, "approve runs exactly that call; request_changes and deny end it"},
      Field{"note", &AnswerRequest::note, "What the caller is told", {.maximum = 2000}},
      Field{"always", &AnswerRequest::always, "Also save this proposed rule (see approval.show)"},
  };
};
struct AnswerResponse {
  std::string call;
  std::string state;
  std::optional<base::Json> result;
  std::optional<std::string> rule;
  static constexpr base::Fields fields{
      Field{"call", &AnswerResponse::call, "Call that was answered"},
      Field{"state", &AnswerResponse::state, "approved, denied or changes_requested"},
      Field{"result", &AnswerResponse::result, "How the approved call ended: the envelope its caller would have had"},
      Field{"rule", &AnswerResponse::rule, "Rule that was saved"},
  };
};
Result<Assessment> assess_answer(const CallContext& call, const AnswerRequest& request);
Result<AnswerResponse> answer(CallContext& call, const AnswerRequest& request);

}  // namespace lilux::tools::approval
