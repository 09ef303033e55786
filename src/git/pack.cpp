#include "git/pack.h"

#include <string>
#include <vector>

#include <git2/odb_backend.h>

#include "git/handles.h"
#include "sys/file.h"

namespace lilux::git {

using base::Result;

namespace {

constexpr std::size_t kManyInOne = 8;  // of 256 folders over which ids are spread evenly

struct Loose {
  std::string path;
  git_oid id;
};

Result<std::vector<Loose>> loose_objects(const Repository& repository) {
  std::vector<Loose> found;
  const std::string objects = repository.path() + "/objects";
  for (const sys::Entry& folder : TRY(sys::list_directory(objects))) {
    if (folder.name.size() != 2) continue;
    for (const sys::Entry& entry : TRY(sys::list_directory(objects + "/" + folder.name)))
      if (const auto id = id_of(folder.name + entry.name))
        found.push_back({.path = objects + "/" + folder.name + "/" + entry.name, .id = *id});
  }
  return found;
}

// Writes the pack; the path of its index.
Result<std::string> write_pack(const Repository& repository, const std::vector<Loose>& objects) {
  PackBuilder builder;
  int result = make(builder, git_packbuilder_new, repository.handle());
  if (result >= 0) git_packbuilder_set_threads(builder.get(), 1);
  for (std::size_t i = 0; i < objects.size() && result >= 0; ++i)
    result = git_packbuilder_insert(builder.get(), &objects[i].id, nullptr);
  if (result >= 0) result = git_packbuilder_write(builder.get(), nullptr, 0, nullptr, nullptr);
  if (result < 0) return fail_git(result, "pack the objects of " + repository.path());
  return repository.path() + "/objects/pack/pack-" + git_packbuilder_name(builder.get()) + ".idx";
}

// The objects of one pack and of nothing else.
Result<Odb> objects_in(const std::string& index) {
  Odb objects;
  git_odb_backend* backend = nullptr;
  int result = make(objects, git_odb_new);
  if (result >= 0) result = git_odb_backend_one_pack(&backend, index.c_str());
  if (result >= 0) result = git_odb_add_backend(objects.get(), backend, 1);
  if (result < 0) return fail_git(result, "read the pack " + index);
  return objects;
}

}  // namespace

Result<std::size_t> pack(const Turn&, const Repository& repository) {
  const std::vector<Loose> loose = TRY(loose_objects(repository));
  if (loose.empty()) return 0;
  const std::string index = TRY(write_pack(repository, loose));
  TRY(repository.sync());
  const Odb packed = TRY(objects_in(index));
  for (const Loose& each : loose)
    if (git_odb_exists(packed.get(), &each.id) == 1) TRY(sys::remove_file(each.path));
  return loose.size();
}

Result<std::size_t> pack_when_many(const Turn& turn, const Repository& repository) {
  const std::string sample = repository.path() + "/objects/17";
  if (!sys::exists(sample) || TRY(sys::list_directory(sample)).size() < kManyInOne) return 0;
  return pack(turn, repository);
}

}  // namespace lilux::git
