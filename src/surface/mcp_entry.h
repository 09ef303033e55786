#pragma once

// The four entry tools: a client that knows only these reaches everything, and its context pays for four. `search`,
// `load` and `help` tell what there is; `execute` makes the call itself. Pure; any thread.

#include <optional>
#include <string>
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
  std::string reason = {};  // why, when it says so
  base::Json answer = {};
  bool is_item = false;     // the output is the answer as it is, with `status` where there is one
  std::string status = {};  // "created"
  // Not null: an item that can be called, of a kind that only its volume tells: it is a `tool` (a component) or a
  // `script`, unless this error is what remains to be said. `tool`, when it is set, fits the name too.
  std::optional<base::Error> unless = {};
};
base::Result<EntryCall> enter(const Offer& offer, std::string_view name, const base::Json& arguments);
// The same once the kind is known; "tool" is a component of LLMunix then.
base::Result<EntryCall> enter_item(const Offer& offer, std::string_view name, const std::string& kind,
                                   const base::Json& arguments);
// Both that a search for tools gives: those of the kernel, and items among what search.query found.
base::Json merged(const base::Json& tools, const base::Json& found, const Offer& offer);

}  // namespace lilux::surface
