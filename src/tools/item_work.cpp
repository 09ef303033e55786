#include "tools/item_work.h"

#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"
#include "tools/knowledge_lists.h"
#include "tools/volume_restore.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using policy::Risk;
using policy::Verb;

namespace {

// What comes or goes with the file, and for a note the list beside all of them.
std::vector<std::string> touched(const Work& work, const std::string& file, const std::string& topmost) {
  std::vector<std::string> paths = with_folders(file, topmost);
  if (work.path.starts_with("knowledge/")) paths.push_back(work.volume->at(knowledge::kIndex));
  return paths;
}

// A skill that goes with its folder.
volume_tools::Touched touched_of(const Work& work) {
  volume_tools::Touched touched{.files = work.others};
  touched.files.push_back(work.path);
  const std::string folder = sys::parent_of(work.volume->at(work.path));
  for (const std::string& file : touched.files) touched.folders.emplace(file, folder);
  return touched;
}

// All its files by one commit, as they were seen.
Result<item::Changed> remove_all(const Work& work, const item::Reason& reason) {
  const volume_tools::Touched touched = touched_of(work);
  std::vector<git::Change> changes;
  for (const std::string& file : touched.files)
    changes.push_back({.path = file, .expected = stamp_of(TRY(content_at(*work.volume, file)))});
  item::Changed changed = TRY(work.volume->change(changes, reason));
  for (const auto& [file, folder] : touched.folders) remove_folders(*work.volume, file, folder);
  return changed;
}

// The call that takes it back. What was there goes into the object store, as pre-images of files do.
Result<JsonObject> inverse_of(const CallContext& call, const Work& work) {
  if (!work.others.empty()) return volume_tools::inverse_of(call, *work.volume, touched_of(work));
  const std::string source = source_name(work.volume->place());
  JsonObject arguments{{"source", source}, {"path", work.path}};
  if (work.before) {
    const std::string object = TRY(call.kernel().store().put(work.before->bytes));
    arguments.set("content_object", object);
    arguments.set("seal", seal_of(call, source, work.path, object));
  }
  const std::string file = work.volume->at(work.path);
  const auto missing = folder_for(*work.volume, work.path);
  if (!work.before && missing) arguments.set("folder", *missing);
  arguments.set("expected", work.after ? TRY(git::content_id(*work.after)) : std::string());
  if (work.before && work.before->mode == git::Mode::executable) arguments.set("executable", true);
  if (const Result<sys::Stat> found = sys::lstat(file); work.before && found && !work.is_lost)
    arguments.set("modified_ns", found->modified_ns);
  return JsonObject{
      {"tool", "item.restore"},
      {"arguments", std::move(arguments)},
      {"folders", kernel::times_around(touched(work, file, missing.value_or(work.folder.value_or(file))))}};
}

}  // namespace

std::optional<std::string> folder_for(const item::Volume& volume, const std::string& path) {
  const std::string& folder = volume.place().folder;
  const std::string file = folder + "/" + path;
  const std::string missing = first_missing(file);
  if (missing == file) return std::nullopt;
  return sys::is_beneath(missing, folder) ? missing : folder;
}

std::vector<std::string> with_folders(const std::string& file, const std::string& topmost) {
  std::vector<std::string> paths{file};
  for (std::string up = sys::parent_of(file); sys::is_beneath(up, topmost); up = sys::parent_of(up))
    paths.push_back(up);
  return paths;
}

void remove_folders(const item::Volume& volume, const std::string& path, const std::string& topmost) {
  for (std::string folder = sys::parent_of(volume.at(path)); sys::is_beneath(folder, topmost);
       folder = sys::parent_of(folder)) {
    const Result<void> removed = sys::remove_directory(folder);
    if (!removed && removed.error().code != ErrorCode::not_found) return;
  }
}

std::string stamp_of(const std::optional<item::Content>& content) {
  return content ? content->stamp : std::string();
}

Result<std::optional<item::Content>> content_at(const item::Volume& volume, const std::string& path) {
  Result<item::Content> content = volume.read(path);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == ErrorCode::not_found) return std::optional<item::Content>();
  return std::unexpected(std::move(content.error()));
}

std::string seal_of(const CallContext& call, const std::string& source, const std::string& path,
                    const std::string& object) {
  const std::string text = "restore\n" + source + "\n" + path + "\n" + object + "\n" + call.caller().project;
  return call.kernel().digest_secret(text).substr(kernel::kSecretMark.size());  // it is no secret of the arguments
}

Result<void> check_seal(const CallContext& call, const std::string& source, const std::string& path,
                        const std::optional<std::string>& object, const std::optional<std::string>& seal) {
  if (!object || seal == seal_of(call, source, path, *object)) return {};
  return fail(ErrorCode::denied, "that object is not what stood at " + sys::quoted(path),
              "`lilux undo <call>` puts it back");
}

bool is_knowledge_list(std::string_view path) {
  return path == knowledge::kTies || path == knowledge::kIndex;
}

Result<Assessment> assessed(const CallContext& call, const Volumes& volumes, const Work& work) {
  const item::VolumePlace& place = work.volume->place();
  TRY(volumes.check_writer(*work.volume));
  Assessment made{.risk = work.before ? Risk::medium : Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + work.path});
  for (const std::string& other : work.others)
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + other});
  if (place.scope == item::Scope::team) {
    made.risk = Risk::high;
    made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "promote/" + source_name(place)});
  }
  made.inverse = TRY(inverse_of(call, work));
  return made;
}

Result<std::string> done(CallContext& call, const Volumes& volumes, const Work& work) {
  if (!volume_tools::is_as_judged(call, TRY(inverse_of(call, work))))
    return fail(ErrorCode::conflict, sys::quoted(work.path) + " was changed while this call was under way",
                "make the call again");
  const std::string expected = stamp_of(work.before);
  const item::Reason reason = reason_of(call, volumes);
  if (work.is_lost) {
    TRY(work.volume->write({.path = work.path, .bytes = work.before->bytes, .expected = ""}, reason));
    call.begins();
  }
  const Result<item::Changed> changed =
      !work.others.empty() ? remove_all(work, reason)
      : work.after         ? work.volume->write(
                         {.path = work.path, .bytes = *work.after, .mode = work.mode, .expected = expected}, reason)
                   : work.volume->remove(work.path, expected, reason);
  // Who is told of a conflict has changed nothing; after anything else the volume may have.
  if (changed || changed.error().code != ErrorCode::conflict) call.begins();
  std::string commit = TRY(Result<item::Changed>(changed)).commit;
  knowledge::keep_lists(call, volumes, *work.volume, work.path);
  return commit;
}

}  // namespace lilux::tools::item_tools
