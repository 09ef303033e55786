#pragma once

// lilux brain train and lilux brain eval: a classifier learned from a person's file of examples into another file, and
// measured on a third. No calls: they read and write files of the person who runs them. One thread, and the learner's.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> brain_train_verb(std::span<const std::string_view> words);
base::Result<int> brain_eval_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
