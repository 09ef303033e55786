#include "tools/volume_restore.h"

#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "tools/item_reason.h"
#include "tools/item_work.h"

namespace lilux::tools::volume_tools {

using base::ErrorCode;
using base::fail;
using policy::Risk;
using policy::Verb;

namespace {

// What is emptied by taking a file away is taken away with it, within the volume.
std::optional<std::string> going_with(const item::Volume& volume, const FileRow& file) {
  const bool goes = !file.content_object && file.folder && sys::is_beneath(*file.folder, volume.place().folder);
  return goes ? file.folder : std::nullopt;
}

std::string remerge_seal(const CallContext& call, const std::string& source, const RemergeRow& row) {
  return item_tools::seal_of(call, source, row.again ? "merged again" : "merge taken back", row.merged);
}

std::optional<item::Remerge> remerge_of(const RestoreRequest& request) {
  if (!request.remerge) return std::nullopt;
  return item::Remerge{.merged = request.remerge->merged, .is_again = request.remerge->again};
}

Result<void> check_remerge(const CallContext& call, const RestoreRequest& request) {
  if (!request.remerge || request.remerge->seal == remerge_seal(call, request.source, *request.remerge)) return {};
  return fail(ErrorCode::denied, "no merge of " + sys::quoted(request.remerge->merged) + " is to be changed by this",
              "`lilux undo <call>` takes a merge back");
}

}  // namespace

Result<base::JsonObject> inverse_of(const CallContext& call, const item::Volume& volume, const Touched& touched) {
  RestoreRequest back{.source = source_name(volume.place()), .files = {}, .remerge = {}};
  if (touched.remerge) {
    back.remerge = RemergeRow{.merged = touched.remerge->merged, .seal = {}, .again = !touched.remerge->is_again};
    back.remerge->seal = remerge_seal(call, back.source, *back.remerge);
  }
  std::vector<std::string> paths;
  for (const std::string& file : touched.files) {
    FileRow row{.path = file, .folder = item_tools::folder_for(volume, file)};
    const std::string path = volume.at(file);
    const auto going = touched.folders.find(file);
    const std::string topmost = row.folder ? *row.folder : going != touched.folders.end() ? going->second : path;
    for (std::string& each : item_tools::with_folders(path, topmost)) paths.push_back(std::move(each));
    if (const auto content = TRY(item_tools::content_at(volume, file))) {
      row.content_object = TRY(call.kernel().store().put(content->bytes));
      row.seal = item_tools::seal_of(call, back.source, file, *row.content_object);
      row.modified_ns = TRY(sys::lstat(path)).modified_ns;
      row.executable = content->mode == git::Mode::executable;
    }
    back.files.push_back(std::move(row));
  }
  return base::JsonObject{
      {"tool", "volume.restore"}, {"arguments", base::encode(back)}, {"folders", kernel::times_around(paths)}};
}

Result<Assessment> writes(const CallContext& call, const Volumes& volumes, const item::Volume& volume,
                          const Touched& touched) {
  const item::VolumePlace& place = volume.place();
  const bool is_team = place.scope == item::Scope::team;
  TRY(volumes.check_writer(volume));
  Assessment made{.risk = is_team ? Risk::high : Risk::medium};
  if (is_team)
    made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "promote/" + source_name(place)});
  for (const std::string& file : touched.files) {
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + file});
    made.paths.push_back(place.folder + "/" + file);
  }
  if (touched.files.empty()) made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder});
  made.inverse = TRY(inverse_of(call, volume, touched));
  return made;
}

// The times of folders may differ: others work there too.
bool is_as_judged(const CallContext& call, const base::JsonObject& inverse) {
  const Assessment* let_through = call.assessment();
  if (!let_through || !let_through->inverse) return true;
  const auto is_same = [&](std::string_view member) {
    const base::Json* was = let_through->inverse->find(member);
    const base::Json* now = inverse.find(member);
    return was && now ? *was == *now : was == now;
  };
  return is_same("arguments") && is_same("of");
}

Result<void> check_same(const CallContext& call, const item::Volume& volume, const Touched& touched) {
  if (is_as_judged(call, TRY(inverse_of(call, volume, touched)))) return {};
  return fail(ErrorCode::conflict, "the volume was changed while this call was under way", "make the call again");
}

Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  TRY(check_remerge(call, request));
  Touched touched{.remerge = remerge_of(request)};
  for (const FileRow& file : request.files) {
    touched.files.push_back(file.path);
    if (const auto folder = going_with(volume, file)) touched.folders.emplace(file.path, *folder);
  }
  return writes(call, volumes, volume, touched);
}

Result<ChangedResponse> restore(CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  TRY(check_remerge(call, request));
  std::vector<git::Change> changes;
  for (const FileRow& file : request.files) {
    TRY(item_tools::check_seal(call, request.source, file.path, file.content_object, file.seal));
    const auto now = TRY(item_tools::content_at(volume, file.path));
    git::Change change{.path = file.path};
    if (file.executable.value_or(false)) change.mode = git::Mode::executable;
    if (file.content_object) change.bytes = TRY(call.kernel().store().get(*file.content_object));
    if (change.bytes ? !now || now->bytes != *change.bytes : now.has_value()) changes.push_back(std::move(change));
  }
  ChangedResponse response{.source = request.source};
  call.begins();
  if (!changes.empty() || request.remerge)
    response.commit = TRY(volume.change(changes, reason_of(call, volumes), remerge_of(request))).commit;
  for (const FileRow& file : request.files) {
    if (const auto folder = going_with(volume, file)) item_tools::remove_folders(volume, file.path, *folder);
    const std::string path = volume.at(file.path);
    if (const auto found = sys::lstat(path); found && file.modified_ns)
      TRY(sys::set_times(path, {.accessed_ns = found->accessed_ns, .modified_ns = *file.modified_ns}));
  }
  return response;
}

}  // namespace lilux::tools::volume_tools
