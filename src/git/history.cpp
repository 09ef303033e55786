#include "git/history.h"

#include <algorithm>
#include <set>

#include "git/handles.h"
#include "git/names.h"
#include "git/tree.h"
#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kCommitsMax = 100'000;
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

// Named by the last line of the message.
std::string taken_back_by(std::string_view message) {
  const std::string_view last = message.substr(message.rfind('\n') + 1);
  if (!last.starts_with(kTakesBack)) return {};
  const std::string_view id = last.substr(kTakesBack.size());
  return id_of(id) ? std::string(id) : std::string();
}

Record record_from(const git_commit* commit) {
  const git_signature* author = git_commit_author(commit);
  const char* message = git_commit_message(commit);
  Record record{.id = text_of(*git_commit_id(commit)),
                .parents = {},
                .author = {.name = author->name, .email = author->email},
                .time_us = std::int64_t{author->when.time} * 1'000'000,
                .message = message == nullptr ? "" : message};
  while (record.message.ends_with('\n')) record.message.pop_back();
  record.takes_back = taken_back_by(record.message);
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i)
    record.parents.push_back(text_of(*git_commit_parent_id(commit, i)));
  return record;
}

// The id of what stands at a path of a commit, "" for nothing.
Result<std::string> entry_id(const git_commit* commit, const std::string& path) {
  Tree tree;
  int result = make(tree, git_commit_tree, commit);
  TreeEntry entry;
  if (result >= 0) result = make(entry, git_tree_entry_bypath, tree.get(), path.c_str());
  if (result == GIT_ENOTFOUND) return std::string();
  if (result < 0) return fail_git(result, "look for " + sys::quoted(path));
  return text_of(*git_tree_entry_id(entry.get())) + std::to_string(git_tree_entry_filemode(entry.get()));
}

// A merge changed a file only when it is as none of its parents had it.
Result<bool> changed(const git_commit* commit, const std::string& path) {
  const std::string now = TRY(entry_id(commit, path));
  const unsigned parents = git_commit_parentcount(commit);
  if (parents == 0) return !now.empty();
  for (unsigned i = 0; i < parents; ++i) {
    Commit parent;
    const int result = make(parent, git_commit_parent, commit, i);
    if (result < 0) return fail_git(result, "read a parent of commit " + text_of(*git_commit_id(commit)));
    if (TRY(entry_id(parent.get(), path)) == now) return false;
  }
  return true;
}

Result<Walk> walk_from(const Repository& repository, const std::string& where) {
  const git_oid tip = TRY(id_of(TRY(repository.commit_at(where))));
  Walk walk;
  int result = make(walk, git_revwalk_new, repository.handle());
  if (result >= 0) result = git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
  if (result >= 0) result = git_revwalk_push(walk.get(), &tip);
  if (result < 0) return fail_git(result, "read the history of " + sys::quoted(where));
  return walk;
}

Result<Tree> tree_at(const Repository& repository, const std::string& where) {
  if (where.empty()) return empty_tree(repository);
  return tree_of(repository, TRY(repository.commit_at(where)));
}

const char* path_of(const git_diff_delta* delta) {
  return delta->new_file.path != nullptr ? delta->new_file.path : delta->old_file.path;
}

Result<DiffHandle> compared_trees(const Repository& repository, const Tree& from, const Tree& to) {
  DiffHandle compared;
  const int result = make(compared, git_diff_tree_to_tree, repository.handle(), from.get(), to.get(), nullptr);
  if (result < 0) return fail_git(result, "compare two trees of " + sys::quoted(repository.path()));
  return compared;
}

Result<std::optional<File>> file_of(const git_diff_file& file, bool is_there) {
  if (!is_there) return std::nullopt;
  TRY(check_entry(file.path, static_cast<git_filemode_t>(file.mode)));
  const bool is_executable = file.mode == GIT_FILEMODE_BLOB_EXECUTABLE;
  return File{.path = file.path, .id = text_of(file.id), .mode = is_executable ? Mode::executable : Mode::plain};
}

struct Text {
  const Tells& tells;
  std::string text = {};
  bool is_cut = false;
};

int add_line(const git_diff_delta* delta, const git_diff_hunk*, const git_diff_line* line, void* to) {
  Text& into = *static_cast<Text*>(to);
  if (into.tells && !into.tells(path_of(delta))) return 0;
  const bool has_origin = line->origin == GIT_DIFF_LINE_CONTEXT || line->origin == GIT_DIFF_LINE_ADDITION ||
                          line->origin == GIT_DIFF_LINE_DELETION;
  if (into.text.size() + line->content_len + 1 > kTextBytesMax) {
    into.is_cut = true;
    return GIT_EUSER;
  }
  if (has_origin) into.text += line->origin;
  into.text.append(line->content, line->content_len);
  return 0;
}

// The record as who may not know of all its files may see it; nothing when it is of such files alone.
Result<std::optional<Record>> told(const Repository& repository, Record record, const Tells& tells) {
  if (!tells) return record;
  const std::string before = record.parents.empty() ? std::string() : record.parents.front();
  std::string named;
  std::size_t hidden = 0;
  for (const Difference& file : TRY(differences(repository, before, record.id))) {
    if (tells(file.path))
      named += (named.empty() ? "" : ", ") + file.path;
    else
      ++hidden;
  }
  if (hidden == 0) return record;
  if (named.empty()) return std::nullopt;
  record.message = "Changed: " + named;  // the reason may speak of the others
  return record;
}

}  // namespace

