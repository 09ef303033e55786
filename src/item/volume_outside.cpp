#include "item/volume_outside.h"

#include <map>
#include <set>

#include "sys/file.h"

namespace lilux::item {

using base::ErrorCode;
using base::Result;

namespace {

Result<std::map<std::string, git::File>> committed(const Volume& volume) {
  std::map<std::string, git::File> known;
  if (!sys::exists(volume.place().repository)) return known;
  const git::Repository repository = TRY(volume.repository());
  if (!TRY(repository.tip(git::kMain))) return known;
  for (git::File& file : TRY(repository.list(git::kMain))) known.emplace(file.path, std::move(file));
  return known;
}

}  // namespace

Result<std::vector<std::string>> uncommitted(const Volume& volume, const std::optional<std::string>& path) {
  const std::map<std::string, git::File> known = TRY(committed(volume));
  std::set<std::string> paths;
  if (path) {
    paths.insert(*path);
  } else {
    for (const auto& [name, file] : known) paths.insert(name);
    for (const Listed& listed : volume.list().items) paths.insert(listed.path);
  }
  std::vector<std::string> changed;
  for (const std::string& each : paths) {
    const Result<Content> there = volume.read(each);
    const auto before = known.find(each);
    const bool is_gone = !there && there.error().code == ErrorCode::not_found;
    const bool is_same = before == known.end()
                             ? is_gone
                             : there && there->stamp == before->second.id && there->mode == before->second.mode;
    if (!is_same) changed.push_back(each);
  }
  return changed;
}

}  // namespace lilux::item
