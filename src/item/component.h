#pragma once

// Components of LLMunix: tools and agents described for a model, in two ways of writing. The older has "# Component: X"
// and lines "**Type**: TOOL"; the newer a head with name, description and tools. Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/head.h"

namespace lilux::item {

enum class ComponentType : std::uint8_t { tool, agent };
constexpr std::array<std::string_view, 2> enum_names(ComponentType) {
  return {"TOOL", "AGENT"};
}

struct Component {
  std::string name = {};
  ComponentType type = ComponentType::tool;
  std::vector<std::string> claude_tools = {};  // see lilux_tool()
  std::string version = {};
  std::string description = {};
  std::vector<Input> inputs = {};
  std::vector<Input> outputs = {};
  base::Json mapping = base::JsonObject();  // the YAML of "## Real Tool Mapping": claude_tool, parameters, cost, ...
  std::string logic = {};
  bool has_head = false;  // the newer way
  std::string body = {};  // of the newer way
  base::Json other = base::JsonObject();
  friend bool operator==(const Component&, const Component&) = default;
};

// Whether a text is one of the older way; a newer one can be told from an agent only by its place.
bool is_component(std::string_view text);
Component parse_component(std::string_view text, std::string_view name, Review& review);
std::string write_component(const Component& component);

}  // namespace lilux::item
