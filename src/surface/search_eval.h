#pragma once

// lilux search eval: ranks a collection of others and says how well. No call: it reads and writes files of the person
// who runs it, and its index is of its own and goes away. One thread.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> search_eval_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
