#pragma once

// What runs of directives and scripts teach, kept as knowledge when the setting learn.from_runs is 1. A note is left
// when an item fails as it failed before, and when it succeeds after it failed. Made of what was recorded and of
// nothing else, one note for an item and an error, by an ordinary call of knowledge.create.

#include "base/result.h"
#include "kernel/context.h"
#include "tools/item_run.h"

namespace lilux::tools::item_tools {

// Said at the end of a run. Never fails: what cannot be kept is not kept, and the record of the call of
// knowledge.create says why.
void learn_from(CallContext& call, const RunRequest& request, const Result<RunResponse>& result);

// The text without what may be secret: values of the inputs, words that look like keys; in one line, bounded.
std::string told_of(const std::string& message, const base::Json& inputs);
// The same for errors that differ in numbers only.
std::string mark_of(std::string_view code, std::string_view message);

}  // namespace lilux::tools::item_tools
