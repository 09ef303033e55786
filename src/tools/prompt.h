#pragma once

// prompt.*: texts a person picks in a client to begin with. Each row makes the messages of one prompt; what it shows it
// reads by calls of its own.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::prompt {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct Messages {
  std::vector<base::Json> messages;
  static constexpr base::Fields fields{
      Field{"messages", &Messages::messages, "Each with a role and its content, as MCP has them"}};
};

struct ExplainRequest {
  std::string call;
  static constexpr base::Fields fields{Field{"call", &ExplainRequest::call, "Call to explain"}};
};
Result<Assessment> assess_explain(const CallContext& call, const ExplainRequest& request);
Result<Messages> explain(CallContext& call, const ExplainRequest& request);

struct ReviewRequest {
  std::optional<std::string> since;
  static constexpr base::Fields fields{
      Field{"since", &ReviewRequest::since, "From then on: a time, or how long ago (10m, 2h, 7d); 1d when absent"}};
};
Result<Assessment> assess_review(const CallContext& call, const ReviewRequest& request);
Result<Messages> review(CallContext& call, const ReviewRequest& request);

}  // namespace lilux::tools::prompt
