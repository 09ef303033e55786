#pragma once

// Agents: a head that names, describes and bounds one, and its prompt. Those of Claude Code (.claude/agents) and those
// of LLMunix are written alike; older ones of LLMunix are components, see component.h. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/head.h"

namespace lilux::item {

struct Agent {
  std::string name = {};
  std::string description = {};
  std::vector<std::string> tools = {};  // as they are written, "Read", "Bash(git:*)"; none: all
  std::vector<std::string> disallowed_tools = {};
  std::string model = {};
  std::vector<std::string> skills = {};
  std::string prompt = {};
  base::Json other = base::JsonObject();  // permissionMode, maxTurns, hooks, ...
  friend bool operator==(const Agent&, const Agent&) = default;
};

Agent parse_agent(std::string_view text, std::string_view name, Review& review);
std::string write_agent(const Agent& agent);

}  // namespace lilux::item
