// item.create, item.update, item.delete, item.copy, item.restore: every change of an item is one file of a volume and
// one commit, and is taken back by another one.

#include <algorithm>

#include "base/escape.h"
#include "base/id.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/diff.h"
#include "tools/fs_common.h"
#include "tools/item.h"
#include "tools/item_rows.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kInlineBytesMax = std::size_t{16} << 10;  // a larger inverse is kept as an object

// What is to become of one file.
struct Work {
  const item::Volume* volume = nullptr;
  std::string path;
  std::optional<item::Content> before;
  std::optional<std::string> after;  // nothing: it goes
  std::vector<item::Problem> problems = {};
};

std::string stamp_of(const std::optional<item::Content>& content) {
  return content ? content->stamp : std::string();
}

Result<std::optional<item::Content>> content_at(const item::Volume& volume, const std::string& path) {
  Result<item::Content> content = volume.read(path);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == ErrorCode::not_found) return std::optional<item::Content>();
  return std::unexpected(std::move(content.error()));
}

// The call that takes it back. What is large goes into the object store, as pre-images of files do.
Result<JsonObject> inverse_of(const CallContext& call, const Work& work) {
  JsonObject arguments{{"source", source_name(work.volume->place())}, {"path", work.path}};
  if (work.before && work.before->bytes.size() > kInlineBytesMax)
    arguments.set("content_object", TRY(call.kernel().store().put(work.before->bytes)));
  else if (work.before)
    arguments.set("content", work.before->bytes);
  const std::string file = work.volume->place().folder + "/" + work.path;
  if (const std::string folder = first_missing(file); !work.before && folder != file) arguments.set("folder", folder);
  arguments.set("expected", work.after ? TRY(git::content_id(*work.after)) : std::string());
  return JsonObject{{"tool", "item.restore"}, {"arguments", std::move(arguments)}};
}

Result<Assessment> assessed(const CallContext& call, const Volumes& volumes, const Work& work) {
  const item::VolumePlace& place = work.volume->place();
  const item::Verb verb = place.scope == item::Scope::team ? item::Verb::promote : item::Verb::write;
  TRY(item::check_access(volumes.actor(), verb, {.scope = place.scope, .owner = place.owner}));
  Assessment made{.risk = work.before ? Risk::medium : Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + work.path});
  if (place.scope == item::Scope::team) {
    made.risk = Risk::high;
    made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "promote/" + source_name(place)});
  }
  made.inverse = TRY(inverse_of(call, work));
  return made;
}

item::Reason reason_of(const CallContext& call, const Volumes& volumes) {
  std::string who = volumes.actor().id;
  if (call.caller().principal != policy::Principal::terminal)
    who += " (" + std::string(base::enum_name(call.caller().principal)) + ")";
  const std::string& why = call.request().reason;
  return {.author = {.name = who, .email = volumes.actor().id + "@localhost"},
          .text = (why.empty() ? call.request().tool : base::escape_line(why)) + "\n\nCall: " + call.call() + "\n"};
}

// Makes the change, when the volume is as it was when the call was let through.
Result<std::string> done(CallContext& call, const Volumes& volumes, const Work& work) {
  const Assessment* let_through = call.assessment();
  const JsonObject inverse = TRY(inverse_of(call, work));
  if (let_through && let_through->inverse && base::Json(*let_through->inverse) != base::Json(inverse))
    return fail(ErrorCode::conflict, sys::quoted(work.path) + " was changed while this call was under way",
                "make the call again");
  const std::string expected = stamp_of(work.before);
  const item::Reason reason = reason_of(call, volumes);
  call.begins();
  if (!work.after) return TRY(work.volume->remove(work.path, expected, reason)).commit;
  return TRY(work.volume->write({.path = work.path, .bytes = *work.after, .expected = expected}, reason)).commit;
}

