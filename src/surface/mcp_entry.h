#pragma once

// The four entry tools: a client that knows only these reaches everything, and its context pays for four. `search`,
// `load` and `help` tell what there is; `execute` makes the call itself. Pure; any thread.

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "surface/mcp_offer.h"

namespace lilux::surface {

// As they go on the wire.
base::JsonArray entry_tools();
bool is_entry_tool(std::string_view name);

// What an entry tool comes to: an answer, or a call to make.
struct EntryCall {
  const kernel::Tool* tool = nullptr;  // null: `answer` is all
  base::Json arguments = base::JsonObject{};
  std::string folder = {};  // where it stands, when it says so
  base::Json answer = {};
  bool is_item = false;     // the output is the answer as it is, with `status` where there is one
  std::string status = {};  // "created"
};
base::Result<EntryCall> enter(const Offer& offer, std::string_view name, const base::Json& arguments);

}  // namespace lilux::surface
