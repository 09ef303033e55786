#include "kernel/memory_watch.h"

#include <algorithm>
#include <vector>

#include "sys/machine.h"
#include "sys/process_table.h"

namespace lilux::kernel {

namespace {

using Trees = std::map<pid_t, std::vector<sys::ProcessEntry>>;

// Every process below each of these, themselves included.
Trees trees_below(const std::map<pid_t, std::uint64_t>& roots) {
  Trees trees;
  const auto entries = sys::processes_without_commands();
  if (!entries) return trees;
  std::map<pid_t, pid_t> parents;
  for (const sys::ProcessEntry& entry : *entries) parents[entry.pid] = entry.parent;
  for (const sys::ProcessEntry& entry : *entries) {
    pid_t root = entry.pid;
    std::size_t steps = 0;  // what is read while processes come and go may lead in a circle
    while (root > 1 && !roots.contains(root) && ++steps <= parents.size()) {
      const auto up = parents.find(root);
      root = up == parents.end() ? 0 : up->second;
    }
    if (roots.contains(root)) trees[root].push_back(entry);
  }
  return trees;
}

// Looked at in full only when it might be too much.
bool holds_more(const std::vector<sys::ProcessEntry>& tree, std::uint64_t bytes, std::uint64_t shared_by_all) {
  const bool is_much_shared = shared_by_all > bytes / 2;
  std::map<std::uint64_t, std::uint64_t> files;
  if (is_much_shared) {
    for (const sys::ProcessEntry& entry : tree) files.merge(sys::open_memory_files(entry.pid));
  }
  std::uint64_t in_files = 0;
  for (const auto& [inode, size] : files) in_files += size;
  std::uint64_t resident = 0;
  for (const sys::ProcessEntry& entry : tree) resident += entry.resident_bytes;
  if (resident + in_files <= bytes) return false;
  std::uint64_t held = 0;
  std::uint64_t shared = 0;
  for (const sys::ProcessEntry& entry : tree) {
    const sys::HeldMemory one = sys::held_memory(entry.pid).value_or(sys::HeldMemory{.bytes = entry.resident_bytes});
    held += one.bytes - one.shared_bytes;
    shared += one.shared_bytes;
  }
  return held + std::max(shared, in_files) > bytes;  // such a file may be mapped or not
}

}  // namespace

std::set<pid_t> holding_more(const std::map<pid_t, std::uint64_t>& limits) {
  std::set<pid_t> found;
  const std::uint64_t shared = sys::machine_memory().value_or(sys::MachineMemory{}).shared_bytes;
  for (const auto& [root, tree] : trees_below(limits)) {
    if (holds_more(tree, limits.at(root), shared)) found.insert(root);
  }
  return found;
}

}  // namespace lilux::kernel
