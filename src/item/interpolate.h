#pragma once

// {{name}} in texts and in the arguments of calls. What is put in is never looked at again, so a value cannot bring
// placeholders of its own. Pure; any thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::item {

// The value of a name, "file" or "steps.read.content"; nothing when there is none.
using Lookup = std::function<std::optional<base::Json>(std::string_view name)>;

// The member at a path of names and numbers: value_at({"steps": {"a": {"list": [1]}}}, "steps.a.list.0").
std::optional<base::Json> value_at(const base::Json& scope, std::string_view path);

// The names in it, in their order, each once.
std::vector<std::string> placeholders(const base::Json& value);

// Text for a reader: what has no value stays as it is written.
std::string interpolated_text(std::string_view text, const Lookup& lookup);
// Arguments of a call: a string that is one placeholder becomes its value, whatever its type; within other strings the
// value stands as text, or as JSON. A name without a value is an error. Names of members are not looked at.
base::Result<base::Json> interpolated(const base::Json& value, const Lookup& lookup);

}  // namespace lilux::item
