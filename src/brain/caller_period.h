#pragma once

// "last week", "this month" for a tool that takes the first and the last day: both from the one phrase. Pure; any
// thread.

#include "brain/caller_fill.h"
#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

// Gives both days where a period is said, now is known, the tool has one parameter for each that tells how days are
// written, and neither is given by anything else that is said. Weeks begin on Monday.
void fill_period(const Reading& reading, const Tool& tool, Filled& filled);

}  // namespace lilux::brain
