#include "kernel/memory_watch.h"

#include <vector>

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
bool holds_more(const std::vector<sys::ProcessEntry>& tree, std::uint64_t bytes) {
  std::uint64_t resident = 0;
  for (const sys::ProcessEntry& entry : tree) resident += entry.resident_bytes;
  if (resident <= bytes) return false;
  std::uint64_t held = 0;
  for (const sys::ProcessEntry& entry : tree) held += sys::proportional_bytes(entry.pid).value_or(entry.resident_bytes);
  return held > bytes;
}

}  // namespace

std::set<pid_t> holding_more(const std::map<pid_t, std::uint64_t>& limits) {
  std::set<pid_t> found;
  for (const auto& [root, tree] : trees_below(limits)) {
    if (holds_more(tree, limits.at(root))) found.insert(root);
  }
  return found;
}

}  // namespace lilux::kernel
