#include "git/sweep.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/time.h"
#include "git/handles.h"
#include "sys/file.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::git {

using base::Result;

namespace {

constexpr std::uint64_t kReferencesMax = 100'000;
constexpr std::int64_t kClockErrorNs = 2'000'000'000;        // between two clocks of one machine
constexpr std::int64_t kFetchLongestNs = 3'600'000'000'000;  // a fetch waits for no turn

Result<void> sweep_references(const std::string& path) {
  for (const char* name : {"/packed-refs.lock", "/config.lock", "/HEAD.lock"})
    if (sys::exists(path + name)) TRY(sys::remove_file(path + name));
  const auto visit = [](const sys::Place& place, const sys::Stat& status) -> Result<sys::Descend> {
    if (status.is_regular() && place.name.ends_with(".lock")) TRY(sys::remove_file(place));
    return sys::Descend::yes;
  };
  TRY(sys::walk_tree(TRY(sys::open_parent(path + "/refs")), kReferencesMax, visit));
  return {};
}

// Readable by nobody: an error of the system, such as too many open files, is no reason.
bool is_damaged(git_odb* objects, const git_oid& id) {
  OdbObject object;
  const int result = make(object, git_odb_read, objects, &id);
  const git_error* error = git_error_last();
  if (result >= 0 || result == GIT_ENOTFOUND || error == nullptr) return false;
  const int kind = error->klass;
  return result == GIT_EMISMATCH || kind == GIT_ERROR_ZLIB || kind == GIT_ERROR_ODB || kind == GIT_ERROR_OBJECT;
}

Result<void> sweep_objects(const Repository& repository, const std::string& folder, const std::string& prefix,
                           std::int64_t since_ns) {
  Odb objects;
  const int result = make(objects, git_repository_odb, repository.handle());
  if (result < 0) return fail_git(result, "open the objects of " + repository.path());
  for (const sys::Entry& entry : TRY(sys::list_directory(folder))) {
    const std::string path = folder + "/" + entry.name;
    const auto found = TRY(sys::stat_if_there(path));
    if (!found || found->modified_ns < since_ns - kClockErrorNs) continue;
    const auto id = id_of(prefix + entry.name);
    if (id && is_damaged(objects.get(), *id)) TRY(sys::remove_file(path));
  }
  return {};
}

Result<void> sweep_packs(const std::string& folder) {
  const auto packs = sys::list_directory(folder);
  for (const sys::Entry& entry : packs.value_or(std::vector<sys::Entry>{})) {
    if (!entry.name.starts_with("pack_git2_")) continue;
    const std::string path = folder + "/" + entry.name;
    const auto found = TRY(sys::stat_if_there(path));
    if (found && base::now_us() * 1000 - found->modified_ns > kFetchLongestNs) std::ignore = sys::remove_file(path);
  }
  return {};
}

}  // namespace

Result<void> sweep(const Repository& repository, std::int64_t since_ns) {
  TRY(sweep_references(repository.path()));
  const std::string objects = repository.path() + "/objects";
  for (const sys::Entry& entry : TRY(sys::list_directory(objects))) {
    const std::string path = objects + "/" + entry.name;
    const bool is_unfinished = entry.name.starts_with("tmp_object_git2_");
    if (is_unfinished) TRY(sys::remove_file(path));
    if (entry.name.size() == 2) TRY(sweep_objects(repository, path, entry.name, since_ns));
  }
  return sweep_packs(objects + "/pack");
}

}  // namespace lilux::git
