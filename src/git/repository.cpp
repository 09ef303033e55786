#include "git/repository.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <git2/sys/repository.h>

#include "base/number.h"
#include "git/handles.h"
#include "git/names.h"
#include "git/own_config.h"
#include "git/tree.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view kUnfinished = ".lilux-new-";  // a repository that is being made
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kRemotes = "refs/remotes/";
constexpr std::size_t kShortIdMin = 4;  // as git has it

std::unexpected<base::Error> fail_open(int result, const std::string& path) {
  base::Error error = fail_git(result, "open repository " + sys::quoted(path)).error();
  error.code = ErrorCode::corrupt;
  error.hint = "see what is wrong: git --git-dir=" + path + " fsck; or move it away and a new one is made";
  return std::unexpected(std::move(error));
}

// What processes left that were killed while they made a repository here.
void sweep(const std::string& parent) {
  const auto entries = sys::list_directory(parent);
  for (const sys::Entry& entry : entries.value_or(std::vector<sys::Entry>{})) {
    if (!entry.name.starts_with(kUnfinished)) continue;
    const std::string path = parent + "/" + entry.name;
    const auto lock = sys::Lock::try_lock(path);
    const auto place = sys::open_parent(path);
    if (lock && *lock && place) std::ignore = sys::remove_tree(*place);  // the next one who makes one tries again
  }
}

Result<void> initialise(const std::string& path) {
  git_repository_init_options options;
  git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT;
  options.mode = 0700;
  options.initial_head = kMain.data();
  RepositoryHandle made;
  const int result = make(made, git_repository_init_ext, path.c_str(), &options);
  return result < 0 ? Result<void>(fail_git(result, "make a repository in " + sys::quoted(path))) : Result<void>();
}

struct Making {
  std::string path;
  sys::Lock lock;  // while it is held nobody sweeps the folder away
};

// A sweep may find the folder before it is locked; then another one is made.
Result<Making> begin_making(const std::string& parent) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path = TRY(sys::make_temporary_directory(parent, kUnfinished));
    auto lock = sys::Lock::try_lock(path);
    if (lock && *lock && sys::exists(path)) return Making{.path = std::move(path), .lock = std::move(**lock)};
  }
  return base::fail(ErrorCode::unavailable, "cannot make a repository in " + sys::quoted(parent), "try again");
}

// Made beside its place under another name, so that it is there whole or not at all.
Result<void> create(const std::string& path) {
  const std::string parent = sys::parent_of(path);
  TRY(sys::make_directories(parent, 0700));
  sweep(parent);
  const Making making = TRY(begin_making(parent));
  const sys::Place from = TRY(sys::open_parent(making.path));
  Result<void> done = initialise(making.path);
  if (done) done = sys::sync_filesystem(making.path);
  if (done) done = sys::rename(from, TRY(sys::open_parent(path)), sys::Replace::no);
  if (done) return sys::sync_directory(parent);
  std::ignore = sys::remove_tree(from);                                     // the next sweep does it
  return done.error().code == ErrorCode::conflict ? Result<void>() : done;  // somebody was faster
}

Result<std::optional<std::string>> target_of(const Repository& repository, const std::string& reference) {
  git_oid id{};
  const int result = git_reference_name_to_id(&id, repository.handle(), reference.c_str());
  if (result == GIT_ENOTFOUND) return std::nullopt;
  if (result < 0) return fail_git(result, "read branch " + sys::quoted(reference) + " of " + repository.path());
  return text_of(id);
}

std::string names_of(const std::vector<Branch>& branches) {
  std::string names;
  for (const Branch& branch : branches) names += (names.empty() ? "" : ", ") + branch.name;
  return names.empty() ? "there is none yet: write something first" : "there are: " + names;
}

}  // namespace

