#pragma once

// What a sentence says that the arguments of a call do not carry: for tools whose inputs may all be left out, as the
// options of scripts are, a value that is said goes to one of them or is asked about, and never gets lost. Pure; any
// thread.

#include <optional>
#include <string>
#include <vector>

#include "brain/caller_fill.h"

namespace lilux::brain {

// Gives what is left to the parameter that it fits best, or to the one text without a value; what may be a value of
// several is among what is missing then, by each of them.
void give_rest(const Reading& reading, const Tool& tool, const Weights& weights, Filled& filled);
// The same where it is known which words are `said` of the tool and are no values; whether nothing is left then.
bool give_rest(const Reading& reading, const Tool& tool, const Weights& weights, const std::vector<bool>& said,
               Filled& filled);

}  // namespace lilux::brain
