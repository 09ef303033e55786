#pragma once

// What a command of AGENTS.md comes to: the call, or what it does not say that the call needs. All that it says is
// carried by the call, or refused by its name; nothing of it is dropped. Pure; any thread.

#include <optional>
#include <string_view>

#include "brain/caller.h"

namespace lilux::tools {

// Nothing for what is no such command. Without a call, `missing` names what is to be said too; where that is empty,
// `why` says what cannot be said.
std::optional<brain::Proposal> by_table(std::string_view text);

}  // namespace lilux::tools
