#pragma once

// Skills in three dialects: Agent Skills (a folder with SKILL.md), context skills and executable skills of llmos-lite.
// Reading is lenient, as the standard of Agent Skills asks: what only a publisher must keep is a warning. Pure; any
// thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/head.h"

namespace lilux::item {

enum class SkillDialect : std::uint8_t { agent_skill, context, executable };
constexpr std::array<std::string_view, 3> enum_names(SkillDialect) {
  return {"agent-skill", "context", "executable"};
}

// What an executable skill has besides.
struct SkillNode {
  std::string id = {};    // skill_id
  std::string type = {};  // python-wasm, javascript, spice, threejs, qiskit
  std::string execution_mode = {};
  std::optional<std::int64_t> estimated_time_ms = {};
  std::optional<std::int64_t> memory_mb = {};
  std::vector<Input> inputs = {};
  std::vector<Input> outputs = {};
  std::string language = {};  // of the fence under "## Code"; read, never written
  std::string code = {};
  friend bool operator==(const SkillNode&, const SkillNode&) = default;
};

struct Skill {
  SkillDialect dialect = SkillDialect::agent_skill;
  std::string name = {};
  std::string description = {};
  std::string license = {};
  std::string compatibility = {};
  std::vector<std::string> allowed_tools = {};
  std::string category = {};
  std::vector<std::string> keywords = {};  // `tags` of executable ones
  std::string version = {};
  std::string author = {};
  std::optional<SkillNode> node = {};
  std::string body = {};
  base::Json other = base::JsonObject();  // metadata, what Claude Code adds, where an evolved one comes from
  friend bool operator==(const Skill&, const Skill&) = default;
};

// `name` is that of the folder of a SKILL.md, or of the file.
Skill parse_skill(std::string_view text, std::string_view name, Review& review);
// What is read leniently is given to others strictly: name and lengths as Agent Skills have them. Other dialects have
// rules of their own.
base::Result<void> check_standard(const Skill& skill, std::string_view name);
std::string write_skill(const Skill& skill);

}  // namespace lilux::item
