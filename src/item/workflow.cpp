#include "item/workflow.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/encoding.h"
#include "item/limits.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kSoughtBytesMax = 200;  // of a word: names are shorter
constexpr std::array<std::string_view, 5> kKnown{"workflowId", "name", "description", "nodes", "edges"};

// JSON is read without places: a fault is where the word that it is about first stands in quotes, which is looked for
// only while faults are still told.
struct Faults {
  std::string_view text;
  Review& review;

  void at(std::string_view word, std::string message, std::string hint = {}) {
    if (review.is_full()) return;
    std::string written = base::to_text(Json(base::clipped(word, kSoughtBytesMax)));
    if (word.size() > kSoughtBytesMax) written.pop_back();  // its other quote stands later
    const std::size_t place = text.find(written);
    review.error(place == std::string_view::npos ? 0 : place, std::move(message), std::move(hint));
  }
};

Json node_json(const WorkflowNode& node) {
  return JsonObject{{"nodeId", node.id},
                    {"skillId", node.skill},
                    {"position", JsonObject{{"x", node.x}, {"y", node.y}}},
                    {"inputValues", node.inputs}};
}

Json edge_json(const WorkflowEdge& edge) {
  return JsonObject{{"edgeId", edge.id},
                    {"source", edge.source},
                    {"sourceOutput", edge.source_output},
                    {"target", edge.target},
                    {"targetInput", edge.target_input}};
}

JsonObject json_of(const Workflow& workflow) {
  JsonArray nodes;
  JsonArray edges;
  for (const WorkflowNode& node : workflow.nodes) nodes.push_back(node_json(node));
  for (const WorkflowEdge& edge : workflow.edges) edges.push_back(edge_json(edge));
  JsonObject made;
  const auto add = [&made](std::string_view key, const std::string& value) {
    if (!value.empty()) made.set(key, value);
  };
  add("workflowId", workflow.id);
  add("name", workflow.name);
  add("description", workflow.description);
  made.set("nodes", std::move(nodes));
  made.set("edges", std::move(edges));
  for (const auto& [key, value] : workflow.other.as_object()) made.set(key, value);
  return made;
}

double coordinate(const Json& node, std::string_view axis) {
  const Json* position = node.find("position");
  const Json* value = position ? position->find(axis) : nullptr;
  return value && value->is_number() ? value->as_real() : 0;
}

WorkflowNode node_of(const Json& json) {
  WorkflowNode node{.id = json.string_or("nodeId"),
                    .skill = json.string_or("skillId"),
                    .x = coordinate(json, "x"),
                    .y = coordinate(json, "y")};
  if (const Json* inputs = json.find("inputValues"); inputs && inputs->is_object()) node.inputs = *inputs;
  return node;
}

// Gives the names of the nodes.
std::set<std::string> read_nodes(const Json& nodes, Workflow& made, Faults& faults) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < nodes.as_array().size(); ++i) {
    WorkflowNode node = node_of(nodes.as_array()[i]);
    const std::string number = "node " + std::to_string(i + 1);
    if (node.id.empty()) faults.at("nodes", number + " has no 'nodeId'");
    if (node.skill.empty()) faults.at(node.id, number + " has no 'skillId'", "name the skill it runs");
    if (!node.id.empty() && !names.insert(node.id).second)
      faults.at(node.id, "a second node is named '" + node.id + "'");
    made.nodes.push_back(std::move(node));
  }
  return names;
}

