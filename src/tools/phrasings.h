#pragma once

// Sentences that were made and not said: from what a tool and an item say of themselves, and the shipped sentences with
// values in their gaps, each with the call that it means. For training data. Pure; any thread.

#include <vector>

#include "base/json.h"
#include "kernel/tool.h"
#include "tools/sentences.h"

namespace lilux::tools {

// Of every tool that a sentence may call, with what it needs and, one after the other, what it takes besides.
std::vector<SaidCall> phrasings_of(const kernel::Tool& tool);

// The shipped sentences whose gaps are filled, as far as they then come to the one call that they are shipped for.
std::vector<SaidCall> filled_sentences();

struct Runnable {
  std::string kind = {};
  std::string name = {};
  std::string description = {};
  base::Json inputs = base::JsonObject{};  // their schema
};
// To run an item by its name, and by what it says it is for.
std::vector<SaidCall> phrasings_of(const Runnable& item);

}  // namespace lilux::tools
