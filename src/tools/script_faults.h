#pragma once

// What was found wrong with the programs of scripts, by their text: scripts.db in the state folder. Derived: it may be
// deleted. Kept from call to call (kernel().kept()). Any thread; several processes may share the file.

#include <optional>
#include <vector>

#include "base/guarded.h"
#include "db/database.h"
#include "item/parts.h"
#include "item/script.h"
#include "kernel/context.h"

namespace lilux::tools::script {

class ScriptFaults {
 public:
  // Empty for a sound one; nothing where nobody has looked yet, or what was found cannot be read.
  std::optional<std::vector<item::Problem>> known(const kernel::CallContext& call, const item::Script& script);
  // The first of the problems; what cannot be kept is found again.
  void keep(const kernel::CallContext& call, const item::Script& script, const std::vector<item::Problem>& problems);

 private:
  base::Guarded<std::optional<db::Database>> database_;
};

}  // namespace lilux::tools::script
