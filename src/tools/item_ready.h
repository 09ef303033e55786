#pragma once

// What item.run is about to run: the item, as it may be run, with its inputs; and how an answer about it begins. For
// the files of item.run.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "item/document.h"
#include "kernel/context.h"
#include "tools/item_rows.h"
#include "tools/item_run.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

// An item that may be run, with what it is given.
struct Ready {
  FoundItem found;
  ReadItem read;
  base::JsonObject inputs;
};

// Refuses what nobody trusts, what is not as it was stamped or broken, and inputs that are missing or do not fit.
Result<Ready> ready(const CallContext& call, const Volumes& volumes, const RunRequest& request);
// The folder of scripts whose environment it is run with.
Result<std::string> packages_of(const CallContext& call, const FoundItem& found);
// Templates that a template may be made of: what nobody trusts or the rules deny is not there.
Result<item::FindTemplate> templates_for(const CallContext& call, const Volumes& volumes);

RunResponse begun(const Ready& ready, std::string status);
// Of rights that who runs it does not have.
void warn_of(const std::vector<std::string>& left_out, std::optional<std::string>& warning);

}  // namespace lilux::tools::item_tools
