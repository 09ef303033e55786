#include "tools/prompt.h"

#include "tools/common.h"

namespace lilux::tools::prompt {

using base::Json;
using base::JsonObject;

namespace {

Json from_user(JsonObject content) {
  return JsonObject{{"role", "user"}, {"content", std::move(content)}};
}

// What was read, and what to do with it.
Messages about(std::string_view uri, const Json& shown, std::string_view wish) {
  JsonObject resource{
      {"uri", uri}, {"mimeType", "application/json"}, {"text", base::to_text(shown, base::JsonStyle::spaced)}};
  return {.messages = {from_user({{"type", "resource"}, {"resource", std::move(resource)}}),
                       from_user({{"type", "text"}, {"text", wish}})}};
}

}  // namespace

Result<Assessment> assess_explain(const CallContext&, const ExplainRequest&) {
  return reads_kernel("ledger");
}

Result<Messages> explain(CallContext& call, const ExplainRequest& request) {
  const Json why = TRY(call.call_tool("ledger.why", JsonObject{{"call", request.call}}));
  return about("lilux://calls/" + request.call, why,
               "Explain this call in plain words: what it did, who wanted it and why, by which rule or answer it was "
               "let through or refused, what it led to, and whether it can be taken back.");
}

Result<Assessment> assess_review(const CallContext&, const ReviewRequest&) {
  return reads_kernel("ledger");
}

Result<Messages> review(CallContext& call, const ReviewRequest& request) {
  const Json calls = TRY(call.call_tool(
      "ledger.query", JsonObject{{"since", request.since.value_or("1d")}, {"looks", false}, {"limit", 200}}));
  return about("lilux://calls", calls,
               "Sum up what was done: what changed and where, what failed, what was refused or still waits for a "
               "person, and which of it can be taken back with undo.apply. Name the calls by their ids.");
}

}  // namespace lilux::tools::prompt
