#include "item/item.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/field.h"
#include "text/markdown.h"
#include "text/shell.h"

namespace lilux::item {

using base::Result;

namespace {

template <class... Each>
struct Overloaded : Each... {
  using Each::operator()...;
};

Detail detail_of(const Place& place, std::string_view text, std::string_view ending, Review& review) {
  switch (place.kind) {
    case Kind::directive: return parse_directive(text, place.name, review);
    case Kind::script: return parse_script(text, ending, review);
    case Kind::knowledge: return parse_knowledge(text, place.name, review);
    case Kind::skill: return parse_skill(text, place.name, review);
    case Kind::agent:
      if (is_component(text)) return parse_component(text, place.name, review);
      return parse_agent(text, place.name, review);
    case Kind::workflow: return parse_workflow(text, review);
    case Kind::tool: return parse_component(text, place.name, review);
    case Kind::plan:
      if (is_execution_state(text)) return parse_execution_state(text, review);
      return parse_document(text, place.name, review);
    case Kind::pattern:
    case Kind::template_item: return parse_document(text, place.name, review);
  }
  return Document{};
}

void take(Item& item, const Directive& directive) {
  item.version = directive.version;
  item.description = directive.description;
  item.category = directive.category;
  item.relationships = directive.relationships;
  item.permissions = directive.permissions;
  item.inputs = directive.inputs;
  for (const DirectiveStep& step : directive.steps)
    item.body += step.name + "\n" + step.description + "\n" + step.action + (step.call ? step.call->tool : "") + "\n";
}

void take(Item& item, const Script& script) {
  item.version = script.version;
  item.description = script.description;
  item.permissions = script.permissions;
  item.inputs = script.inputs;
  item.body = script.code;
}

void take(Item& item, const Knowledge& knowledge) {
  item.title = knowledge.title;
  item.version = knowledge.version;
  item.category = knowledge.category;
  item.tags = knowledge.tags;
  item.body = knowledge.body;
  if (item.category.empty() && item.place.category.empty())
    item.category = std::string(base::enum_name(knowledge.type)) + "s";
}

void take(Item& item, const Skill& skill) {
  item.title = skill.name;
  item.version = skill.version;
  item.description = skill.description;
  item.category = skill.category;
  item.tags = skill.keywords;
  item.body = skill.body;
  if (skill.node) item.inputs = skill.node->inputs;
}

void take(Item& item, const Agent& agent) {
  item.title = agent.name;
  item.description = agent.description;
  item.body = agent.prompt;
}

void take(Item& item, const Workflow& workflow) {
  item.title = workflow.name;
  item.description = workflow.description;
  for (const WorkflowNode& node : workflow.nodes) {
    const Relationship uses{.kind = "requires", .target = node.skill};
    if (std::ranges::find(item.relationships, uses) == item.relationships.end()) item.relationships.push_back(uses);
    item.body += node.skill + "\n";
  }
}

void take(Item& item, const Component& component) {
  item.title = component.name;
  item.version = component.version;
  item.description = component.description;
  item.inputs = component.inputs;
  item.body = component.has_head ? component.body : component.logic;
}

void take(Item& item, const Document& document) {
  item.title = document.title.empty() ? text::first_heading(document.body) : document.title;
  item.version = document.version;
  item.description = document.description;
  item.category = document.category;
  item.tags = document.tags;
  item.inputs = document.inputs;
  item.body = document.body;
  if (!document.extends.empty()) item.relationships.push_back({.kind = "extends", .target = document.extends});
}

void take(Item& item, const ExecutionState& state) {
  item.title = state.title;
  item.description = state.goal;
  for (const PlanStep& step : state.plan) item.body += step.title + "\n";
}

}  // namespace

base::Result<void> Item::check() const {
  const auto error = std::ranges::find(problems, Severity::error, &Problem::severity);
  if (error == problems.end()) return {};
  const text::Fault& fault = error->fault;
  return base::fail(base::ErrorCode::invalid_argument, text::to_text(fault),
                    fault.hint.empty() ? "`lilux item validate " + std::string(base::enum_name(place.kind)) + " " +
                                             text::quote(place.name) + "` shows all that is wrong"
                                       : fault.hint);
}

bool Item::is_broken() const {
  return std::ranges::any_of(problems, [](const Problem& problem) { return problem.severity == Severity::error; });
}

namespace {

// The first byte that is no UTF-8; its end when there is none.
std::size_t utf8_end(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = base::utf8_length(text.substr(at));
    if (size == 0) break;
    at += size;
  }
  return at;
}

// A text in another encoding is read as an empty one.
bool is_text(std::string_view text, Review& review) {
  const bool is_wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  const std::size_t zero = text.find('\0');
  if (is_wide || !base::is_utf8(text))
    review.error(is_wide ? 0 : utf8_end(text), is_wide ? "it is UTF-16" : "this is not UTF-8", "save it as UTF-8");
  else if (zero != std::string_view::npos)
    review.error(zero, "a zero byte in a text", "save it as UTF-8");
  else
    return true;
  return false;
}

}  // namespace

Item parse(const Place& place, std::string_view text, std::string_view ending) {
  Review review(text);
  if (!is_text(text, review)) {
    Item item = parse(place, "", ending);
    item.problems = review.take();
    return item;
  }
  Item item{.place = place, .ending = std::string(ending), .detail = detail_of(place, text, ending, review)};
  std::visit([&item](const auto& detail) { take(item, detail); }, item.detail);
  item.problems = review.take();
  item.stamp = verify_stamp(place.kind, text, ending);
  if (item.title.empty()) item.title = place.name;
  if (item.category.empty()) item.category = place.category;
  return item;
}

std::string write(const Detail& detail) {
  return std::visit(Overloaded{[](const Directive& made) { return write_directive(made); },
                               [](const Script& made) { return made.code; },
                               [](const Knowledge& made) { return write_knowledge(made); },
                               [](const Skill& made) { return write_skill(made); },
                               [](const Agent& made) { return write_agent(made); },
                               [](const Workflow& made) { return write_workflow(made); },
                               [](const Component& made) { return write_component(made); },
                               [](const Document& made) { return write_document(made); },
                               [](const ExecutionState& made) { return write_execution_state(made); }},
                    detail);
}

}  // namespace lilux::item
