#pragma once

// Running a program within given rights. A Spec says what it may touch, a Host what this machine can enforce; launch()
// brings both together or refuses, and never does less than was asked for. Values; any thread.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/process.h"

namespace lilux::sandbox {

// How a program is kept in. restricted: by Landlock and a filter of system calls. separated: by namespaces with a root
// of its own as well. external: the same by the system's bubblewrap, without Landlock. none: nothing holds it but the
// user's rights. (T0 is no program at all: the kernel's own tools.)
enum class Tier : std::uint8_t { none, restricted, separated, external };
constexpr std::array<std::string_view, 4> enum_names(Tier) {
  return {"none", "T1", "T2", "T3"};
}
// By what a program is kept from taking too much: limits of each process with a look at all of them now and then, or a
// control group. none: with Tier::none.
enum class Limits : std::uint8_t { none, rlimits, cgroup };
constexpr std::array<std::string_view, 3> enum_names(Limits) {
  return {"none", "rlimits", "cgroup"};
}
constexpr bool has_own_root(Tier tier) {
  return tier == Tier::separated || tier == Tier::external;
}

enum class Access : std::uint8_t { read, write };  // write: read, make and remove too

struct Tree {
  std::string path;  // canonical; a folder with all below it, or one file
  Access access = Access::read;
  // When set, the folder itself stays as it is, and what is written to it lies in "upper" of this folder, which is ours
  // alone and outside of all trees; see changes.h. Needs overlays.
  std::string changes = {};
  // When set, this folder stands at the tree's place. Needs a root of its own.
  std::string stand_in = {};
};

// Lies in a tree and is not to be read there.
struct Hidden {
  std::string path;  // canonical
  bool is_folder = false;
};

// Nothing more, so far: the way out is a later part's, and this is its place.
enum class Network : std::uint8_t { none };

struct Spec {
  std::vector<Tree> trees;  // besides the system's own: its programs and libraries, its public settings
  // With a root of its own they stand there empty and closed, from `cover`, a folder with such a "file" and a "folder".
  // Without, the folders above them cannot be listed; in trees that may be written that cannot be had.
  std::vector<Hidden> hidden = {};
  std::string cover = {};
  Network network = Network::none;
  std::uint64_t scratch_bytes = std::uint64_t{1} << 30;  // of a /tmp of its own, where it has one
  // And threads, at once. By a control group, else in T2 by its process namespace (root's only since Linux 6.14); in T1
  // and T3 the caller has to count.
  std::uint32_t processes = 1000;
  std::uint32_t descriptors = 4096;  // that each of its processes has open
  std::uint64_t cpu_seconds = 0;     // of each of its processes, 0: any
  std::uint64_t memory_bytes =
      0;  // of all its processes together, 0: any; without a control group the caller has to look
};

// What every program sees, as far as it is there; and of /etc what is public.
std::span<const char* const> system_trees();

// What was found by doing it, and why the rest is missing.
struct Host {
  int landlock = 0;             // version of its interface, 0 without
  bool has_namespaces = false;  // with mounts and a process table of its own
  bool has_overlay = false;     // in them, for changes
  bool has_attendant = false;   // with Landlock alone: modes, owners and times of files can be set, see sys/attendant.h
  bool has_bubblewrap = false;  // which makes them where we cannot
  std::string groups = {};      // the control group below which there can be limited ones; empty: there cannot
  std::string landlock_problem;
  std::string namespace_problem;
  std::string overlay_problem;
  std::string attendant_problem;
  std::string bubblewrap_problem;
  std::string group_problem;
};

// Starts real programs to find out; some twenty milliseconds. Changes would lie on the same filesystem as `folder`.
Host probe(const std::string& folder = "/tmp");
// Where there are namespaces, probe() does not ask for bubblewrap: it would not be used.
std::string bubblewrap_problem_of(const Host& host);

// The strongest that this machine gives; none when it gives none.
Tier best_tier(const Host& host);
// Why it is not the strongest there is; empty when it is.
std::string shortfall(const Host& host);

// Starts the program of `options` within `spec`. The child and whatever it starts can do no more than that and cannot
// get privileges. When it is separated, all that it started ends with it; else that is the caller's to see to.
// `unavailable` when the machine cannot enforce the spec, with the reason. What the starter keeps ready is taken for
// it.
class Starter;
base::Result<sys::Child> launch(const Spec& spec, Tier tier, const Host& host, sys::SpawnOptions options,
                                Starter* starter = nullptr);

}  // namespace lilux::sandbox
