#include "tools/workflow_check.h"

#include <set>

#include "base/json.h"
#include "text/edit.h"

namespace lilux::tools {

using base::Result;
using item::Kind;

namespace {

// Where a node first names the skill: JSON is read without places.
std::size_t place_of_skill(std::string_view text, const std::string& skill) {
  constexpr std::string_view kKey = "\"skillId\"";
  const std::string value = base::to_text(base::Json(skill));
  const auto skip = [&](std::size_t at) { return std::min(text.find_first_not_of(" \t\r\n:", at), text.size()); };
  for (std::size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at + 1))
    if (const std::size_t begin = skip(at + kKey.size()); text.substr(begin).starts_with(value)) return begin;
  return 0;
}

}  // namespace

const Result<FoundItem>& WorkflowCheck::skill(const std::string& name, const std::optional<std::string>& source) {
  const std::pair key(source.value_or(""), name);
  if (const auto known = skills_.find(key); known != skills_.end()) return known->second;
  Result<FoundItem> found = volumes_.find(Kind::skill, name, std::nullopt);
  if (!found && source)
    if (Result<FoundItem> beside = volumes_.find(Kind::skill, name, source)) found = std::move(beside);
  return skills_.emplace(key, std::move(found)).first->second;
}

std::vector<item::Problem> WorkflowCheck::problems(const item::Workflow& workflow, std::string_view text,
                                                   const std::optional<std::string>& source) {
  item::Review review(text);
  std::set<std::string> told;
  for (const item::WorkflowNode& node : workflow.nodes) {
    if (review.is_full()) break;
    if (node.skill.empty() || !told.insert(node.skill).second) continue;
    if (const Result<FoundItem>& found = skill(node.skill, source); !found)
      review.error(place_of_skill(text, node.skill),
                   "the node '" + node.id + "' runs the skill '" + node.skill + "', which there is not",
                   found.error().hint);
  }
  return review.take();
}

}  // namespace lilux::tools
