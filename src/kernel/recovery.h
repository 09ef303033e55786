#pragma once

// What calls leave behind that did not end well, after a crash or a failure. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/record.h"
#include "kernel/state.h"

namespace lilux::kernel {

class Kernel;

base::Result<void> remove_scratch(const std::vector<std::string>& scratch);

// Takes a call back by the one that is its inverse. Gives the changes of the kernel's state that go with it.
struct Begun {
  std::string call;
  const CallRequest* request = nullptr;
  const base::JsonObject* inverse = nullptr;
};
base::Result<std::vector<Change>> take_back_by_call(Kernel& kernel, const Begun& begun);

// For a person: a call that may have had its effect, or half of it. `begun` is what its intent says; the request is
// kept so that it can be run again.
Approval question_about(Kernel& kernel, const Body& begun, const base::Result<CallRequest>& request,
                        std::string_view why);

}  // namespace lilux::kernel
