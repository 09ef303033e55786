#pragma once

// What waits for a person, besides Kernel::answer: asking.cpp has the questions, approvals.cpp how they end,
// kept_request.cpp what is kept of the call meanwhile. Any thread.

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/record.h"

namespace lilux::kernel {

class Kernel;
struct Approval;

inline constexpr std::size_t kNeedsShown = 16;  // of what a call needs, in its question

// How a call ended, read back from the ledger; `not_found` when it has not. One that a person said yes to and that runs
// still needs approval.
base::Result<Outcome> recorded_outcome(Kernel& kernel, const std::string& call);
// Adds to `changes` that the approved call has run and drops its kept request.
void approved_call_ended(Kernel& kernel, const std::string& call, bool is_ok, std::vector<Change>& changes);
// What a question says, for a terminal and cut in its middle to what a person can read.
std::string shown_question(std::string_view text);
// The same uncut; `conflict` when the call would do something else by now.
base::Result<std::string> whole_question(Kernel& kernel, const Approval& approval);
// A question is over without an answer, if it still waits.
Change expired(const std::string& call, std::string_view why);
std::vector<Approval> waiting_questions(Kernel& kernel, const std::function<bool(const Approval&)>& fits);
// What a call is told whose question waits, and one whose question was not answered with yes.
std::unexpected<base::Error> needs_approval(const Approval& approval);
std::unexpected<base::Error> was_refused(const Approval& approval);
// The kept request of an asked call, and where it lies.
std::string request_file(Kernel& kernel, const std::string& call);
base::Result<CallRequest> kept_request(const std::string& file);
base::Result<void> keep_request(const std::string& file, const CallRequest& request);

}  // namespace lilux::kernel
