#include "item/directive_tools.h"

#include "item/directive.h"
#include "text/xml.h"

namespace lilux::item {

std::vector<ToolUse> tools_of(std::string_view text) {
  std::vector<ToolUse> made;
  const auto block = directive_block(text);
  const auto root = block ? text::parse_xml(text, block->begin, block->end) : text::XmlElement{};
  const text::XmlElement* process = root ? root->find("process") : nullptr;
  if (!process) return made;
  for (const text::XmlElement& step : process->elements) {
    const text::XmlElement* action = step.find("action");
    const std::string* tool = action ? action->attribute("tool") : nullptr;
    const std::string* name = step.attribute("name");
    if (tool && !tool->empty()) made.push_back({.step = name ? *name : "", .tool = *tool, .at = action->begin});
  }
  return made;
}

}  // namespace lilux::item
