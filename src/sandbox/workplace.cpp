#include "sandbox/workplace.h"

#include "sandbox/changes.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::Result;

namespace {

constexpr const char* kScratch = "/tmp";  // where it has a root of its own
constexpr const char* kHome = "/tmp/home";

// "/a/b" of what lies at "/a" once it lies at "/c": "/c/b".
std::string moved(const std::string& path, const std::string& from, const std::string& to) {
  return to + path.substr(from.size());
}

}  // namespace

std::string Workplace::place_of(const std::string& path) const {
  if (!tree.empty() && sys::is_beneath(path, tree)) return moved(path, tree, work);
  return sys::is_beneath(path, kScratch) ? moved(path, kScratch, scratch) : path;
}

Result<Workplace> prepare_workplace(const std::string& changes, const std::string& tree, const Host& host,
                                    const std::stop_token& stop, const CopyLimits& limits) {
  const Tier tier = best_tier(host);
  const std::string upper = changes + "/upper";
  Workplace made{.spec = {}, .tree = tree, .work = tree, .scratch = kScratch, .home = kHome};
  if (tier == Tier::restricted || tier == Tier::external) {  // on the disk, where it is counted
    const std::string scratch = changes + "/tmp";
    TRY(sys::make_directories(scratch + "/home", 0700));
    if (has_own_root(tier)) {
      made.spec.trees.push_back({.path = kScratch, .access = Access::write, .stand_in = scratch});
    } else {
      made.scratch = scratch;
      made.home = scratch + "/home";
      made.spec.trees.push_back({.path = scratch, .access = Access::write});
    }
  }
  if (tree.empty()) return made;
  if (host.has_overlay || tier == Tier::none) {
    TRY(prepare_changes(changes, tree));
    made.spec.trees.push_back({.path = tree, .access = Access::write, .changes = changes});
    return made;
  }
  if (sys::is_beneath(changes, tree))
    return base::fail(
        ErrorCode::denied,
        sys::quoted(tree) + " cannot be copied for a command into " + sys::quoted(changes) + ", which lies in it",
        "work in a folder of its own");
  TRY(sys::make_directories(upper, 0700));
  TRY(copy_tree(tree, upper, copy_record(changes), limits, stop));
  if (has_own_root(tier)) {
    made.spec.trees.push_back({.path = tree, .access = Access::write, .stand_in = upper});
  } else {
    made.work = upper;
    made.spec.trees.push_back({.path = upper, .access = Access::write});
    made.spec.trees.push_back({.path = tree, .access = Access::read});
  }
  return made;
}

}  // namespace lilux::sandbox
