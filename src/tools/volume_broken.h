#pragma once

// Items that are broken before they come into a volume: by their texts, their tools and, for a team, the standard.

#include <string>
#include <vector>

#include "git/repository.h"
#include "item/volume.h"
#include "kernel/context.h"

namespace lilux::tools {

// The error of an item with that text; what is no item by its path has none.
base::Result<void> check_item(const kernel::CallContext& call, const item::Volume& to, const std::string& path,
                              const std::string& text);

struct BrokenItem {
  std::string path;
  base::Error error;
};
// Of what differs between two commits of its repository, as `after` has it.
base::Result<std::vector<BrokenItem>> broken_between(const kernel::CallContext& call, const item::Volume& volume,
                                                     const git::Repository& repository, const std::string& before,
                                                     const std::string& after);

}  // namespace lilux::tools
