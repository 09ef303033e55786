#pragma once

// Who changes a volume and why, as its commits say it.

#include "item/volume.h"
#include "kernel/context.h"
#include "tools/volumes.h"

namespace lilux::tools {

item::Reason reason_of(const kernel::CallContext& call, const Volumes& volumes);
// The call that a commit of ours was made by; "" for others.
std::string call_of(std::string_view message);

}  // namespace lilux::tools
