#pragma once

// The record, found by words: what every call with an effect, and every one that failed, was for and what came of it.
// An index of its own beside that of items: the many short texts of calls would change what words are worth there. How
// far it has come in the ledger is a document of it, so that both are always of one moment. Any thread.

#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/context.h"
#include "search/document.h"
#include "tools/search.h"

namespace lilux::tools {

inline constexpr std::string_view kCallKind = "call";

// The best of what the caller may know of, after bringing the index up to date: a person of all calls, others of those
// of their own task and of tasks below it. Nothing when the rules deny to read the record.
base::Result<std::vector<search_tools::HitRow>> find_calls(const kernel::CallContext& call, search::Query query);

}  // namespace lilux::tools