void read_edges(const Json& edges, const std::set<std::string>& nodes, Workflow& made, Faults& faults) {
  std::set<std::pair<std::string, std::string>> taken;
  for (const Json& json : edges.as_array()) {
    WorkflowEdge edge{.id = json.string_or("edgeId"),
                      .source = json.string_or("source"),
                      .source_output = json.string_or("sourceOutput"),
                      .target = json.string_or("target"),
                      .target_input = json.string_or("targetInput")};
    for (const std::string& end : {edge.source, edge.target})
      if (!nodes.contains(end))
        faults.at(edge.id.empty() ? end : edge.id,
                  "the edge '" + edge.id + "' leads to '" + end + "', which is no node");
    if (!taken.emplace(edge.target, edge.target_input).second)
      faults.at(edge.id, "the input '" + edge.target_input + "' of '" + edge.target + "' is fed by two edges");
    made.edges.push_back(std::move(edge));
  }
}

void check_order(const Workflow& workflow, Faults& faults) {
  std::vector<bool> is_reached(workflow.nodes.size(), false);
  for (const auto& level : workflow_levels(workflow))
    for (const std::size_t node : level) is_reached[node] = true;
  const auto stuck = std::ranges::find(is_reached, false);
  if (stuck == is_reached.end()) return;
  const WorkflowNode& node = workflow.nodes[static_cast<std::size_t>(stuck - is_reached.begin())];
  faults.at(node.id, "the edges go round: '" + node.id + "' waits for itself", "take an edge out");
}

}  // namespace

Workflow parse_workflow(std::string_view text, Review& review) {
  Workflow made;
  const Result<Json> json = base::parse_json(text);
  if (!json) {
    review.error(json_fault(text, json.error()));
    return made;
  }
  Faults faults{.text = text, .review = review};
  const Json* nodes = json->find("nodes");
  const Json* edges = json->find("edges");
  made.id = json->string_or("workflowId");
  made.name = json->string_or("name");
  made.description = json->string_or("description");
  std::vector<JsonObject::Member> others;
  if (json->is_object())
    for (const auto& [key, value] : json->as_object())
      if (std::ranges::find(kKnown, key) == kKnown.end()) others.emplace_back(key, value);
  made.other = JsonObject::from_unique(std::move(others));
  if (!nodes || !nodes->is_array() || nodes->as_array().empty()) {
    faults.at("nodes", "'nodes' must be a list with one node at least");
    return made;
  }
  if (edges && !edges->is_array()) faults.at("edges", "'edges' must be a list");
  const std::size_t edge_count = edges && edges->is_array() ? edges->as_array().size() : 0;
  if (const std::size_t count = std::max(nodes->as_array().size(), edge_count); count > kPartsMax) {
    faults.at("nodes", too_many(count, "nodes or edges"), "cut it in two");
    return made;
  }
  const std::set<std::string> names = read_nodes(*nodes, made, faults);
  if (edge_count > 0) read_edges(*edges, names, made, faults);
  check_order(made, faults);
  return made;
}

std::string write_workflow(const Workflow& workflow) {
  return base::to_text(json_of(workflow), base::JsonStyle::pretty) + "\n";
}

std::vector<std::vector<std::size_t>> workflow_levels(const Workflow& workflow) {
  std::map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < workflow.nodes.size(); ++i) numbers.emplace(workflow.nodes[i].id, i);
  std::vector<std::vector<std::size_t>> next(workflow.nodes.size());
  std::vector<std::size_t> waits(workflow.nodes.size(), 0);
  for (const WorkflowEdge& edge : workflow.edges) {
    const auto from = numbers.find(edge.source);
    const auto to = numbers.find(edge.target);
    if (from == numbers.end() || to == numbers.end()) continue;
    next[from->second].push_back(to->second);
    ++waits[to->second];
  }
  std::vector<std::size_t> level;
  for (std::size_t i = 0; i < waits.size(); ++i)
    if (waits[i] == 0) level.push_back(i);
  std::vector<std::vector<std::size_t>> levels;
  while (!level.empty()) {
    std::vector<std::size_t> following;
    for (const std::size_t node : level)
      for (const std::size_t target : next[node])
        if (--waits[target] == 0) following.push_back(target);
    levels.push_back(std::exchange(level, std::move(following)));
  }
  return levels;
}

}  // namespace lilux::item
