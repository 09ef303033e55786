#include "tools/volumes.h"

#include <algorithm>

#include "base/hash.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "policy/policy.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/path.h"
#include "text/shell.h"
#include "tools/system_items.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using item::Scope;
using kernel::CallContext;

namespace {

constexpr std::string_view kTeam = "team:";

sys::Folders folders_of(const CallContext& call) {
  const kernel::Folders& folders = call.kernel().folders();
  return {.home = folders.home,
          .config = folders.config.string(),
          .data = folders.data.string(),
          .state = folders.state.string(),
          .runtime = folders.runtime.string()};
}

// A folder of that name is a team that this user is in.
std::vector<std::string> teams_of(const sys::Folders& folders) {
  std::vector<std::string> teams;
  const auto entries = sys::list_directory(folders.data + "/volumes/teams");
  if (!entries) return teams;
  for (const sys::Entry& entry : *entries) {
    if (entry.type == sys::FileType::directory && item::check_name(entry.name) && !entry.name.ends_with(".git"))
      teams.push_back(entry.name);
  }
  return teams;
}

std::string digest_of_system_items() {
  std::string all;
  for (const SystemItem& one : system_items()) all.append(one.path).append("\n").append(one.text).append("\n");
  return base::to_hex(base::sha256(all));
}

// Looks only at what was filled in last, so that it costs nothing as long as the program is the same.
Result<void> fill_system(const sys::Folders& folders) {
  static const std::string kDigest = digest_of_system_items();
  const std::string mark = folders.data + "/volumes/system.filled";
  constexpr std::size_t kMarkBytesMax = 200;
  const bool is_there = sys::exists(item::system_volume(folders).folder);
  if (const auto filled = sys::read_file(mark, kMarkBytesMax); is_there && filled && *filled == kDigest) return {};
  std::vector<item::Shipped> files;
  for (const SystemItem& one : system_items()) files.push_back({.path = one.path, .bytes = one.text});
  TRY(sys::make_directories(folders.data + "/volumes", 0700));
  TRY(item::fill(TRY(item::Volume::open(item::system_volume(folders))), files, LILUX_VERSION));
  return sys::write_file_atomic(mark, kDigest);
}

// What other programs keep in the home is there for the person whose home it is, and for whom nobody has to be asked.
Result<item::VolumeSet> readable(const CallContext& call, item::VolumeSet all) {
  const auto is_of_others = [](const item::Volume& volume) {
    return volume.place().scope == Scope::user && volume.place().repository.empty();
  };
  if (std::ranges::none_of(all.volumes(), is_of_others)) return all;
  const auto rules = TRY(call.kernel().rules(call.caller().project));
  std::vector<item::Volume> kept;
  for (const item::Volume& volume : all.volumes()) {
    const policy::Need need = read_need(volume);
    const policy::Question question{.tool = call.request().tool, .needs = {&need, 1}, .who = call.caller().principal};
    const policy::Effect effect = rules->decide(question).effect;
    const bool is_person = call.caller().principal == policy::Principal::terminal;
    const bool is_there = effect == policy::Effect::allow || (is_person && effect != policy::Effect::deny);
    if (!is_of_others(volume) || is_there) kept.push_back(volume);
  }
  return item::VolumeSet(std::move(kept));
}

}  // namespace

std::string nearest_source(const CallContext& call) {
  return call.caller().project.empty() ? "user" : "project";
}

std::string source_name(const item::VolumePlace& place) {
  const std::string scope(base::enum_name(place.scope));
  if (place.repository.empty()) return scope + "/" + sys::name_of(place.folder);
  return place.scope == Scope::team ? std::string(kTeam) + place.owner : scope;
}

std::string path_of(const FoundItem& found) {
  return found.volume->at(found.listed.path);
}

std::string way_to_stamp(const FoundItem& found) {
  const item::VolumePlace& volume = found.volume->place();
  const item::Place& place = found.listed.place.value();
  return "look at it; then `lilux item update " + std::string(base::enum_name(place.kind)) + " " +
         text::quote(place.name) +
         (volume.scope == Scope::project ? "" : " --location " + text::quote(source_name(volume))) + "` stamps it";
}

policy::Need read_need(const item::Volume& volume) {
  return {.verb = policy::Verb::read, .resource = "fs", .target = volume.place().folder};
}

std::string ending_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find('/', dot) != std::string::npos ? std::string() : path.substr(dot + 1);
}

Result<ReadItem> read_item(const FoundItem& found) {
  if (!found.listed.broken.empty())
    return fail(ErrorCode::unavailable, sys::quoted(path_of(found)) + " cannot be read: " + found.listed.broken,
                "mend the file or its folder");
  item::Content content = TRY(found.volume->read(found.listed.path));
  item::Item item =
      item::parse(found.listed.place.value_or(item::Place{}), content.bytes, ending_of(found.listed.path));
  return ReadItem{.item = std::move(item), .content = std::move(content)};
}

