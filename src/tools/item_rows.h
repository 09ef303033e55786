#pragma once

// Items as the item tools tell them.

#include <string_view>
#include <vector>

#include "item/item.h"
#include "tools/item.h"
#include "tools/script_check.h"
#include "tools/template_check.h"
#include "tools/volumes.h"
#include "tools/workflow_check.h"

namespace lilux::tools::item_tools {

std::vector<ProblemRow> rows_of(const std::vector<item::Problem>& problems);
std::vector<InputRow> rows_of(const std::vector<item::Input>& inputs);
// What only who has the tools can tell to be wrong with a directive: its steps call some that there are not.
std::vector<item::Problem> unknown_tools(const CallContext& call, std::string_view text);
// Puts that among the problems of a directive; other items stay as they are.
void add_unknown_tools(const CallContext& call, std::string_view text, item::Item& item);
// Which of ours each of these tools of Claude Code is: null where there is none yet.
base::Json lilux_tools_of(const std::vector<std::string>& claude_tools);
// Those that a component, an agent or a skill names.
std::vector<std::string> claude_tools_of(const item::Item& item);
// Says which of them there are none for; empty when there are all.
std::string missing_tools(const item::Item& item);
// As much of it as a list tells.
std::string short_description(const item::Item& item);
// What more than its own text tells of an item: its interpreter of a script, others of a template.
struct Look {
  script::Glance scripts;
  TemplateCheck templates;
  WorkflowCheck workflows;
};
ItemRow row_of(const CallContext& call, const Volumes& volumes, const FoundItem& found, Look* look = nullptr);

}  // namespace lilux::tools::item_tools
