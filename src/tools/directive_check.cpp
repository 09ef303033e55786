#include "tools/directive_check.h"

#include <algorithm>

#include "kernel/kernel.h"
#include "tools/directive_rights.h"

namespace lilux::tools {

using item::DirectiveStep;
using item::Problem;
using kernel::CallContext;
using policy::Capability;

namespace {

// Where the element of that step begins; the first character when its name is written in another way.
std::size_t place_of(std::string_view text, const std::string& step) {
  for (std::size_t at = text.find("<step"); at != std::string_view::npos; at = text.find("<step", at + 1)) {
    const std::string_view tag = text.substr(at, text.find('>', at) - at);
    if (tag.contains("\"" + step + "\"") || tag.contains("'" + step + "'")) return at;
  }
  return 0;
}

bool is_covered(const policy::Need& need, const std::vector<Capability>& rights, bool is_known) {
  return std::ranges::any_of(rights, [&](const Capability& right) {
    const bool is_about = (right.any_verb || right.verb == need.verb) && right.resource == need.resource;
    return is_known ? policy::covers(right, need, 0) : is_about;
  });
}

Problem problem_at(std::string_view text, const DirectiveStep& step, std::string message, std::string hint) {
  return {.fault = {.position = text::position_of(text, place_of(text, step.name)),
                    .message = "step '" + step.name + "' " + std::move(message),
                    .hint = std::move(hint)}};
}

}  // namespace

std::vector<Problem> check_steps(const CallContext& call, const item::Directive& directive, std::string_view text) {
  const std::string& root = call.caller().project.empty() ? call.caller().cwd : call.caller().project;
  const std::vector<Capability> rights = declared_rights(call, directive.permissions, root);
  std::vector<Problem> problems;
  for (const DirectiveStep& step : directive.steps) {
    if (!step.call) continue;
    const kernel::Tool* tool = call.kernel().find_tool(step.call->tool);
    if (!tool) continue;  // told by its own place: unknown_tools
    const auto assessed = call.assess(*tool, step.call->arguments);
    if (!assessed) continue;
    const bool is_known = !base::to_text(step.call->arguments).contains("{{");
    const auto missing = std::ranges::find_if(
        assessed->needs, [&](const policy::Need& need) { return !is_covered(need, rights, is_known); });
    if (missing == assessed->needs.end()) continue;
    const std::string declaration = declaration_of(*missing, root);
    problems.push_back(problem_at(
        text, step,
        "calls " + step.call->tool + ", which needs '" + policy::to_string(*missing) + "': no permission declares that",
        declaration.empty() ? "no directive can have that right: describe the step in words, for who runs it"
                            : "add " + declaration + " to <permissions>"));
  }
  return problems;
}

}  // namespace lilux::tools
