#pragma once

// What every sandbox of a tier begins with, whoever asks: the system's own trees, looked at, and a ruleset that allows
// them. Laid before it is needed where somebody keeps it (starter.h), and used once. Any thread.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sandbox/root.h"
#include "sandbox/sandbox.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/landlock.h"

namespace lilux::sandbox {

// What is to be seen, looked at once: an open file, so that nothing else is meant by its name later.
struct Seen {
  std::string path;                   // where the program sees it
  std::string source;                 // where it is
  std::shared_ptr<const sys::Fd> fd;  // used by all that see the same
  sys::Stat stat = {};
  Access access = Access::read;
  std::string changes = {};                // of an overlay
  std::array<int, 3> held = {-1, -1, -1};  // likewise: the descriptors at which the child holds its layers
  bool is_ruled = true;                    // by Landlock
  bool is_bound = true;                    // into a root of its own
  bool is_device = false;
};
base::Result<Seen> look_at(const std::string& path, Access access);

// All rights that this version of Landlock knows; 0 without.
sys::Restriction restriction_of(int landlock, Tier tier);
// With the rights of its kind and access.
base::Result<void> allow(const sys::Fd& ruleset, const Seen& seen, int landlock);

struct Groundwork {
  Tier tier = Tier::none;
  int landlock = 0;
  std::vector<Seen> seen;  // programs, libraries and public settings
  std::vector<Seen> devices;
  std::vector<std::pair<std::string, sys::Stat>> folders;  // in which they lie, as they were before that
  std::int64_t laid_us = 0;
  sys::Fd ruleset;  // of Landlock, where there is one
};
// What is as it was when `last` was laid is not looked at again.
base::Result<Groundwork> lay_groundwork(Tier tier, int landlock, const Groundwork* last = nullptr);
// Whether nothing that it is about can have been replaced.
bool is_as_it_was(const Groundwork& groundwork);

// Anew, for what it has now.
base::Result<void> lay_rules(Groundwork& groundwork);
// Whether a part of it is to be hidden, so that what was laid does not serve.
bool is_touched(const Groundwork& groundwork, const Spec& spec);
// A root of its own on that ground, with more to be seen.
base::Result<RootPlan> plan_of(const Groundwork& groundwork, std::uint64_t scratch_bytes, std::vector<Seen> more);
base::Result<void> add_seen(RootPlan& plan, const Seen& seen);

}  // namespace lilux::sandbox
