#include "tools/run_rights.h"

#include <algorithm>

#include "policy/policy.h"
#include "text/wild.h"

namespace lilux::tools {

using base::Result;
using text::PathGlob;

namespace {

bool covers_all(const std::vector<PathGlob>& globs, std::string_view folder) {
  const Result<PathGlob> all = PathGlob::compile(text::escape_glob(folder) + "/**");
  return all && std::ranges::any_of(globs, [&](const PathGlob& glob) { return text::covers(glob, *all); });
}

}  // namespace

Result<RunRights> RunRights::parse(std::span<const std::string> capabilities, const std::string& project,
                                   const std::string& home) {
  RunRights made;
  for (const std::string& one : capabilities) {
    const policy::Capability right = TRY(policy::parse_capability(one, project, home));
    if (right.resource != "fs") continue;
    const PathGlob glob = TRY(PathGlob::compile(right.target == "**" ? "/**" : right.target));
    const bool writes = right.any_verb || right.verb == policy::Verb::write;
    if (writes) made.written_.push_back(glob);
    if (writes || right.verb == policy::Verb::read) made.shown_.push_back(glob);
  }
  return made;
}

bool RunRights::shows(std::string_view path) const {
  return std::ranges::any_of(shown_, [&](const PathGlob& glob) { return glob.matches(path); });
}

bool RunRights::shows_all(std::string_view folder) const {
  return covers_all(shown_, folder);
}

bool RunRights::shows_below(std::string_view folder) const {
  return std::ranges::any_of(shown_, [&](const PathGlob& glob) { return glob.reaches_below(folder); });
}

bool RunRights::may_make(const std::string& path, const sandbox::FileChange& change) const {
  const bool is_folder = change.type == sys::FileType::directory;
  if (is_folder && change.kind == sandbox::ChangeKind::remove) return covers_all(written_, path);
  const bool is_way = is_folder && change.kind == sandbox::ChangeKind::create;
  return std::ranges::any_of(
      written_, [&](const PathGlob& glob) { return glob.matches(path) || (is_way && glob.reaches_below(path)); });
}

}  // namespace lilux::tools
