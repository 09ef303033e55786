#pragma once

// lilux brain call-eval, call-train, retrieve-eval and retrieve-train: calls made from cases of others and how right
// they are. No call of a tool is made: they read and write files of the person who runs them. One thread.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> brain_call_eval_verb(std::span<const std::string_view> words);
base::Result<int> brain_call_train_verb(std::span<const std::string_view> words);
base::Result<int> brain_retrieve_eval_verb(std::span<const std::string_view> words);
base::Result<int> brain_retrieve_train_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
