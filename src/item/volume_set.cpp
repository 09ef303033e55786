#include "item/volume_set.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/nearest.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"

namespace lilux::item {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kReadableMax = 40;

// A readable name that no other folder gets: "project-lilux-0123456789abcdef".
std::string repository_name(std::string_view kind, const std::string& folder, const std::string& called) {
  std::string readable;
  for (const char c : called.substr(0, kReadableMax)) readable += check_name(std::string(1, c)) ? c : '_';
  return std::string(kind) + "-" + readable + "-" + base::to_hex(base::sha256(folder)).substr(0, kHashDigits) + ".git";
}

std::string volumes_of(const sys::Folders& folders) {
  return folders.data + "/volumes/";
}

struct UserSpace {
  std::string variable;
  std::string folder;
};

std::optional<UserSpace> user_space(const sys::Environment& environment) {
  for (const char* name : {"USER_SPACE", "AI_USER_SPACE"}) {
    const auto value = environment(name);
    if (value && value->starts_with('/')) return UserSpace{.variable = name, .folder = *value};
  }
  return std::nullopt;
}

// What holds more than a user's items is none's volume: all of a home, of a system, or Lilux's own data.
bool is_absurd(const std::string& folder, const sys::Folders& folders) {
  for (const std::string& inner : {folders.home, folders.data, folders.state, folders.config})
    if (!inner.empty() && sys::is_beneath(inner, folder)) return true;
  const auto system = {"/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin", "/sys", "/usr"};
  const auto holds = [&](const char* place) { return sys::is_beneath(folder, place); };
  return folder == "/" || std::ranges::any_of(system, holds) || sys::is_beneath(folder, folders.data);
}

std::unexpected<base::Error> two_of_one_name(const Hit& one, const Hit& other, const std::string& folder) {
  return fail(ErrorCode::conflict,
              "two items of one name in " + sys::quoted(folder) + ": " + sys::quoted(one.item.path) + " and " +
                  sys::quoted(other.item.path),
              "rename or remove one of them");
}

// With why what has that name is none, or with the nearest of the names there are.
std::unexpected<base::Error> no_such_item(const std::vector<Volume>& volumes, Kind kind, std::string_view name,
                                          const VolumeSet::Tells& tells) {
  const std::string what(enum_names(kind)[static_cast<std::size_t>(kind)]);
  std::set<std::string> others;
  for (const Volume& volume : volumes) {
    const Listing listing = volume.list({.kind = kind});
    const auto is_told = [&](const Listed& listed) { return listed.place && (!tells || tells(volume, listed)); };
    for (const Listed& other : listing.passed_by)
      if (is_told(other) && other.place->name == name)
        return fail(ErrorCode::unavailable,
                    what + " " + sys::quoted(name) + " cannot be used: " + sys::quoted(volume.at(other.path)) + " " +
                        other.broken,
                    "put the file itself there, or remove it");
    for (const Listed& listed : listing.items)
      if (is_told(listed)) others.insert(listed.place->name);
  }
  const std::vector<std::string_view> names(others.begin(), others.end());
  return fail(ErrorCode::not_found, "no " + what + " " + sys::quoted(name),
              base::guess(name, names, "see what there is: lilux item list --kind " + what));
}

// Skills that other programs read are there to be read as well, where their folder is one: nothing is written there, so
// there is no repository.
void add_of_others(const VolumePlace& own, const std::string& root, std::vector<VolumePlace>& places) {
  for (const char* name : {"/.agents", "/.claude"}) {
    const std::string folder = root + name;
    const Result<sys::Stat> outer = sys::lstat(folder);
    const Result<sys::Stat> skills = sys::lstat(folder + "/skills");
    if (outer && skills && outer->is_directory() && skills->is_directory())
      places.push_back({.scope = own.scope, .owner = own.owner, .folder = folder});
  }
}

}  // namespace

