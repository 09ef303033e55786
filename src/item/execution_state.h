#pragma once

// execution_state.md of LLMunix: a goal, its plan in steps, and what came of them. Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "item/parts.h"

namespace lilux::item {

enum class ExecutionStatus : std::uint8_t { planning, in_progress, completed_success, completed_failure, paused };
constexpr std::array<std::string_view, 5> enum_names(ExecutionStatus) {
  return {"PLANNING", "IN_PROGRESS", "COMPLETED_SUCCESS", "COMPLETED_FAILURE", "PAUSED"};
}
enum class ExecutionMode : std::uint8_t { simulation, execution };
constexpr std::array<std::string_view, 2> enum_names(ExecutionMode) {
  return {"SIMULATION", "EXECUTION"};
}
enum class PlanStatus : std::uint8_t { pending, running, completed, failed };
constexpr std::array<std::string_view, 4> enum_names(PlanStatus) {
  return {"PENDING", "RUNNING", "COMPLETED", "FAILED"};
}

// What the plan and the log say of a step: "component", "tool_mapping", "inputs", ... in the order in which they stand.
struct PlanStep {
  std::string title = {};  // of "### Step 1: Fetch"
  PlanStatus status = PlanStatus::pending;
  std::vector<Attribute> entries = {};  // without status
  friend bool operator==(const PlanStep&, const PlanStep&) = default;
};

struct ExecutionState {
  std::string title = {};  // of "# Execution State: ..."
  std::string id = {};     // exec_<time>_<uuid>
  std::string goal = {};
  ExecutionStatus status = ExecutionStatus::planning;
  std::string current_step = {};
  std::string start_time = {};
  std::string last_updated = {};
  ExecutionMode mode = ExecutionMode::execution;
  std::vector<Attribute> variables = {};
  std::vector<PlanStep> plan = {};
  std::vector<PlanStep> log = {};  // its statuses mean nothing
  std::string training_data = {};
  friend bool operator==(const ExecutionState&, const ExecutionState&) = default;
};

// Whether a plan is written so: it begins with "# Execution State:".
bool is_execution_state(std::string_view text);
ExecutionState parse_execution_state(std::string_view text, Review& review);
std::string write_execution_state(const ExecutionState& state);

}  // namespace lilux::item
