#pragma once

// A root of its own for a program: an empty tree with the folders it may see bound into it, a process table of its own,
// a few devices and a /tmp that is forgotten. Planned by the parent, made by the child in memory that it shares.

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lilux::sandbox {

struct Bind {
  std::string source;  // absolute, as it was looked at
  std::string target;  // below the new root, without a leading slash
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool is_folder = false;
  bool is_writable = false;
  bool is_device = false;
  std::string changes = {};                // of an overlay: the folder that has "upper" and "work"
  std::array<int, 3> held = {-1, -1, -1};  // likewise: the descriptors at which the child holds its layers
  std::string layers = {};                 // likewise: the options of its mount, filled in by add_bind
};

struct RootPlan {
  std::string user_map;                                    // of one that was not begun
  std::string group_map;                                   // likewise
  std::string options;                                     // of /tmp
  std::string processes;                                   // at most, at once
  std::vector<std::string> folders;                        // to make, parents first
  std::vector<std::pair<std::string, std::string>> links;  // name and what it points to
  std::vector<Bind> binds;                                 // outer ones first
  int ruleset_fd = -1;                                     // gets rules for what only the child can see
  std::uint64_t rights = 0;                                // all that such a rule can give
  mutable std::vector<int> mounts;                         // of the binds; room for the child
  bool is_begun = false;                                   // see begin_root
};

bool has_overlay(const RootPlan& plan);

// Adds the folders above `path` and the place for it.
void add_bind(RootPlan& plan, Bind bind);

// In the child: what does not depend on who asks, for one that is made before that is known; the plan has nothing else.
// Null when done, else what failed, with errno set.
const char* begin_root(const RootPlan& plan);
// In the child, see sys::Confinement::enter. Of a root that was begun the plan has only what is to come.
const char* enter_root(const void* plan);

}  // namespace lilux::sandbox
