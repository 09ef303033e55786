#include "surface/mcp_approval.h"

#include "base/escape.h"
#include "base/field.h"
#include "kernel/kernel.h"
#include "tools/confined.h"

namespace lilux::surface {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using kernel::Approval;

namespace {

constexpr policy::Risk kHighest = policy::Risk::medium;
constexpr std::string_view kMark = "approval ";
constexpr std::string_view kKey = "approval";
constexpr std::string_view kApprove = "approve";
constexpr std::string_view kDeny = "deny";

std::optional<Approval> waiting(kernel::Kernel& kernel, const std::string& call) {
  return kernel.state().with([&](const kernel::State& state) -> std::optional<Approval> {
    const auto found = state.approvals.find(call);
    const bool is_waiting = found != state.approvals.end() && found->second.state == kernel::ApprovalState::pending;
    return is_waiting ? std::optional(found->second) : std::nullopt;
  });
}

// Which question was shown: an answer is good for no other.
std::string mark_of(const Approval& approval) {
  return std::string(kMark) + approval.call + " " + approval.hash + " " + approval.effect.value_or("");
}

// A form is only as good as the program that shows it, so it answers what is not very risky and can be taken back.
bool is_for_forms(const kernel::Kernel& kernel, const Approval& approval) {
  const kernel::Tool* tool = kernel.find_tool(approval.tool);
  const bool is_for_good =
      !tool || (tool->traits.effect == kernel::Effect::world && tool->traits.undo == kernel::Undo::none);
  return approval.risk <= kHighest && !is_for_good;
}

std::string text_of(const Approval& approval) {
  // Clients cut what is long, so what matters comes first.
  std::string text = "Risk " + std::string(base::enum_name(approval.risk)) + ": " + approval.question;
  for (const std::string& need : approval.needs) text += "\nneeds: " + base::escape_line(need);
  return text + "\nAsked by " + base::escape_line(approval.rule) + ". In a terminal: lilux approve " + approval.call;
}

}  // namespace

std::optional<mcp::Needed> approval_form(kernel::Kernel& kernel, const std::string& call) {
  const std::optional<Approval> approval = waiting(kernel, call);
  if (!approval || !is_for_forms(kernel, *approval)) return std::nullopt;
  Json schema = JsonObject{
      {"type", "object"},
      {"properties", JsonObject{{"answer", JsonObject{{"type", "string"},
                                                      {"title", "Answer"},
                                                      {"description", "approve runs exactly this call, once"},
                                                      {"enum", JsonArray{kApprove, kDeny}}}}}},
      {"required", JsonArray{"answer"}}};
  return mcp::Needed{
      .questions = {{.key = std::string(kKey),
                     .method = "elicitation/create",
                     .params = JsonObject{{"message", text_of(*approval)}, {"requestedSchema", std::move(schema)}}}},
      .note = mark_of(*approval)};
}

bool is_approval(const mcp::Host::Call& call) {
  return call.note.starts_with(kMark) && call.answers.contains(kKey);
}

bool take_approval(kernel::Kernel& kernel, const mcp::Host::Call& answered) {
  const std::string call = answered.note.substr(kMark.size(), answered.note.find(' ', kMark.size()) - kMark.size());
  const std::optional<Approval> approval = waiting(kernel, call);
  if (!approval || mark_of(*approval) != answered.note || !is_for_forms(kernel, *approval)) return false;
  const Json& said = answered.answers.find(kKey)->second;
  const Json* content = said.find("content");
  if (said.string_or("action") != "accept" || !content) return false;
  const std::string answer = content->string_or("answer");
  if (answer != kApprove && answer != kDeny) return false;
  const std::string run = tools::run_asked_about(kernel, *approval);
  const auto given = kernel.answer(
      call, answer == kApprove ? kernel::Kernel::Answer::approve : kernel::Kernel::Answer::deny,
      "the client '" + base::escape_line(answered.client->name) + "' says that its user said so in a form",
      answered.cancel);
  if (given && answer == kDeny && !run.empty()) tools::forget_run(kernel, run);
  return given.has_value();
}

}  // namespace lilux::surface
