#pragma once

// The same tool called several times by one sentence: lists of values ("the weather in Rome, Paris and Oslo"), parts
// that each have values of their own ("a triangle with base 3 and height 4 and one with 5 and 6"). Several calls are
// made where they account for more of what the sentence gives than one call does. Pure; any thread.

#include <vector>

#include "brain/caller_fill.h"

namespace lilux::brain {

// One for each call, at least one; a single one, `whole`, where the sentence asks for no more. `whole` is how all of
// the sentence fills the tool; where that lacks nothing, none of them does.
std::vector<Filled> fill_each(const Reading& reading, const Tool& tool, const Filled& whole, const Weights& weights,
                              Now now);

}  // namespace lilux::brain