ChangeResponse response_of(const Work& work, Kind kind, const std::string& name, std::string commit) {
  return {.kind = kind,
          .name = name,
          .source = source_name(work.volume->place()),
          .path = work.volume->place().folder + "/" + work.path,
          .commit = std::move(commit),
          .problems = rows_of(work.problems)};
}

// A text that may become an item: without errors, and stamped where its kind has stamps.
// The time is the call's, so that it says the same whenever it is asked during the call.
Result<std::string> checked(const CallContext& call, const item::Place& place, const std::string& text,
                            const std::string& ending, std::vector<item::Problem>& problems) {
  item::Item parsed = item::parse(place, text, ending);
  const auto error = std::ranges::find(parsed.problems, item::Severity::error, &item::Problem::severity);
  if (error != parsed.problems.end())
    return fail(ErrorCode::invalid_argument,
                "this is no " + std::string(base::enum_name(place.kind)) + ": line " +
                    std::to_string(error->fault.position.line) + ", column " +
                    std::to_string(error->fault.position.column) + ": " + error->fault.message,
                error->fault.hint.empty() ? "`lilux item validate` shows all that is wrong" : error->fault.hint);
  problems = std::move(parsed.problems);
  const bool has_stamp = place.kind == Kind::directive || place.kind == Kind::script || place.kind == Kind::knowledge;
  return has_stamp ? item::stamped(place.kind, text, base::time_of_id(call.call()), ending) : Result<std::string>(text);
}

std::string nearest_volume(const CallContext& call) {
  return call.caller().project.empty() ? "user" : "project";
}

bool has_own_ending(Kind kind) {
  return kind == Kind::script || kind == Kind::template_item;
}

Result<Work> work_of(const CallContext& call, const Volumes& volumes, const CreateRequest& request) {
  TRY(item::check_name(request.name));
  Work work{.volume = TRY(volumes.named(request.location.value_or(nearest_volume(call))))};
  const item::Place place{.kind = request.kind, .name = request.name, .category = request.category.value_or("")};
  const std::string ending = has_own_ending(request.kind)
                                 ? request.ending.value_or(request.kind == Kind::script ? "py" : "md")
                                 : std::string();
  work.path = item::path_for(place, ending);
  if (item::place_of(work.path) != place)
    return fail(ErrorCode::invalid_argument, sys::quoted(work.path) + " is no place for an item",
                "a category is names divided by '/'; scripts end in py, sh, js or mjs");
  for (const item::Listed& listed : work.volume->list().items) {
    if (!listed.place || listed.place->kind != place.kind || listed.place->name != place.name) continue;
    if (!request.replace.value_or(false))
      return fail(ErrorCode::conflict,
                  "there is a " + std::string(base::enum_name(place.kind)) + " " + sys::quoted(place.name) + " in " +
                      source_name(work.volume->place()) + " already: " + sys::quoted(listed.path),
                  "change it with item.update, or choose another name");
    work.path = listed.path;
  }
  work.before = TRY(content_at(*work.volume, work.path));
  work.after = TRY(checked(call, place, request.content, ending, work.problems));
  return work;
}

Result<Work> work_of(const CallContext& call, const Volumes& volumes, const UpdateRequest& request) {
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.location));
  Work work{.volume = found.volume, .path = found.listed.path};
  work.before = TRY(content_at(*work.volume, work.path));
  const std::string text = request.content ? *request.content : work.before ? work.before->bytes : std::string();
  work.after =
      TRY(checked(call, found.listed.place.value_or(item::Place{}), text, ending_of(work.path), work.problems));
  return work;
}

Result<Work> work_of(const Volumes& volumes, const DeleteRequest& request) {
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.location));
  Work work{.volume = found.volume, .path = found.listed.path};
  work.before = TRY(content_at(*work.volume, work.path));
  return work;
}

