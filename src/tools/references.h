#pragma once

// Sentences that speak of what came before: what is spoken of is found among the last calls of the caller's own task,
// or among the earlier calls of the same sentence, and put in its place once the sentence is understood, so that no
// name of a file is ever read as words. Where two fit, or none, nothing is guessed.

#include <string>
#include <string_view>
#include <vector>

#include "brain/router.h"
#include "kernel/context.h"
#include "tools/things.h"

namespace lilux::tools::brain_tools {

// The reason of calls that the command line makes to find something out for itself, as what a word may be completed to:
// nobody asked for them, so no sentence speaks of them.
inline constexpr std::string_view kLookedUp = "looked up by the command line";

struct Referred {
  std::string said;   // "that file"
  std::string value;  // that it is
  std::string call;   // where it comes from
};
struct Understood {
  brain::Route route;
  std::vector<Referred> referred = {};
  std::string advice = {};  // what does it instead, where no call does
};

// The route of a sentence as a whole, of its parts where they hang together, or with what it speaks of.
Understood understood(const kernel::CallContext& call, const brain::Router& router, std::string_view said);

// Of the list that a call gave, the one that is meant, counted among those of the kind that is meant.
base::Result<Thing> picked(const MadeCall& call, const brain::Mention& mention);

}  // namespace lilux::tools::brain_tools
