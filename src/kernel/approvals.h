#pragma once

// What the call path and recovery need of approvals besides Kernel::answer. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/record.h"

namespace lilux::kernel {

class Kernel;

inline constexpr std::size_t kNeedsShown = 16;  // of what a call needs, in its question

// How a call ended, read back from the ledger; `not_found` when it has not.
base::Result<Outcome> recorded_outcome(Kernel& kernel, const std::string& call);
// Adds to `changes` that the approved call has run and drops its kept request.
void approved_call_ended(Kernel& kernel, const std::string& call, bool is_ok, std::vector<Change>& changes);
// What a question says, for a terminal and cut to what a person can read.
std::string shown_question(std::string_view text);
// The kept request of an asked call.
base::Result<CallRequest> kept_request(const std::string& file);
base::Result<void> keep_request(const std::string& file, const CallRequest& request);

}  // namespace lilux::kernel
