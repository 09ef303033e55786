#pragma once

// What tools over the kernel's own state share. Pure; any thread.

#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/context.h"
#include "kernel/events.h"
#include "kernel/task.h"
#include "kernel/tool.h"

namespace lilux::tools {

// Reads part of the kernel's state; nothing changes.
base::Result<kernel::Assessment> reads_kernel(std::string_view what);
// Changes something only people may: policy, approvals, budgets, the kernel itself.
base::Result<kernel::Assessment> administers(std::string_view what, policy::Risk risk);
// Whether the caller's task holds that right; what the rules say is another question.
base::Result<bool> holds(const kernel::CallContext& call, const policy::Need& need);
// The task of that id, or the one whose id ends so or that has that title, when only one does; of those that live, if
// any does. Whoever is no person names tasks of others by their whole id: titles are what clients call themselves, and
// one must not come to mean somebody else's task between the judging of a call and its doing.
base::Result<kernel::Task> known_task(const kernel::CallContext& call, const std::string& name);
// Whether the caller may see what that task was given: a person may, others what is their own and below.
bool is_own_task(const kernel::CallContext& call, const std::string& task);
// Whether whoever works in the task `own` is told of it: an agent or a client of the kernel, its own and what is below.
bool may_hear(kernel::Kernel& kernel, policy::Principal who, std::string_view own, const kernel::Event& event);
// The need without the words a program is given: they may be secrets.
std::string without_words(const std::string& need);
// Takes out of a record what its caller said and was given; and so when it is shown to somebody else.
void hide_contents(base::Json& record);
void hide_from_others(const kernel::CallContext& call, base::Json& record);
// That arguments to be kept for a later call hold no secrets: they would stand in the record.
base::Result<void> check_no_secrets(const kernel::CallContext& call, const kernel::Tool& tool,
                                    const base::Json& arguments);

}  // namespace lilux::tools
