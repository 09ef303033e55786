#pragma once

// An item as one value: what all kinds have, and what its own kind has besides. A text that is wrong gives an item too,
// with its faults: it is listed as broken, and takes nobody down. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "item/agent.h"
#include "item/component.h"
#include "item/directive.h"
#include "item/document.h"
#include "item/execution_state.h"
#include "item/kind.h"
#include "item/knowledge.h"
#include "item/script.h"
#include "item/skill.h"
#include "item/stamp.h"
#include "item/workflow.h"

namespace lilux::item {

using Detail = std::variant<Directive, Script, Knowledge, Skill, Agent, Workflow, Component, Document, ExecutionState>;

struct Item {
  Place place = {};
  std::string ending = {};  // of the file, where its kind has several: "py"
  std::string title = {};   // for people; the name when there is no other
  std::string version = {};
  std::string description = {};
  std::string category = {};  // as the item says, or else its folders
  std::vector<std::string> tags = {};
  std::vector<Relationship> relationships = {};
  std::vector<Permission> permissions = {};
  std::vector<Input> inputs = {};
  std::string body = {};  // what a search reads
  Stamp stamp = {};
  std::vector<Problem> problems = {};
  Detail detail = {};

  bool is_broken() const;  // has an error among its problems
  // The first of them, with its place.
  base::Result<void> check() const;
};

// Never fails; `ending` is that of a script or a template.
Item parse(const Place& place, std::string_view text, std::string_view ending = {});

// A new file for what an item's own kind says: parsing it gives the same detail.
std::string write(const Detail& detail);

}  // namespace lilux::item
