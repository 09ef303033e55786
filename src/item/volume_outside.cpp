#include "item/volume_outside.h"

#include <map>
#include <set>

#include "base/escape.h"
#include "base/time.h"
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

constexpr std::size_t kCommitsMax = 1000;  // of one file

std::string first_line(const std::string& message) {
  return base::escape_line(message.substr(0, message.find('\n')));
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

Result<std::string> other_writer(const Volume& volume, const git::Change& file) {
  const Result<Content> there = volume.read(file.path);
  if (!there && there.error().code == ErrorCode::not_found) return std::string();
  const Content now = TRY(Result<Content>(there));
  if (file.bytes && now.bytes == *file.bytes && now.mode == file.mode) return std::string();
  const std::vector<git::Record> records = TRY(volume.history({.path = file.path, .limit = kCommitsMax}));
  const auto is_of = [&](const git::Record& record) -> Result<bool> {
    const git::Repository repository = TRY(volume.repository());
    const auto said = TRY(repository.find(record.id, file.path));
    return said && said->id == now.stamp && said->mode == now.mode;
  };
  for (const git::Record& record : records)
    if (record.message.starts_with(kPromote) && TRY(is_of(record))) return std::string();
  if (records.empty() || !TRY(is_of(records.front()))) return "it was changed by hand, and that is not committed yet";
  const git::Record& last = records.front();
  return last.author.name + " changed it at " + base::format_time(last.time_us) + ": " + first_line(last.message);
}

}  // namespace lilux::item