Result<VolumePlace> project_volume(const sys::Folders& folders, const std::string& user, const std::string& project) {
  const std::string folder = TRY(sys::resolve(project, "/", sys::Final::follow));
  return VolumePlace{.scope = Scope::project,
                     .owner = user,
                     .folder = folder + "/.ai",
                     .repository = volumes_of(folders) + repository_name("project", folder, sys::name_of(folder))};
}

Result<VolumePlace> user_volume(const sys::Folders& folders, const std::string& user,
                                const sys::Environment& environment) {
  const std::optional<UserSpace> named = user_space(environment);
  const std::string wanted = named ? named->folder : folders.home + "/.ai";
  const std::string folder = TRY(sys::resolve(wanted, "/", sys::Final::follow));
  if (named && is_absurd(folder, folders))
    return fail(ErrorCode::invalid_argument,
                named->variable + "=" + sys::quoted(named->folder) + " is no folder for items",
                "name one that holds nothing else, as ~/.ai does, or leave it unset");
  return VolumePlace{.scope = Scope::user,
                     .owner = user,
                     .folder = folder,
                     .repository = volumes_of(folders) + repository_name("user", folder, user)};
}

Result<VolumePlace> team_volume(const sys::Folders& folders, const std::string& team) {
  auto fits = check_name(team);
  if (!fits) return base::in_context(std::move(fits).error(), "team");
  return VolumePlace{.scope = Scope::team,
                     .owner = team,
                     .folder = volumes_of(folders) + "teams/" + team,
                     .repository = volumes_of(folders) + "team-" + team + ".git"};
}

VolumePlace system_volume(const sys::Folders& folders) {
  return {.scope = Scope::system,
          .folder = volumes_of(folders) + "system",
          .repository = volumes_of(folders) + "system.git"};
}

Result<VolumeSet> VolumeSet::open(const sys::Folders& folders, const VolumesWanted& wanted,
                                  const sys::Environment& environment) {
  std::vector<VolumePlace> places;
  const VolumePlace user = TRY(user_volume(folders, wanted.user, environment));
  if (wanted.project) {
    VolumePlace project = TRY(project_volume(folders, wanted.user, *wanted.project));
    // A project that is the user's home has one volume, not two.
    if (project.folder != user.folder) {
      places.push_back(project);
      add_of_others(project, sys::parent_of(project.folder), places);
    }
  }
  places.push_back(user);
  add_of_others(user, folders.home, places);
  for (const std::string& team : wanted.teams) places.push_back(TRY(team_volume(folders, team)));
  places.push_back(system_volume(folders));
  std::vector<Volume> volumes;
  for (VolumePlace& place : places) volumes.push_back(TRY(Volume::open(std::move(place))));
  return VolumeSet(std::move(volumes));
}

const Volume* VolumeSet::find(Scope scope, std::string_view owner) const {
  const auto found = std::ranges::find_if(volumes_, [&](const Volume& volume) {
    return volume.place().scope == scope && (owner.empty() || volume.place().owner == owner);
  });
  return found == volumes_.end() ? nullptr : &*found;
}

Result<std::vector<Hit>> VolumeSet::resolve(Kind kind, std::string_view name, const Counts& counts,
                                            const Tells& tells) const {
  std::vector<Hit> found;
  std::vector<Hit> behind;
  for (std::size_t i = 0; i < volumes_.size(); ++i) {
    std::vector<Hit>& into = !counts || counts(volumes_[i]) ? found : behind;
    for (Listed& listed : volumes_[i].list({.kind = kind, .name = name}).items)
      if (listed.place && (!tells || tells(volumes_[i], listed)))
        into.push_back({.volume = i, .item = std::move(listed)});
  }
  std::ranges::move(behind, std::back_inserter(found));
  if (found.empty()) return no_such_item(volumes_, kind, name, tells);
  const auto first = std::ranges::count_if(found, [&](const Hit& hit) { return hit.volume == found.front().volume; });
  if (first > 1) return two_of_one_name(found[0], found[1], volumes_[found.front().volume].place().folder);
  return found;
}

}  // namespace lilux::item
