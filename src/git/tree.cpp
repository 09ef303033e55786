#include "git/tree.h"

#include "git/names.h"
#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kFilesMax = 100'000;
constexpr std::size_t kDepthMax = 64;

std::unexpected<base::Error> refuse(const std::string& path, std::string_view why) {
  return base::fail(ErrorCode::denied, sys::quoted(path) + " " + std::string(why),
                    "nothing of this commit is taken over: remove it there and commit again");
}

std::string_view unfit_mode(git_filemode_t mode) {
  switch (mode) {
    case GIT_FILEMODE_LINK: return "is a symbolic link";
    case GIT_FILEMODE_COMMIT: return "is a repository of its own";
    default: return {};
  }
}

struct Collector {
  const Repository& repository;
  std::vector<File> files = {};

  Result<void> tree(const git_tree* from, const std::string& prefix, std::size_t depth) {
    if (depth > kDepthMax) return refuse(prefix, "lies too deep");
    for (std::size_t i = 0; i < git_tree_entrycount(from); ++i)
      TRY(entry(*git_tree_entry_byindex(from, i), prefix, depth));
    return {};
  }

  Result<void> entry(const git_tree_entry& found, const std::string& prefix, std::size_t depth) {
    const std::string name = git_tree_entry_name(&found);
    const std::string path = prefix + name;
    if (name.find('/') != std::string::npos) return refuse(path, "holds a separator within a name");
    TRY(check_entry(path, git_tree_entry_filemode(&found)));
    if (git_tree_entry_type(&found) == GIT_OBJECT_TREE) return folder(found, path, depth);
    if (files.size() == kFilesMax) {
      return base::fail(ErrorCode::over_budget, "the commit has more than " + std::to_string(kFilesMax) + " files",
                        "keep them in several volumes");
    }
    const bool is_executable = git_tree_entry_filemode(&found) == GIT_FILEMODE_BLOB_EXECUTABLE;
    files.push_back({.path = path,
                     .id = text_of(*git_tree_entry_id(&found)),
                     .mode = is_executable ? Mode::executable : Mode::plain});
    return {};
  }

  Result<void> folder(const git_tree_entry& found, const std::string& path, std::size_t depth) {
    Tree inner;
    const int result = make(inner, git_tree_lookup, repository.handle(), git_tree_entry_id(&found));
    if (result < 0) return fail_git(result, "read folder " + sys::quoted(path));
    return tree(inner.get(), path + "/", depth + 1);
  }
};

}  // namespace

Result<void> check_entry(const std::string& path, git_filemode_t mode) {
  const Result<void> fits = check_file_path(path);
  if (!fits) return refuse(path, "may lie in no folder of ours");
  const std::string_view why = unfit_mode(mode);
  return why.empty() ? Result<void>() : refuse(path, why);
}

Result<Commit> lookup_commit(const Repository& repository, const std::string& id) {
  const git_oid oid = TRY(id_of(id));
  Commit commit;
  const int result = make(commit, git_commit_lookup, repository.handle(), &oid);
  if (result == GIT_ENOTFOUND) return base::fail(ErrorCode::not_found, "no commit " + sys::quoted(id));
  if (result < 0) return fail_git(result, "read commit " + id);
  return commit;
}

Result<Tree> tree_of(const Repository& repository, const std::string& commit) {
  const Commit found = TRY(lookup_commit(repository, commit));
  Tree tree;
  const int result = make(tree, git_commit_tree, found.get());
  if (result < 0) return fail_git(result, "read the tree of commit " + commit);
  return tree;
}

Result<Tree> empty_tree(const Repository& repository) {
  TreeBuilder builder;
  int result = make(builder, git_treebuilder_new, repository.handle(), nullptr);
  git_oid id{};
  if (result >= 0) result = git_treebuilder_write(&id, builder.get());
  Tree tree;
  if (result >= 0) result = make(tree, git_tree_lookup, repository.handle(), &id);
  if (result < 0) return fail_git(result, "make an empty tree");
  return tree;
}

Result<std::vector<File>> files_of(const Repository& repository, const Tree& tree) {
  Collector collector{.repository = repository};
  TRY(collector.tree(tree.get(), "", 0));
  return std::move(collector.files);
}

Result<git_oid> write_content(const Repository& repository, std::string_view bytes) {
  git_oid id{};
  const int result = git_blob_create_from_buffer(&id, repository.handle(), bytes.data(), bytes.size());
  if (result < 0) return fail_git(result, "store " + std::to_string(bytes.size()) + " bytes in " + repository.path());
  return id;
}

}  // namespace lilux::git
