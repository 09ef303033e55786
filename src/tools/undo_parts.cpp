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

Result<CallRow> Wholes::of(const CallRow& part, const std::string& task) {
  CallRow whole = part;
  std::string cause = part.cause;
  while (!cause.empty()) {
    Result<CallRow> outer = index_.find(cause);
    if (!outer && outer.error().code == ErrorCode::not_found) break;  // it has not ended, or is no longer kept
    if (!outer) return std::unexpected(outer.error());
    if (!outer->undo.empty() || (!task.empty() && outer->task != task)) break;
    outer->undo = undo_of(*outer);
    cause = outer->cause;
    if (!outer->undo.empty()) whole = std::move(*outer);
  }
  return whole;
}

std::string Wholes::undo_of(const CallRow& call) {
  const auto [known, is_new] = undo_by_call_.try_emplace(call.call);
  const kernel::Tool* tool = kernel_.find_tool(call.tool);
  if (!is_new || !tool || tool->traits.effect == kernel::Effect::world) return known->second;
  const Result<std::vector<CallRow>> parts = parts_below(kernel_, index_, call);
  if (!parts || parts->empty()) return {};
  const bool is_exact = std::ranges::all_of(*parts, [](const CallRow& part) { return part.undo == "exact"; });
  return known->second = is_exact ? "exact" : "partial";
}

}  // namespace lilux::tools::undo
