#pragma once

// What LLMunix remembers of its tasks: SmartMemory.md, an experience as bullets or as YAML between lines of "---", and
// memory_log.md, YAML with three sections below it. Pure; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "item/parts.h"

namespace lilux::item {

enum class MemoryForm : std::uint8_t { bullets, yaml };
constexpr std::array<std::string_view, 2> enum_names(MemoryForm) {
  return {"bullets", "yaml"};
}

struct Experience {
  MemoryForm form = MemoryForm::bullets;
  std::string id = {};
  std::string timestamp = {};
  std::string goal = {};     // primary_goal, or goal
  std::string outcome = {};  // success, failure, success_with_recovery
  std::vector<std::string> components = {};
  std::string summary = {};    // output_summary
  std::string learnings = {};  // learnings_or_issues, or "### Key Learnings"
  std::string insights = {};   // "### Behavioral Insights"
  std::string notes = {};      // "### Notes"
  std::optional<double> cost = {};
  std::optional<double> duration_seconds = {};
  std::string sentiment = {};     // feedback_sentiment
  std::string satisfaction = {};  // user_satisfaction
  std::vector<std::string> tags = {};
  base::Json constraints = base::JsonObject();  // constraints_active
  std::optional<std::int64_t> errors = {};      // error_count
  std::vector<std::string> recovery_actions = {};
  base::Json other = base::JsonObject();  // keys that mean nothing here, or say something of another sort
  std::vector<Attribute> sections = {};   // besides those above
  std::string preface = {};               // what stands before the sections, when that is more than the summary
  friend bool operator==(const Experience&, const Experience&) = default;
};

// All of them, in their order; what cannot be read goes into the review and stays out.
std::vector<Experience> parse_memory(std::string_view text, Review& review);
// Each in its form. Reading what it writes gives the same experiences.
std::string write_memory(const std::vector<Experience>& experiences);

}  // namespace lilux::item
