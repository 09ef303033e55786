#include "item/volume.h"

#include <algorithm>
#include <set>

#include "base/field.h"
#include "git/names.h"
#include "git/turn.h"
#include "item/volume_change.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"

namespace lilux::item {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kSkillFilesMax = 500;
constexpr std::size_t kSkillBytesMax = std::size_t{32} << 20;

std::vector<std::string> parents_of(const std::string& base) {
  return base.empty() ? std::vector<std::string>{} : std::vector{base};
}

git::Remark remark_of(const Reason& reason) {
  return {.author = reason.author, .message = reason.text};
}

std::unexpected<base::Error> no_file(const VolumePlace& place, const std::string& path) {
  return fail(ErrorCode::not_found, "no " + sys::quoted(path) + " in " + sys::quoted(place.folder), "lilux item list");
}

std::vector<std::string> paths_of(const std::vector<git::Change>& changes) {
  std::vector<std::string> paths;
  for (const git::Change& each : changes) paths.push_back(each.path);
  return paths;
}

Result<void> check_path(const std::string& path) {
  TRY(git::check_file_path(path));
  return check_shown(path, "choose a name without a dot in front");
}

}  // namespace

Result<Volume> Volume::open(VolumePlace place) {
  place.folder = TRY(sys::resolve(place.folder, "/", sys::Final::follow));
  if (!place.repository.empty()) place.repository = TRY(sys::resolve(place.repository, "/", sys::Final::follow));
  Folder folder(place.folder);
  if (!place.repository.empty() && sys::exists(place.repository)) TRY(settle(place.repository, folder));
  return Volume(std::move(place), std::move(folder));
}

Result<void> Volume::check_ours() const {
  if (!place_.repository.empty()) return {};
  return fail(ErrorCode::denied, sys::quoted(place_.folder) + " is another program's: Lilux only reads it",
              "`lilux import` brings over what lies there");
}

Result<git::Repository> Volume::repository() const {
  TRY(check_ours());
  return git::Repository::open(place_.repository);
}

Result<git::Repository> Volume::need_repository() const {
  TRY(check_ours());
  return git::Repository::open_or_create(place_.repository);
}

Result<Content> Volume::read(const std::string& path) const {
  auto found = TRY(folder_.read(path));
  if (!found) return no_file(place_, path);
  return std::move(*found);
}

Result<Changed> Volume::write(const Write& write, const Reason& reason) const {
  TRY(check_path(write.path));
  const git::Repository repository = TRY(need_repository());
  Changed changed;
  changed.commit = TRY(advance(repository, folder_, {write.path}, [&](const std::string& base) -> Result<std::string> {
    changed.before = TRY(folder_.read(write.path));
    const git::Mode mode = write.mode.value_or(changed.before ? changed.before->mode : git::Mode::plain);
    const git::Change change{.path = write.path, .bytes = write.bytes, .mode = mode, .expected = write.expected};
    return git::build_commit(repository, parents_of(base), {change}, remark_of(reason));
  }));
  return changed;
}

Result<Changed> Volume::remove(const std::string& path, const std::optional<std::string>& expected,
                               const Reason& reason) const {
  TRY(check_path(path));
  const git::Repository repository = TRY(need_repository());
  Changed changed;
  changed.commit = TRY(advance(repository, folder_, {path}, [&](const std::string& base) -> Result<std::string> {
    changed.before = TRY(folder_.read(path));
    if (!changed.before) return no_file(place_, path);
    return git::build_commit(repository, parents_of(base), {{.path = path, .expected = expected}}, remark_of(reason));
  }));
  return changed;
}

Result<Changed> Volume::rename(const std::string& from, const std::string& to, const Reason& reason) const {
  TRY(check_path(from));
  TRY(check_path(to));
  const git::Repository repository = TRY(need_repository());
  Changed changed;
  changed.commit = TRY(advance(repository, folder_, {from, to}, [&](const std::string& base) -> Result<std::string> {
    changed.before = TRY(folder_.read(from));
    if (!changed.before) return no_file(place_, from);
    if (TRY(folder_.read(to)))
      return fail(ErrorCode::conflict, sys::quoted(to) + " is there already",
                  "remove it first, or choose another name");
    const git::Change there{.path = to, .bytes = changed.before->bytes, .mode = changed.before->mode};
    return git::build_commit(repository, parents_of(base), {{.path = from}, there}, remark_of(reason));
  }));
  return changed;
}

Result<Changed> Volume::change(const std::vector<git::Change>& changes, const Reason& reason,
                               const std::optional<Remerge>& remerge) const {
  for (const git::Change& each : changes) TRY(check_path(each.path));
  const git::Repository repository = TRY(need_repository());
  git::Remark remark = remark_of(reason);
  if (remerge && !remerge->is_again) remark.takes_back = remerge->merged;
  return Changed{.commit = TRY(advance(repository, folder_, paths_of(changes), [&](const std::string& base) {
                   std::vector<std::string> parents = parents_of(base);
                   if (remerge && remerge->is_again) parents.push_back(remerge->merged);
                   return git::build_commit(repository, parents, changes, remark);
                 }))};
}

