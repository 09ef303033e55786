// Locks and what is installed, from outside: what is read of either has a name and a version.

#include "item/packages.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::item;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  if (const auto lock = parse_lock(text)) {
    for (const Dependency& one : *lock) require(!one.package.empty() && !one.version.empty());
    require(not_locked(*lock, *lock).size() <= lock->size());
    require(not_installed(*lock, {}).size() <= lock->size());
  }
  if (const auto one = installed_from(text)) require(!one->package.empty() && !one->version.empty());
  return 0;
}
