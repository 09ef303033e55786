#pragma once

// The same root made by bubblewrap, for systems that give namespaces to that program alone: one that is setuid, or that
// an AppArmor profile names. Landlock is no part of it, since bubblewrap has to mount. Any thread.

#include <cstdint>
#include <span>

#include <linux/filter.h>

#include "base/result.h"
#include "sandbox/root.h"
#include "sys/process.h"

namespace lilux::sandbox {

// Empty, or why the system's bubblewrap is not to be trusted.
base::Result<void> check_bubblewrap();

// Starts the program of `options` in the root of the plan, without overlays. What `options` says of variables holds for
// the program; bubblewrap itself gets none. A signal for the child ends bubblewrap, and with it all that runs.
base::Result<sys::Child> launch_by_bubblewrap(const RootPlan& plan, std::uint64_t scratch_bytes,
                                              std::span<const sock_filter> filter, sys::SpawnOptions options);

}  // namespace lilux::sandbox