Result<std::string> Volume::take_in(const std::vector<std::string>& paths) const {
  for (const std::string& path : paths) TRY(check_path(path));
  const git::Repository repository = TRY(need_repository());
  return advance(repository, folder_, paths, [](const std::string& base) -> Result<std::string> { return base; });
}

Result<std::vector<git::Record>> Volume::history(const git::HistoryRequest& request) const {
  if (place_.repository.empty() || !sys::exists(place_.repository)) return std::vector<git::Record>{};
  const git::Repository repository = TRY(this->repository());
  if (!TRY(repository.tip(git::kMain))) return std::vector<git::Record>{};
  return git::history(repository, request);
}

Result<git::Diff> Volume::diff(const git::DiffRequest& request) const {
  return git::diff(TRY(repository()), request);
}

Result<Changed> Volume::revert(const std::string& commit, const Reason& reason) const {
  const git::Repository repository = TRY(this->repository());
  const std::string undone = TRY(repository.commit_at(commit));
  return Changed{.commit = TRY(advance(repository, folder_, {}, [&](const std::string& base) {
                   return git::build_revert(repository, base, undone, remark_of(reason));
                 }))};
}

Result<git::Merged> Volume::merge(const std::string& where, const std::vector<git::Resolution>& resolutions,
                                  const Reason& reason, const Judge& judge) const {
  const git::Repository repository = TRY(this->repository());
  const std::string theirs = TRY(repository.commit_at(where));
  git::Merged merged;
  const std::string newest = TRY(advance(repository, folder_, {}, [&](const std::string& base) -> Result<std::string> {
    if (base.empty()) {
      TRY(git::check_resolutions({}, resolutions));
      merged.commit = theirs;
    } else {
      merged = TRY(git::build_merge(repository, base, theirs, resolutions, remark_of(reason)));
    }
    if (judge && !merged.commit.empty()) TRY(judge(repository, base, merged.commit));
    return merged.commit;
  }));
  if (merged.conflicts.empty()) merged.commit = newest;
  return merged;
}

Result<std::vector<std::string>> files_of(const Volume& volume, const std::string& path) {
  if (!path.ends_with("/SKILL.md")) return std::vector<std::string>{path};
  return Folder(volume.place().folder).files_below(path.substr(0, path.rfind('/')), kSkillFilesMax);
}

Result<Copy> copy_of(const Volume& volume, const std::string& path) {
  const auto place = place_of(path);
  if (!place) return fail(ErrorCode::invalid_argument, sys::quoted(path) + " is no item", "lilux item list");
  Copy copy{.name = place->name, .from = volume.place().scope};
  std::size_t bytes = 0;
  for (const std::string& each : TRY(files_of(volume, path))) {
    Content content = TRY(volume.read(each));
    bytes += content.bytes.size();
    if (bytes > kSkillBytesMax)
      return fail(ErrorCode::over_budget,
                  sys::quoted(path) + " has more than " + std::to_string(kSkillBytesMax) + " bytes");
    copy.files.push_back({.path = each, .bytes = std::move(content.bytes), .mode = content.mode});
  }
  return copy;
}

Result<Changed> promote(const Copy& copy, const Volume& to, const std::optional<std::string>& branch,
                        const Reason& reason) {
  const Reason why{.author = reason.author,
                   .text = std::string(kPromote) + copy.name + "' from " + std::string(base::enum_name(copy.from)) +
                           ": " + reason.text};
  if (!branch || *branch == git::kMain) return to.change(copy.files, why);
  const git::Repository repository = TRY(git::Repository::open_or_create(to.place().repository));
  const bool is_new = !TRY(repository.tip(*branch)) && TRY(repository.tip(git::kMain));
  if (is_new) TRY(git::create_branch(repository, *branch, git::kMain));
  return Changed{.commit = TRY(git::commit(repository, *branch, copy.files, remark_of(why)))};
}

Result<void> fill(const Volume& volume, std::span<const Shipped> files, std::string_view version) {
  const Folder folder(volume.place().folder);
  std::vector<git::Change> changes;
  std::set<std::string_view> shipped;
  for (const Shipped& each : files) {
    shipped.insert(each.path);
    const std::string path(each.path);
    const auto there = TRY(folder.read(path));
    if (!there || there->bytes != each.bytes) changes.push_back({.path = path, .bytes = std::string(each.bytes)});
  }
  if (sys::exists(volume.place().repository)) {
    const git::Repository repository = TRY(volume.repository());
    if (TRY(repository.tip(git::kMain))) {
      for (const git::File& known : TRY(repository.list(git::kMain)))
        if (!shipped.contains(known.path)) changes.push_back({.path = known.path});
    }
  }
  if (changes.empty()) return {};
  TRY(volume.change(changes, {.author = {.name = "Lilux", .email = "system@lilux"},
                              .text = "Ship what belongs to Lilux " + std::string(version)}));
  return {};
}

}  // namespace lilux::item