Result<Repository> Repository::open(const std::string& given) {
  TRY(need_library());
  const std::string path = TRY(sys::resolve(given, "/", sys::Final::follow));
  if (!TRY(sys::stat_if_there(path))) return base::fail(ErrorCode::not_found, "no repository at " + sys::quoted(path));
  TRY(check_config(path));
  git_repository* handle = nullptr;
  const int result = git_repository_open_bare(&handle, path.c_str());
  if (result < 0) return fail_open(result, path);
  Repository repository(path, handle);
  Config nothing;
  if (make(nothing, git_config_new) < 0 || git_repository_set_config(handle, nothing.get()) < 0)
    return fail_open(-1, path);
  Odb objects;
  const int has_objects = make(objects, git_repository_odb, handle);
  if (has_objects < 0) return fail_open(has_objects, path);
  return repository;
}

Result<Repository> Repository::open_or_create(const std::string& given) {
  TRY(need_library());
  const std::string path = TRY(sys::resolve(given, "/", sys::Final::follow));
  if (!TRY(sys::stat_if_there(path))) TRY(create(path));
  return open(path);
}

Repository::Repository(Repository&& other) noexcept
    : path_(std::move(other.path_)), handle_(std::exchange(other.handle_, nullptr)) {}

Repository& Repository::operator=(Repository&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(handle_, other.handle_);
  return *this;
}

Repository::~Repository() {
  git_repository_free(handle_);
}

namespace {

// "~2", "^", "~1^": that many first parents back.
Result<std::string> before(const Repository& repository, std::string commit, std::string_view steps) {
  constexpr std::int64_t kStepsMax = 100'000;
  while (!steps.empty()) {
    const std::size_t digits = std::min(steps.find_first_not_of("0123456789", 1), steps.size());
    const std::string_view number = steps.substr(1, digits - 1);
    const auto count = number.empty() ? std::optional<std::int64_t>(1) : base::number_from<std::int64_t>(number);
    if ((steps[0] != '~' && (steps[0] != '^' || digits > 1)) || !count || *count > kStepsMax)
      return base::fail(ErrorCode::invalid_argument,
                        sys::quoted(std::string(steps)) + " names no commit before another",
                        "main~2 is two before the newest");
    for (std::int64_t i = 0; i < *count; ++i) {
      const Commit one = TRY(lookup_commit(repository, commit));
      const git_oid* parent = git_commit_parent_id(one.get(), 0);
      if (!parent) return base::fail(ErrorCode::not_found, "commit " + commit + " is the first", "name a later one");
      commit = text_of(*parent);
    }
    steps.remove_prefix(digits);
  }
  return commit;
}

// The commit whose id begins like this; nullopt when there is none.
Result<std::optional<std::string>> commit_beginning(const Repository& repository, std::string_view prefix) {
  git_oid id{};
  const bool is_prefix = prefix.size() >= kShortIdMin && prefix.size() < GIT_OID_HEXSZ &&
                         prefix.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!is_prefix || git_oid_fromstrn(&id, prefix.data(), prefix.size()) < 0) return std::nullopt;
  Commit found;
  const int result = make(found, git_commit_lookup_prefix, repository.handle(), &id, prefix.size());
  if (result == GIT_EAMBIGUOUS)
    return base::fail(ErrorCode::invalid_argument, "more than one id begins with " + sys::quoted(prefix),
                      "name more of its digits");
  if (result == GIT_ENOTFOUND || result == GIT_EINVALID || result == GIT_ERROR) return std::nullopt;
  if (result < 0) return fail_git(result, "look for commit " + sys::quoted(prefix));
  return text_of(*git_commit_id(found.get()));
}

}  // namespace

Result<std::string> Repository::commit_at(std::string_view where) const {
  if (id_of(where)) {
    TRY(lookup_commit(*this, std::string(where)));
    return std::string(where);
  }
  const std::size_t steps = where.find_first_of("~^");
  if (steps != std::string_view::npos)
    return before(*this, TRY(commit_at(where.substr(0, steps))), where.substr(steps));
  if (where == "HEAD") return commit_at(kMain);
  TRY(check_branch(where));
  for (const std::string_view folder : {kHeads, kRemotes})
    if (auto id = TRY(target_of(*this, std::string(folder) + std::string(where)))) return *id;
  if (const auto id = TRY(commit_beginning(*this, where))) return *id;
  return base::fail(ErrorCode::not_found, "no branch " + sys::quoted(where) + " in " + path_,
                    names_of(TRY(branches())));
}

