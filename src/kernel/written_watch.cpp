#include "kernel/written_watch.h"

#include <algorithm>
#include <tuple>

#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::Result;

namespace {

constexpr int kDepthLooked = 210;  // what lies deeper is not made real

}  // namespace

std::string excess_of(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::string excess;
  const auto depth_max = std::ranges::count(folder, '/') + kDepthLooked;
  const auto visit = [&](const sys::Place& place, const sys::Stat& stat) -> Result<sys::Descend> {
    bytes += stat.is_regular() ? stat.size : 0;
    if (bytes > kWrittenBytesMax)
      excess = "the command wrote more than " + std::to_string(kWrittenBytesMax >> 20) + " MiB";
    if (++entries > kWrittenEntriesMax)
      excess = "the command made more than " + std::to_string(kWrittenEntriesMax) + " files";
    if (!excess.empty()) return base::fail(base::ErrorCode::over_budget, excess);
    return std::ranges::count(place.path, '/') < depth_max ? sys::Descend::yes : sys::Descend::no;
  };
  const Result<sys::Place> place = sys::open_parent(folder);
  if (place) std::ignore = sys::walk_tree(*place, UINT64_MAX, visit);  // it changes while we look
  return excess;
}

}  // namespace lilux::kernel
