#include "tools/undo_parts.h"

#include <algorithm>
#include <utility>

namespace lilux::tools::undo {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::CallRow;

namespace {

constexpr std::size_t kPartsMax = 10'000;

bool took_effect(const CallRow& row) {
  return row.result == "ok" || row.result == "rerun";
}

Result<void> collect(const kernel::Kernel& kernel, const kernel::Index& index, const CallRow& from,
                     std::vector<CallRow>& parts) {
  for (CallRow& row : TRY(index.caused_by(from.call))) {
    if (row.tool.starts_with("undo.") || !row.undone_by.empty()) continue;
    if (parts.size() >= kPartsMax)
      return fail(ErrorCode::conflict, "call " + from.call + " consists of too many calls to be undone at once",
                  "lilux undo --since <time>");
    if (row.undo.empty()) {
      const kernel::Tool* tool = kernel.find_tool(row.tool);
      const std::size_t before = parts.size();
      TRY(collect(kernel, index, row, parts));
      const bool left_something =
          took_effect(row) && tool && tool->traits.effect == kernel::Effect::world && parts.size() == before;
      if (left_something)
        return fail(ErrorCode::conflict, "its part " + row.call + " (" + row.tool + ") cannot be undone",
                    "`lilux why " + row.call + "` says what it did; undo the others by their ids");
    } else if (took_effect(row)) {
      parts.push_back(std::move(row));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<CallRow>> parts_below(const kernel::Kernel& kernel, const kernel::Index& index,
                                         const CallRow& call) {
  std::vector<CallRow> parts;
  if (!call.undo.empty() || !call.undone_by.empty() || call.tool.starts_with("undo.")) return parts;
  TRY(collect(kernel, index, call, parts));
  std::ranges::sort(parts, std::ranges::greater(), &CallRow::call);  // ids sort by age
  return parts;
}

}  // namespace lilux::tools::undo
