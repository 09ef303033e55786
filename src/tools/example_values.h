#pragma once

// Values that a field may well be given, by its schema and its name: what stands in the gaps of sentences and in calls
// that nobody made, for training data. Made up, the same each time. Pure; any thread.

#include <cstddef>
#include <string_view>

#include "base/json.h"

namespace lilux::tools {

// What one tool calls a path is a folder to another one. Of an item's inputs there is no tool.
struct FieldOf {
  std::string_view tool = {};
  std::string_view field = {};
};

// The `nth` of a few; an object has what it must have.
base::Json example_of(const FieldOf& asked, const base::Json& schema, std::size_t nth);

// Whether a person would say the value of such a field: a name, a path, a number, one of a few words.
bool is_sayable(std::string_view field, const base::Json& schema);

}  // namespace lilux::tools
