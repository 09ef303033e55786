#pragma once

// The kinds of items and where each lies within a volume. Pure: paths in, places out; what a file holds is not looked
// at.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::item {

enum class Kind : std::uint8_t {
  directive,
  script,
  knowledge,
  skill,
  agent,
  workflow,
  tool,
  pattern,
  plan,
  template_item,
};
constexpr std::array<std::string_view, 10> enum_names(Kind) {
  return {"directive", "script", "knowledge", "skill", "agent", "workflow", "tool", "pattern", "plan", "template"};
}

struct Place {
  Kind kind = Kind::directive;
  std::string name = {};      // the file's without its ending; of a folder with a SKILL.md the folder's
  std::string category = {};  // the folders between the kind's and the item's, "core/setup"; often empty
  friend bool operator==(const Place&, const Place&) = default;
};

inline constexpr std::string_view kSkillFile = "SKILL.md";  // of a skill, which has the name of its folder

// What lies at a path that is relative to its volume, "directives/core/init.md"; nothing when no item may lie there.
// Whatever else stands in the folder of a SKILL.md belongs to that skill: who lists a volume leaves it out.
std::optional<Place> place_of(std::string_view path);

// Whether an item, of that kind if one is given, may lie at the path or below it: "skills", "components/tools/x". Who
// lists a volume looks nowhere else.
bool may_hold_items(std::string_view path, std::optional<Kind> kind = {});

// Where a new item goes. `ending` is that of a script or a template ("py"); other kinds have their own.
std::string path_for(const Place& place, std::string_view ending = {});

// Names become parts of paths and of commands: letters, digits, '-', '_' and '.', not '.' or '-' at first, at most 128
// bytes. The same holds for every part of a category.
base::Result<void> check_name(std::string_view name);

}  // namespace lilux::item
