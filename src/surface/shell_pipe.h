#pragma once

// `a | b`: what one tool gives becomes what the next one takes, by their schemas. Pure.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::surface {

inline constexpr std::size_t kFedMax = 100;  // calls that one '|' makes

// The arguments of the calls of a tool with that input schema: those `given`, and of the others each that the output
// has by the same name and a type that fits; what the tool cannot do without may also come from the one field whose
// type fits. A list of the output gives a call for each entry, unless a list is what is taken. `invalid_argument` names
// what does not fit.
base::Result<std::vector<base::Json>> fed(const base::Json& output, const base::Json& schema, const base::Json& given,
                                          const std::string& tool);

}  // namespace lilux::surface
