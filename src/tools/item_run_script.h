#pragma once

// A script that is run in the sandbox, or an item that is only looked at. For the files of item.run.

#include "tools/item_ready.h"

namespace lilux::tools::item_tools {

// A script of the project by its file; those of other volumes, which the sandbox does not show, by their text.
Result<RunResponse> script_run(CallContext& call, const Ready& ready);
// That it could be run, and with what.
Result<RunResponse> checked(const CallContext& call, const Ready& ready);

}  // namespace lilux::tools::item_tools
