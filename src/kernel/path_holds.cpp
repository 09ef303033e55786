#include "kernel/path_holds.h"

#include <algorithm>

#include "sys/path.h"

namespace lilux::kernel {

std::optional<PathHolds::Hold> PathHolds::take(Paths paths, std::chrono::steady_clock::time_point deadline,
                                               const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!released_.wait_until(lock, stop, deadline, [&] { return is_free(paths); })) return std::nullopt;
  held_.push_front(std::move(paths));
  return Hold(*this, held_.begin());
}

void PathHolds::release(std::list<Paths>::iterator place) {
  {
    const std::lock_guard lock(mutex_);
    held_.erase(place);
  }
  released_.notify_all();
}

bool PathHolds::is_free(const Paths& paths) const {
  const auto meets = [&](const std::string& held) {
    return std::ranges::any_of(
        paths, [&](const std::string& path) { return sys::is_beneath(path, held) || sys::is_beneath(held, path); });
  };
  return std::ranges::none_of(held_, [&](const Paths& held) { return std::ranges::any_of(held, meets); });
}

}  // namespace lilux::kernel