Result<std::optional<std::string>> Repository::tip(std::string_view branch) const {
  TRY(check_branch(branch));
  return target_of(*this, std::string(kHeads) + std::string(branch));
}

Result<std::vector<Branch>> Repository::branches() const {
  References iterator;
  const std::string pattern = std::string(kHeads) + "*";
  int result = make(iterator, git_reference_iterator_glob_new, handle_, pattern.c_str());
  std::vector<Branch> found;
  while (result >= 0) {
    Reference reference;
    result = make(reference, git_reference_next, iterator.get());
    if (result == GIT_ITEROVER) {
      std::ranges::sort(found, {}, &Branch::name);
      return found;
    }
    if (result < 0) break;
    if (const git_oid* id = git_reference_target(reference.get()))
      found.push_back({.name = git_reference_name(reference.get()) + kHeads.size(), .tip = text_of(*id)});
  }
  return fail_git(result, "list the branches of " + sys::quoted(path_));
}

Result<std::optional<File>> Repository::find(std::string_view where, std::string_view path) const {
  TRY(check_file_path(path));
  const Tree tree = TRY(tree_of(*this, TRY(commit_at(where))));
  const std::string name(path);
  TreeEntry entry;
  const int result = make(entry, git_tree_entry_bypath, tree.get(), name.c_str());
  if (result == GIT_ENOTFOUND) return std::nullopt;
  if (result < 0) return fail_git(result, "look for " + sys::quoted(path));
  if (git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB) return std::nullopt;
  const bool is_executable = git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_BLOB_EXECUTABLE;
  return File{.path = name,
              .id = text_of(*git_tree_entry_id(entry.get())),
              .mode = is_executable ? Mode::executable : Mode::plain};
}

Result<std::string> Repository::read_content(std::string_view id, std::size_t bytes_max) const {
  const git_oid oid = TRY(id_of(id));
  Odb objects;
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  int result = make(objects, git_repository_odb, handle_);
  if (result >= 0) result = git_odb_read_header(&size, &type, objects.get(), &oid);
  if (result >= 0 && size > bytes_max) {
    return base::fail(ErrorCode::over_budget, "content " + std::string(id) + " has " + std::to_string(size) +
                                                  " bytes, more than " + std::to_string(bytes_max));
  }
  Blob blob;
  if (result >= 0) result = make(blob, git_blob_lookup, handle_, &oid);
  if (result < 0) return fail_git(result, "read content " + std::string(id) + " of " + sys::quoted(path_));
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

Result<std::optional<std::string>> Repository::read(std::string_view where, std::string_view path,
                                                    std::size_t bytes_max) const {
  const auto file = TRY(find(where, path));
  if (!file) return std::nullopt;
  return TRY(read_content(file->id, bytes_max));
}

Result<std::vector<File>> Repository::list(std::string_view where) const {
  std::vector<File> files = TRY(files_of(*this, TRY(tree_of(*this, TRY(commit_at(where))))));
  Odb objects;
  const int result = make(objects, git_repository_odb, handle_);
  if (result < 0) return fail_git(result, "read " + sys::quoted(path_));
  for (File& file : files) {
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    const git_oid id = TRY(id_of(file.id));
    const int read = git_odb_read_header(&size, &type, objects.get(), &id);
    if (read < 0) return fail_git(read, "read " + sys::quoted(file.path));
    file.size = size;
  }
  return files;
}

Result<void> Repository::sync() const {
  return sys::sync_filesystem(path_);
}

Result<std::string> content_id(std::string_view bytes) {
  TRY(need_library());
  git_oid id{};
  const int result = git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB);
  if (result < 0) return fail_git(result, "hash content");
  return text_of(id);
}

}  // namespace lilux::git
