#include "git/merge.h"

#include <algorithm>

#include "git/ancestry.h"
#include "git/handles.h"
#include "git/history.h"
#include "git/names.h"
#include "git/tree.h"
#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kBytesMax = std::size_t{16} << 20;
constexpr std::size_t kNamedMax = 5;

using Conflicts = std::unique_ptr<git_index_conflict_iterator, Free<git_index_conflict_iterator_free>>;

git_merge_options merge_options() {
  git_merge_options options;
  git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION);
  return options;
}

Result<std::optional<std::string>> content_of(const Repository& repository, const git_index_entry* entry) {
  if (entry == nullptr) return std::nullopt;
  return TRY(repository.read_content(text_of(entry->id), kBytesMax));
}

Result<std::vector<Conflict>> conflicts_of(const Repository& repository, const Index& index) {
  std::vector<Conflict> found;
  if (git_index_has_conflicts(index.get()) == 0) return found;
  Conflicts iterator;
  int result = make(iterator, git_index_conflict_iterator_new, index.get());
  const git_index_entry* base = nullptr;
  const git_index_entry* ours = nullptr;
  const git_index_entry* theirs = nullptr;
  while (result >= 0 && (result = git_index_conflict_next(&base, &ours, &theirs, iterator.get())) >= 0) {
    const git_index_entry* any = base != nullptr ? base : ours != nullptr ? ours : theirs;
    found.push_back({.path = any->path,
                     .base = TRY(content_of(repository, base)),
                     .ours = TRY(content_of(repository, ours)),
                     .theirs = TRY(content_of(repository, theirs))});
  }
  if (result != GIT_ITEROVER) return fail_git(result, "list the conflicts of a merge");
  return found;
}

Result<std::string> tree_from(const Repository& repository, const Index& index) {
  git_oid id{};
  const int result = git_index_write_tree_to(&id, index.get(), repository.handle());
  if (result < 0) return fail_git(result, "write the tree of a merge");
  return text_of(id);
}

// The conflicts that no resolution speaks of.
std::vector<Conflict> open_conflicts(std::vector<Conflict> conflicts, const std::vector<Resolution>& resolutions) {
  std::erase_if(conflicts, [&](const Conflict& conflict) {
    return std::ranges::find(resolutions, conflict.path, &Resolution::path) != resolutions.end();
  });
  return conflicts;
}

Result<git_index_entry> entry_of(const Repository& repository, const Resolution& resolution, std::uint32_t mode) {
  git_index_entry entry{};
  entry.path = resolution.path.c_str();
  entry.mode = mode;
  entry.id = TRY(write_content(repository, *resolution.bytes));
  return entry;
}

Result<void> resolve(const Repository& repository, const Index& index, const Resolution& resolution) {
  const git_index_entry* base = nullptr;
  const git_index_entry* ours = nullptr;
  const git_index_entry* theirs = nullptr;
  int result = git_index_conflict_get(&base, &ours, &theirs, index.get(), resolution.path.c_str());
  if (result < 0) return fail_git(result, "resolve " + sys::quoted(resolution.path));
  const git_index_entry* like = ours != nullptr ? ours : theirs != nullptr ? theirs : base;
  const std::uint32_t mode = like->mode;
  result = git_index_conflict_remove(index.get(), resolution.path.c_str());
  if (result >= 0 && resolution.bytes) {
    const git_index_entry entry = TRY(entry_of(repository, resolution, mode));
    result = git_index_add(index.get(), &entry);
  }
  if (result < 0) return fail_git(result, "resolve " + sys::quoted(resolution.path));
  return {};
}

std::string names_of(const std::vector<Conflict>& conflicts) {
  std::string names;
  for (std::size_t i = 0; i < std::min(conflicts.size(), kNamedMax); ++i)
    names += (i == 0 ? "" : ", ") + sys::quoted(conflicts[i].path);
  return names + (conflicts.size() > kNamedMax ? " and others" : "");
}

