#include "item/agent.h"

#include "text/markdown.h"

namespace lilux::item {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string made;
  for (const std::string& name : names) made += (made.empty() ? "" : ", ") + name;
  return made;
}

HeadAndBody file_of(const Agent& agent) {
  HeadWriter head;
  head.text("name", agent.name);
  head.text("description", agent.description);
  head.text("tools", joined(agent.tools));
  head.text("disallowedTools", joined(agent.disallowed_tools));
  head.text("model", agent.model);
  head.texts("skills", agent.skills);
  head.rest(agent.other);
  return {.head = head.take(), .body = agent.prompt};
}

}  // namespace

Agent parse_agent(std::string_view text, std::string_view name, Review& review) {
  Head head(text, review);
  Agent made{.prompt = std::string(head.body())};
  if (!head.require("begin with '---', 'name: ...', 'description: ...' and '---'")) return made;
  made.name = head.text("name");
  if (made.name.empty()) made.name = head.text("agent_name");
  made.description = head.text("description");
  made.tools = head.tools("tools");
  made.disallowed_tools = head.tools("disallowedTools");
  made.model = head.text("model");
  made.skills = head.texts("skills");
  made.other = head.rest({"name", "agent_name", "description", "tools", "disallowedTools", "model", "skills"});
  if (made.name.empty()) review.error(head.place_of("name"), "'name' is missing", "write name: " + std::string(name));
  if (made.description.empty())
    review.error(head.place_of("description"), "'description' is missing",
                 "write description: what it does, and when it is of use");
  if (text::trimmed(made.prompt).empty()) review.warning(text.size(), "the agent has no prompt");
  check_tools(made.tools, head.place_of("tools"), review);
  for (const std::string& tool : made.tools)
    if (tool.contains('(') && !tool.ends_with(')'))
      review.error(head.place_of("tools"), "'" + tool + "' has an open parenthesis");
  return made;
}

std::string write_agent(const Agent& agent) {
  return write_head(file_of(agent));
}

}  // namespace lilux::item