Result<ReadItem> read_version(const FoundItem& found, const std::string& version) {
  constexpr std::size_t kLookedAt = 1000;
  ReadItem now = TRY(read_item(found));
  if (now.item.version == version) return now;
  const std::string& path = found.listed.path;
  const auto records = TRY(found.volume->history({.path = path, .limit = kLookedAt}));
  for (const git::Record& record : records) {
    const auto bytes = TRY(TRY(found.volume->repository()).read(record.id, path, item::kItemBytesMax));
    if (!bytes) continue;
    item::Item then = item::parse(now.item.place, *bytes, ending_of(path));
    if (then.version != version) continue;
    return ReadItem{.item = std::move(then), .content = {.bytes = *bytes, .mode = now.content.mode}};
  }
  const std::string what = now.item.version.empty() ? "has no version" : "is version " + now.item.version;
  return fail(ErrorCode::not_found,
              sys::quoted(path_of(found)) + " " + what + " and was never " + version + " as far as is known",
              "`lilux volume history` shows what it was");
}

Result<Volumes> Volumes::of(const CallContext& call) {
  const sys::Folders folders = folders_of(call);
  TRY(fill_system(folders));
  const std::string& project = call.caller().project;
  const std::string user = sys::user_name();
  item::VolumesWanted wanted{.user = user, .teams = teams_of(folders)};
  if (!project.empty()) wanted.project = project;
  item::Actor actor{.id = user, .teams = wanted.teams, .may_promote = true};  // whether it may, the policy says
  const bool is_trusted = kernel::is_trusted(call.kernel().folders(), project);
  return Volumes(TRY(readable(call, TRY(item::VolumeSet::open(folders, wanted)))), std::move(actor), is_trusted,
                 TRY(Sight::of(call)), TRY(Sight::of(call, "item.load")));
}

bool Volumes::is_trusted(const item::Volume& volume) const {
  return volume.place().scope != Scope::project || is_trusted_;
}

Result<void> Volumes::check_access(item::Verb verb, const item::Volume& volume) const {
  TRY(volume.check_ours());
  return item::check_access(actor_, verb, {.scope = volume.place().scope, .owner = volume.place().owner});
}

Result<void> Volumes::check_writer(const item::Volume& volume) const {
  return check_access(volume.place().scope == Scope::team ? item::Verb::promote : item::Verb::write, volume);
}

std::vector<policy::Need> Volumes::read_needs() const {
  std::vector<policy::Need> needs;
  for (const item::Volume& volume : set_.volumes())
    if (volume.check_ours()) needs.push_back(read_need(volume));
  return needs;
}

bool Volumes::may_tell(const item::Volume& volume, const std::string& path) const {
  const std::string file = volume.at(path);
  return !sight_.is_denied(file) || !loading_.is_denied(file);
}

git::Tells Volumes::tells_of(const item::Volume& volume) const {
  return [this, &volume](const std::string& path) { return may_tell(volume, path); };
}

Result<void> Volumes::check_seen(const item::Volume& volume, const std::vector<std::string>& files) const {
  if (!std::ranges::all_of(files, tells_of(volume)))
    return fail(ErrorCode::denied, "the rules do not let all of it be read, and nothing of it goes unseen",
                "`lilux policy list` shows the rules; whom they let read all of volume " + source_name(volume.place()) +
                    " can do it");
  for (const std::string& file : files) {
    const std::string path = volume.at(file);
    if (sight_.is_denied(path))
      return fail(ErrorCode::denied, "the rules do not let " + sys::quoted(path) + " be read, which is part of it",
                  "`lilux policy test 'read fs " + path + "'` says which rule");
  }
  return {};
}

Result<void> Volumes::check_told(const item::Volume& volume, const std::string& path) const {
  if (may_tell(volume, path)) return {};
  const std::string file = volume.at(path);
  return fail(ErrorCode::denied,
              "the rules do not let " + sys::quoted(file) + " be read, so nothing is written there unseen",
              "`lilux policy test 'read fs " + file + "'` says which rule; or choose another name");
}

Result<const item::Volume*> Volumes::named(std::string_view source) const {
  std::string names;
  for (const item::Volume& volume : set_.volumes()) {
    const std::string name = source_name(volume.place());
    if (name == source) return &volume;
    names += (names.empty() ? "" : ", ") + name;
  }
  return fail(ErrorCode::not_found, "there is no volume " + sys::quoted(std::string(source)) + " here",
              "there are " + names);
}

Result<std::vector<FoundItem>> Volumes::all(item::Kind kind, const std::string& name,
                                            const std::optional<std::string>& source) const {
  const item::Volume* only = source ? TRY(named(*source)) : nullptr;
  // What nobody trusts stands in for nothing.
  const auto counts = [&](const item::Volume& volume) { return only ? only == &volume : is_trusted(volume); };
  const auto tells = [&](const item::Volume& volume, const item::Listed& listed) {
    return may_tell(volume, listed.path);
  };
  std::vector<FoundItem> found;
  for (item::Hit& hit : TRY(set_.resolve(kind, name, counts, tells))) {
    const item::Volume& volume = set_.volumes()[hit.volume];
    if (!only || only == &volume) found.push_back({.volume = &volume, .listed = std::move(hit.item)});
  }
  if (!found.empty()) return found;
  return fail(ErrorCode::not_found,
              "there is no " + std::string(base::enum_name(kind)) + " " + sys::quoted(name) + " in " + *source,
              "`lilux item which " + std::string(base::enum_name(kind)) + " " + text::quote(name) +
                  "` shows where there is one");
}

Result<FoundItem> Volumes::find(item::Kind kind, const std::string& name,
                                const std::optional<std::string>& source) const {
  return TRY(all(kind, name, source)).front();
}

}  // namespace lilux::tools
