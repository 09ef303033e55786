#pragma once

// Arithmetic on numbers as they are written, without the rounding of reals. Pure; any thread.

#include "base/json.h"

namespace lilux::base {

// Whether a number is a whole multiple of a positive one, both taken as the decimals that they are written as: 0.3 is
// one of 0.1.
bool is_multiple(const Json& value, const Json& divisor);

}  // namespace lilux::base