Result<Work> work_of(const Volumes& volumes, const CopyRequest& request) {
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.source));
  Work work{.volume = TRY(volumes.named(request.destination)), .path = found.listed.path};
  if (work.volume == found.volume)
    return fail(ErrorCode::invalid_argument, sys::quoted(request.name) + " lies in " + request.destination + " already",
                "name another source or destination");
  const ReadItem read = TRY(read_item(found));
  if (read.item.stamp.state == item::StampState::modified || read.item.stamp.state == item::StampState::invalid)
    return fail(ErrorCode::conflict, sys::quoted(path_of(found)) + " is not as it was stamped, so it is not copied",
                "look at it, then `lilux item update` stamps it");
  work.before = TRY(content_at(*work.volume, work.path));
  work.after = read.content.bytes;
  return work;
}

Result<Work> work_of(const CallContext& call, const Volumes& volumes, const RestoreRequest& request) {
  Work work{.volume = TRY(volumes.named(request.source)), .path = request.path};
  if (!item::place_of(request.path))
    return fail(ErrorCode::invalid_argument, sys::quoted(request.path) + " is no place for an item", "see item.list");
  work.before = TRY(content_at(*work.volume, work.path));
  if (request.content)
    work.after = *request.content;
  else if (request.content_object)
    work.after = TRY(call.kernel().store().get(*request.content_object));
  return work;
}

// What was made for a file that is gone again goes too, as far as it is empty.
void remove_folders(const Work& work, const std::string& topmost) {
  const std::string& volume = work.volume->place().folder;
  if (!sys::is_beneath(topmost, volume)) return;
  for (std::string folder = sys::parent_of(volume + "/" + work.path); sys::is_beneath(folder, topmost);
       folder = sys::parent_of(folder)) {
    if (!sys::remove_directory(folder)) return;
  }
}

std::string preview_of(const Work& work) {
  const std::string path = work.volume->place().folder + "/" + work.path;
  return text::unified_diff(work.before ? work.before->bytes : std::string(), work.after.value_or(""),
                            {.old_name = path, .new_name = path});
}

}  // namespace

Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return assessed(call, volumes, TRY(work_of(call, volumes, request)));
}

Result<ChangeResponse> create(CallContext& call, const CreateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  return response_of(work, request.kind, request.name, TRY(done(call, volumes, work)));
}

Result<std::string> preview_create(const CallContext& call, const CreateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return preview_of(TRY(work_of(call, volumes, request)));
}

Result<Assessment> assess_update(const CallContext& call, const UpdateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return assessed(call, volumes, TRY(work_of(call, volumes, request)));
}

Result<ChangeResponse> update(CallContext& call, const UpdateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  return response_of(work, request.kind, request.name, TRY(done(call, volumes, work)));
}

Result<std::string> preview_update(const CallContext& call, const UpdateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return preview_of(TRY(work_of(call, volumes, request)));
}

Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return assessed(call, volumes, TRY(work_of(volumes, request)));
}

Result<ChangeResponse> remove(CallContext& call, const DeleteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(volumes, request));
  return response_of(work, request.kind, request.name, TRY(done(call, volumes, work)));
}

Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(volumes, request));
  Assessment made = TRY(assessed(call, volumes, work));
  const FoundItem from = TRY(volumes.find(request.kind, request.name, request.source));
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path_of(from)});
  return made;
}

Result<ChangeResponse> copy(CallContext& call, const CopyRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(volumes, request));
  return response_of(work, request.kind, request.name, TRY(done(call, volumes, work)));
}

Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return assessed(call, volumes, TRY(work_of(call, volumes, request)));
}

Result<RestoreResponse> restore(CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  const std::string wanted = work.after ? TRY(git::content_id(*work.after)) : std::string();
  const bool is_restored = stamp_of(work.before) == wanted;  // also when what is taken back never happened
  if (!is_restored && stamp_of(work.before) != request.expected)
    return fail(ErrorCode::conflict, sys::quoted(work.path) + " was changed since", "undo the later call first");
  RestoreResponse response;
  response.commit = is_restored ? TRY(work.volume->take_in({work.path})) : TRY(done(call, volumes, work));
  if (!work.after && request.folder) remove_folders(work, *request.folder);
  return response;
}

}  // namespace lilux::tools::item_tools
