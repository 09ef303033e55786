#pragma once

// Cases that others wrote to measure callers with: a sentence, tools, and the calls that are right. And what calls are
// worth by the rules of the Berkeley Function Calling Leaderboard. Pure; any thread. docs/brain-calls.md has the
// format.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/schema.h"

namespace lilux::brain {

struct Case {
  base::Json id = {};  // as the file has it
  std::string text = {};
  base::Json tools = {};
  // Right calls; nothing where the file does not say. Empty: none is to be made.
  std::optional<base::JsonArray> answers = {};
  bool is_for_arguments = false;  // tells of arguments alone and not of which tool is meant: for learning
};

// A line for each, which may leave out tools that are those of the line before; `name` is what errors call the file.
base::Result<std::vector<Case>> parse_cases(std::string_view text, std::string_view name);

struct Call {
  std::string name = {};
  base::Json arguments = {};
};

// Whether the value is one of those that are right. `right` is a list of them, or the one itself.
bool is_right_value(const base::Json& value, const base::Json& right, const Parameter* parameter);
// Every right call is made, in whatever order, and no other.
bool are_right(const std::vector<Call>& calls, const base::JsonArray& answers, const ToolSet& tools);
bool names_are_right(const std::vector<Call>& calls, const base::JsonArray& answers);

}  // namespace lilux::brain
