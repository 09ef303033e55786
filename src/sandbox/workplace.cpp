#include "sandbox/workplace.h"

#include <set>
#include <utility>

#include <fcntl.h>

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

// Empty and closed, for all that is hidden.
Result<void> hide(Spec& spec, std::vector<Hidden> hidden, const std::string& cover) {
  if (hidden.empty()) return {};
  spec.hidden = std::move(hidden);
  spec.cover = cover;
  TRY(sys::make_directories(cover + "/folder", 0700));
  TRY(sys::open(cover + "/file", O_WRONLY | O_CREAT | O_EXCL, 0));
  return sys::set_mode(TRY(sys::open_parent(cover + "/folder")), 0);
}

}  // namespace

std::string Workplace::place_of(const std::string& path) const {
  if (!tree.empty() && sys::is_beneath(path, tree)) return moved(path, tree, work);
  return sys::is_beneath(path, kScratch) ? moved(path, kScratch, scratch) : path;
}

Result<Workplace> prepare_workplace(const std::string& changes, const std::string& tree, const Host& host,
                                    const std::stop_token& stop, const CopyLimits& limits, std::vector<Hidden> hidden) {
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
  TRY(hide(made.spec, std::move(hidden), changes + "/cover"));
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
  std::set<std::string> left_out;
  for (const Hidden& one : made.spec.hidden) left_out.insert(one.path);
  TRY(copy_tree(tree, upper, copy_record(changes), {.limits = limits, .left_out = left_out}, stop));
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
