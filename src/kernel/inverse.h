#pragma once

// The call that takes another back, where no image does: because nothing but our own state changed, or because it is
// too large for one. As an object: {"tool", "arguments", "only_if", "folders", "of"}; the last three may be absent.
// only_if is a path that is there when the call had its effect, which settles a crash; folders are times that the
// inverse call disturbs and that are put back after it; of is what the call was let through with. Any thread.

#include <span>
#include <string>

#include "base/json.h"
#include "base/result.h"

namespace lilux::kernel {

// The value of "folders": the times, as they are now, of the folders that hold these paths.
base::Json times_around(std::span<const std::string> paths);
// Puts the times back that an inverse carries; folders that are gone are passed by.
base::Result<void> put_times_around(const base::Json& inverse);
// False when the call that this inverse takes back cannot have had its effect.
base::Result<bool> may_have_happened(const base::Json& inverse);

}  // namespace lilux::kernel
