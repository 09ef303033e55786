#pragma once

// What calling a tool does to the world, as far as its description tells. Pure; any thread.

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "search/words.h"

namespace lilux::brain {

// What is destructive cannot be taken back: it needs more to be called.
enum class Effect : std::uint8_t { looks, changes, destructive };

// By the hints of MCP where there are any: what a tool does that says it does more than look is destructive unless it
// says otherwise, as the protocol has it. Where there are none the verb decides that its name begins or ends with
// ("delete", "transfer"); a tool without one that only looks may change something.
Effect effect_of(const base::Json& tool, std::string_view name, search::Words& words);

// Whether the stem is of a verb such as delete.
bool is_destroying(std::string_view stem);

}  // namespace lilux::brain