Result<std::vector<Record>> history(const Repository& repository, const HistoryRequest& request) {
  if (request.path) TRY(check_file_path(*request.path));
  const Walk walk = TRY(walk_from(repository, std::string(kMain)));
  std::vector<Record> found;
  git_oid id{};
  for (std::size_t seen = 0; found.size() < request.limit && git_revwalk_next(&id, walk.get()) == 0; ++seen) {
    if (seen == kCommitsMax) {
      return base::fail(ErrorCode::over_budget,
                        "the history is longer than " + std::to_string(kCommitsMax) + " commits",
                        "ask for fewer commits");
    }
    const Commit commit = TRY(lookup_commit(repository, text_of(id)));
    if (request.path && !TRY(changed(commit.get(), *request.path))) continue;
    if (auto record = TRY(told(repository, record_from(commit.get()), request.tells)))
      found.push_back(std::move(*record));
  }
  return found;
}

Result<Record> record_of(const Repository& repository, std::string_view commit) {
  return record_from(TRY(lookup_commit(repository, std::string(commit))).get());
}

Result<bool> is_ancestor(const Repository& repository, const std::string& older, const std::string& newer) {
  if (older == newer) return true;
  const git_oid old_id = TRY(id_of(older));
  const git_oid new_id = TRY(id_of(newer));
  const int result = git_graph_descendant_of(repository.handle(), &new_id, &old_id);
  if (result < 0) return fail_git(result, "compare commits " + older + " and " + newer);
  return result == 1;
}

Result<Diff> diff(const Repository& repository, const DiffRequest& request) {
  const Tree from = TRY(tree_at(repository, request.from));
  const Tree to = TRY(tree_at(repository, request.to));
  const DiffHandle compared = TRY(compared_trees(repository, from, to));
  Diff made;
  for (std::size_t i = 0; i < git_diff_num_deltas(compared.get()); ++i)
    made.files.emplace_back(path_of(git_diff_get_delta(compared.get(), i)));
  if (request.tells) std::erase_if(made.files, std::not_fn(request.tells));
  Text text{.tells = request.tells};
  const int printed = git_diff_print(compared.get(), GIT_DIFF_FORMAT_PATCH, add_line, &text);
  if (printed < 0 && !text.is_cut) return fail_git(printed, "print what lies between two commits");
  made.text = std::move(text.text);
  made.is_cut = text.is_cut;
  return made;
}

Result<std::vector<Difference>> differences(const Repository& repository, const std::string& from,
                                            const std::string& to) {
  const Tree before = TRY(tree_at(repository, from));
  const Tree after = TRY(tree_at(repository, to));
  const DiffHandle compared = TRY(compared_trees(repository, before, after));
  std::vector<Difference> found;
  for (std::size_t i = 0; i < git_diff_num_deltas(compared.get()); ++i) {
    const git_diff_delta* delta = git_diff_get_delta(compared.get(), i);
    found.push_back({.path = path_of(delta),
                     .before = TRY(file_of(delta->old_file, delta->status != GIT_DELTA_ADDED)),
                     .after = TRY(file_of(delta->new_file, delta->status != GIT_DELTA_DELETED))});
  }
  return found;
}

namespace {

// Of a merge those that are as none of its parents had them.
Result<std::set<std::string>> changed_files(const Repository& repository, const Record& commit) {
  std::set<std::string> files;
  for (const Difference& one : TRY(differences(repository, commit.parents.empty() ? "" : commit.parents[0], commit.id)))
    files.insert(one.path);
  for (std::size_t i = 1; i < commit.parents.size() && !files.empty(); ++i) {
    std::set<std::string> also;
    for (const Difference& one : TRY(differences(repository, commit.parents[i], commit.id))) also.insert(one.path);
    std::erase_if(files, [&](const std::string& file) { return !also.contains(file); });
  }
  return files;
}

}  // namespace

Result<std::vector<Record>> records_between(const Repository& repository, const std::string& older,
                                            const std::string& newer) {
  const Walk walk = TRY(walk_from(repository, newer));
  if (!older.empty()) {
    const git_oid known = TRY(id_of(TRY(repository.commit_at(older))));
    const int result = git_revwalk_hide(walk.get(), &known);
    if (result < 0) return fail_git(result, "read the history since " + sys::quoted(older));
  }
  std::vector<Record> found;
  git_oid id{};
  int result = 0;
  while ((result = git_revwalk_next(&id, walk.get())) == 0) {
    if (found.size() == kCommitsMax)
      return base::fail(ErrorCode::over_budget,
                        "there are more than " + std::to_string(kCommitsMax) + " commits that the other side has not");
    found.push_back(TRY(record_of(repository, text_of(id))));
  }
  if (result != GIT_ITEROVER) return fail_git(result, "read the history of " + sys::quoted(newer));
  return found;
}

Result<Unshared> unshared(const Repository& repository, const std::string& from, const std::string& to) {
  const std::vector<Record> records = TRY(records_between(repository, from, to));
  Unshared found{.commits = records.size()};
  std::set<std::string> files;
  for (const Record& record : records) files.merge(TRY(changed_files(repository, record)));
  found.files.assign(files.begin(), files.end());
  return found;
}

}  // namespace lilux::git
