#pragma once

// What is said and yet is no value: what is denied, what only describes, one of several that nobody has chosen from.
// Pure; any thread.

#include <cstddef>
#include <vector>

#include "brain/caller_fill.h"
#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

// "London" of "not London" for any tool; for one that destroys also its verb ("Drop"), words that only describe ("the
// old database") and whose it is ("the key of anna").
bool is_no_value(const Reading& reading, const Tool& tool, const Parameter& parameter, const Candidate& candidate);

// "12" of "in room 12": a part of a name, and no amount of anything.
bool is_of_name(const Reading& reading, const Quantity& one);

// Parameters whose value the sentence leaves open: "20 or 30", "5 to 10", "half of 100", a currency that is no choice.
std::vector<std::size_t> left_open(const Reading& reading, const Tool& tool, const Filled& filled);

}  // namespace lilux::brain
