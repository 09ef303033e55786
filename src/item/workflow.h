#pragma once

// Workflows of llmos-lite: skills as nodes, and edges from outputs to inputs. They never go round. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/parts.h"

namespace lilux::item {

struct WorkflowNode {
  std::string id = {};
  std::string skill = {};
  double x = 0;
  double y = 0;
  base::Json inputs = base::JsonObject();  // inputValues
  friend bool operator==(const WorkflowNode&, const WorkflowNode&) = default;
};

struct WorkflowEdge {
  std::string id = {};
  std::string source = {};
  std::string source_output = {};
  std::string target = {};
  std::string target_input = {};
  friend bool operator==(const WorkflowEdge&, const WorkflowEdge&) = default;
};

struct Workflow {
  std::string id = {};
  std::string name = {};
  std::string description = {};
  std::vector<WorkflowNode> nodes = {};
  std::vector<WorkflowEdge> edges = {};
  base::Json other = base::JsonObject();  // metadata, ...
  friend bool operator==(const Workflow&, const Workflow&) = default;
};

Workflow parse_workflow(std::string_view text, Review& review);
std::string write_workflow(const Workflow& workflow);

// The nodes by number, each behind all that it takes something from; those of one list can run side by side. Shorter
// than the nodes when they go round.
std::vector<std::vector<std::size_t>> workflow_levels(const Workflow& workflow);

}  // namespace lilux::item
