#pragma once

// What the words around a value say of it: that it is a height, a most or a least, or how many. Pure; any thread.

#include <cstdint>

#include "brain/caller_fill.h"
#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

enum class Role : std::uint8_t { unsaid, own, other };

// Whether a value is said to be what this parameter is. "900 high" is no width where there is a height too, "at most
// 50" is a most and no least, "rows" of "5 rows" is no table where it is told how many rows.
Role role_of(const Reading& reading, const Tool& tool, const Parameter& parameter, const Candidate& candidate);

}  // namespace lilux::brain
