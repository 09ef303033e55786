#pragma once

// Items as what a sentence may ask for: the directives, scripts, workflows, skills and agents that a person sees, by
// their names, keywords, descriptions and inputs. The one index of search finds those that may be meant, however many
// there are. Any thread.

#include <optional>
#include <string_view>
#include <vector>

#include "brain/caller.h"
#include "kernel/context.h"
#include "tools/item_inputs.h"
#include "tools/phrasings.h"

namespace lilux::tools {

// The item.run that is asked for, always to be looked at first; nothing where none fits, for who is no person, and of a
// project that is not trusted. What it takes is added to `read`.
std::optional<brain::Proposal> by_items(const kernel::CallContext& call, std::string_view text,
                                        brain::CallContext spoken, KnownInputs& read);

// The first thousand of those that the caller may run, for examples of what could be said of them.
std::vector<Runnable> runnable_items(const kernel::CallContext& call);

}  // namespace lilux::tools
