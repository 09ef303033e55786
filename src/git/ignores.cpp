#include "git/ignores.h"

#include <git2/sys/repository.h>

#include "git/handles.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"

namespace lilux::git {

using base::Result;

struct Ignores::Base {
  std::string folder;
  RepositoryHandle handle;
};

namespace {

bool is_repository(const std::string& folder) {
  return sys::exists((folder == "/" ? "" : folder) + "/.git");
}

Result<bool> is_ignored(git_repository* handle, const std::string& folder, const std::string& path) {
  int ignored = 0;
  const std::string below = path.substr(folder == "/" ? 1 : folder.size() + 1);
  const int result = git_ignore_path_is_ignored(&ignored, handle, below.c_str());
  if (result < 0) return fail_git(result, "read what .gitignore says of " + sys::quoted(path));
  return ignored == 1;
}

}  // namespace

Ignores::Ignores(std::string root) : root_(std::move(root)) {}
Ignores::Ignores(Ignores&&) noexcept = default;
Ignores& Ignores::operator=(Ignores&&) noexcept = default;
Ignores::~Ignores() = default;

// A repository in name alone: without configuration and objects, so that only files in the folder are read.
Result<void> Ignores::add(const std::string& folder) {
  Base made{.folder = folder, .handle = {}};
  Config nothing;
  int result = make(made.handle, git_repository_new);
  if (result >= 0) result = make(nothing, git_config_new);
  if (result >= 0) result = git_repository_set_config(made.handle.get(), nothing.get());
  if (result >= 0) result = git_repository_set_workdir(made.handle.get(), folder.c_str(), 0);
  if (result < 0) return fail_git(result, "look for .gitignore in " + sys::quoted(folder));
  bases_.push_back(std::move(made));
  return {};
}

Result<Ignores> Ignores::of(const std::string& root) {
  TRY(need_library());
  Ignores made(root);
  std::string around = root;
  while (around != "/" && !is_repository(around)) around = sys::parent_of(around);
  if (!is_repository(around)) around = root;
  const Result<sys::Stat> found = sys::lstat(around);
  if (!found || !found->is_directory()) return made;
  TRY(made.add(around));
  if (around != root && TRY(is_ignored(made.bases_.back().handle.get(), around, root))) made.bases_.clear();
  return made;
}

Result<bool> Ignores::has(const std::string& path, bool is_folder) {
  if (path == root_) return false;
  while (!bases_.empty() && !sys::is_beneath(path, bases_.back().folder)) bases_.pop_back();
  if (!bases_.empty() && TRY(is_ignored(bases_.back().handle.get(), bases_.back().folder, path))) return true;
  if (is_folder && is_repository(path)) TRY(add(path));
  return false;
}

}  // namespace lilux::git
