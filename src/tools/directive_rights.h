#pragma once

// The rights that an item declares, as the policy's capabilities. Pure; any thread.

#include <string>
#include <vector>

#include "base/result.h"
#include "item/parts.h"
#include "kernel/context.h"
#include "policy/policy.h"

namespace lilux::tools {

// What of the declared rights the caller has: a run may do no more than its directive says and no more than who runs
// it. Paths are relative to `root`. Items of teams and the system may always be read. What has no meaning here, and
// what the caller does not have, is named in `left_out`.
base::Result<std::vector<std::string>> rights_of(const kernel::CallContext& call,
                                                 const std::vector<item::Permission>& permissions,
                                                 const std::string& root, std::vector<std::string>& left_out);

// All of the declared rights that have a meaning here, whoever has them, and what every run may besides.
std::vector<policy::Capability> declared_rights(const kernel::CallContext& call,
                                                const std::vector<item::Permission>& permissions,
                                                const std::string& root);
// How a directive declares what a call needs; empty for what none can declare.
std::string declaration_of(const policy::Need& need, const std::string& root);

}  // namespace lilux::tools
