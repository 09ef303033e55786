#pragma once

// Items as the item tools tell them.

#include <vector>

#include "item/item.h"
#include "tools/item.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

std::vector<ProblemRow> rows_of(const std::vector<item::Problem>& problems);
std::vector<InputRow> rows_of(const std::vector<item::Input>& inputs);
ItemRow row_of(const Volumes& volumes, const FoundItem& found);

}  // namespace lilux::tools::item_tools
