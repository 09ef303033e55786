#pragma once

// Items as the item tools tell them.

#include <string_view>
#include <vector>

#include "item/item.h"
#include "tools/item.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

std::vector<ProblemRow> rows_of(const std::vector<item::Problem>& problems);
std::vector<InputRow> rows_of(const std::vector<item::Input>& inputs);
// What only who has the tools can tell to be wrong with a directive: its steps call some that there are not.
std::vector<item::Problem> unknown_tools(const CallContext& call, std::string_view text);
ItemRow row_of(const Volumes& volumes, const FoundItem& found);

}  // namespace lilux::tools::item_tools