Result<Index> merged_index(const Repository& repository, const std::string& ours, const std::string& theirs,
                           const Meeting& meeting) {
  const git_merge_options options = merge_options();
  Index index;
  int result = 0;
  if (meeting.is_as_git_sees_it) {
    const Commit our_commit = TRY(lookup_commit(repository, ours));
    const Commit their_commit = TRY(lookup_commit(repository, theirs));
    result = make(index, git_merge_commits, repository.handle(), our_commit.get(), their_commit.get(), &options);
  } else {
    const Tree base = meeting.base ? TRY(tree_of(repository, *meeting.base)) : Tree();
    const Tree our_tree = TRY(tree_of(repository, ours));
    const Tree their_tree = TRY(tree_of(repository, theirs));
    result = make(index, git_merge_trees, repository.handle(), base.get(), our_tree.get(), their_tree.get(), &options);
  }
  if (result < 0) return fail_git(result, "merge " + theirs + " into " + ours);
  return index;
}

}  // namespace

Result<void> check_resolutions(const std::vector<Conflict>& conflicts, const std::vector<Resolution>& resolutions) {
  for (const Resolution& each : resolutions) {
    TRY(check_file_path(each.path));
    if (std::ranges::find(conflicts, each.path, &Conflict::path) == conflicts.end())
      return base::fail(ErrorCode::invalid_argument, sys::quoted(each.path) + " is in no conflict",
                        "resolve only what the merge names");
  }
  return {};
}

Result<Merged> build_merge(const Repository& repository, const std::string& ours, const std::string& theirs,
                           const std::vector<Resolution>& resolutions, const Remark& remark) {
  TRY(files_of(repository, TRY(tree_of(repository, theirs))));
  const Meeting meeting = TRY(meeting_of(repository, ours, theirs));
  if (meeting.has_all) {
    TRY(check_resolutions({}, resolutions));
    return Merged{.commit = ours};
  }
  const Index index = TRY(merged_index(repository, ours, theirs, meeting));
  std::vector<Conflict> conflicts = TRY(conflicts_of(repository, index));
  TRY(check_resolutions(conflicts, resolutions));
  conflicts = open_conflicts(std::move(conflicts), resolutions);
  if (!conflicts.empty()) return Merged{.conflicts = std::move(conflicts)};
  for (const Resolution& each : resolutions) TRY(resolve(repository, index, each));
  return Merged{.commit = TRY(build_commit_of(repository, {ours, theirs}, TRY(tree_from(repository, index)), remark))};
}

Result<std::string> build_revert(const Repository& repository, const std::string& tip, const std::string& commit,
                                 const Remark& remark) {
  const Commit undone = TRY(lookup_commit(repository, commit));
  const Commit ours = TRY(lookup_commit(repository, tip));
  const git_merge_options options = merge_options();
  const unsigned mainline = git_commit_parentcount(undone.get()) > 1 ? 1 : 0;
  Index index;
  const int result = make(index, git_revert_commit, repository.handle(), undone.get(), ours.get(), mainline, &options);
  if (result < 0) return fail_git(result, "revert " + commit);
  const std::vector<Conflict> conflicts = TRY(conflicts_of(repository, index));
  if (!conflicts.empty()) {
    return base::fail(ErrorCode::conflict,
                      "cannot revert " + commit + ": later work touches the same lines of " + names_of(conflicts),
                      "revert the later commits first, or write what should stand there");
  }
  const std::string tree = TRY(tree_from(repository, index));
  if (tree == text_of(*git_commit_tree_id(ours.get())))
    return base::fail(ErrorCode::conflict, "nothing of " + commit + " is left to revert");
  const Record record = TRY(record_of(repository, commit));
  Remark named = remark;
  std::vector<std::string> parents{tip};
  if (record.parents.size() > 1) named.takes_back = record.parents[1];
  if (!record.takes_back.empty()) parents.push_back(record.takes_back);
  return build_commit_of(repository, parents, tree, named);
}

}  // namespace lilux::git
