#pragma once

// A directive that is driven: the task that does its steps, and how that stands. For the files of item.run.

#include <optional>
#include <string>

#include "tools/item_ready.h"

namespace lilux::tools::item_tools {

// Of the task of a run.
std::string title_of(const std::string& directive);
// The task that this very call has begun, when it is made again after a wait: the item may be another by now.
Result<std::optional<std::string>> begun_task(const CallContext& call);
Result<std::string> driving_task(CallContext& call, const Ready& ready, std::optional<std::string>& warning);
// How the task stands; parks while it runs.
Result<RunResponse> driven(CallContext& call, const std::string& id, RunResponse response);

}  // namespace lilux::tools::item_tools
