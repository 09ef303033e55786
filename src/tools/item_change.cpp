// item.create, item.update, item.delete, item.copy, item.restore: every change of an item is one file of a volume and
// one commit, and is taken back by another one.

#include "tools/item_change.h"

#include <algorithm>

#include "base/escape.h"
#include "base/id.h"
#include "item/volume_outside.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/diff.h"
#include "text/shell.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"
#include "tools/item_rows.h"
#include "tools/item_work.h"
#include "tools/knowledge_lists.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

ChangeResponse response_of(const Work& work, Kind kind, const std::string& name, std::string commit) {
  ChangeResponse response{.kind = kind,
                          .name = name,
                          .source = source_name(work.volume->place()),
                          .path = work.volume->at(work.path),
                          .commit = std::move(commit),
                          .problems = rows_of(work.problems),
                          .location = source_name(work.volume->place()),
                          .category = item::place_of(work.path).value_or(item::Place{}).category,
                          .signature = {}};
  if (!work.after) return response;
  const item::Stamp stamp = item::verify_stamp(kind, *work.after, ending_of(work.path));
  if (stamp.state == item::StampState::valid)
    response.signature = base::Json(JsonObject{{"hash", stamp.hash}, {"timestamp", stamp.time}});
  return response;
}

// A text that may become an item: without errors, and stamped where its kind has stamps.
// The time is the call's, so that it says the same whenever it is asked during the call.
Result<std::string> checked(const CallContext& call, const item::Place& place, const std::string& text,
                            const std::string& ending, std::vector<item::Problem>& problems) {
  item::Item parsed = item::parse(place, text, ending);
  add_unknown_tools(call, text, parsed);
  if (const Result<void> sound = parsed.check(); !sound)
    return base::in_context(base::Error(sound.error()), "this is no " + std::string(base::enum_name(place.kind)));
  problems = std::move(parsed.problems);
  return item::has_stamp(place.kind) ? item::stamped(place.kind, text, base::time_of_id(call.call()), ending)
                                     : Result<std::string>(text);
}

// Of those that the caller may know of.
std::optional<item::Listed> find_listed(const Volumes& volumes, const item::Volume& volume, Kind kind,
                                        const std::string& name) {
  item::Listing listing = volume.list({.kind = kind, .name = name});
  const auto found = std::ranges::find_if(
      listing.items, [&](const item::Listed& listed) { return listed.place && volumes.may_tell(volume, listed.path); });
  return found == listing.items.end() ? std::nullopt : std::optional(std::move(*found));
}

// "hello.py" names a script with its ending, as one names its file.
CreateRequest named_apart(CreateRequest request) {
  const auto file = request.kind == Kind::script ? item::place_of("scripts/" + request.name) : std::nullopt;
  const std::string ending = ending_of(request.name);
  if (!file || request.ending.value_or(ending) != ending) return request;
  request.ending = ending;
  request.name = file->name;
  return request;
}

// Of a script that does not say it: by its first line.
std::string usual_ending(const CreateRequest& request) {
  if (request.kind != Kind::script) return "md";
  const std::string first = request.content.substr(0, request.content.find('\n'));
  if (!first.starts_with("#!") || first.contains("python")) return "py";
  return first.contains("node") ? "js" : "sh";
}

bool has_own_ending(Kind kind) {
  return kind == Kind::script || kind == Kind::template_item;
}

Result<Work> work_of(const CallContext& call, const Volumes& volumes, const CreateRequest& request) {
  TRY(item::check_name(request.name));
  Work work{.volume = TRY(volumes.named(request.location.value_or(nearest_source(call))))};
  const item::Place place{.kind = request.kind, .name = request.name, .category = request.category.value_or("")};
  const std::string ending =
      has_own_ending(request.kind) ? request.ending.value_or(usual_ending(request)) : std::string();
  work.path = item::path_for(place, ending);
  if (item::place_of(work.path) != place)
    return fail(ErrorCode::invalid_argument, sys::quoted(work.path) + " is no place for an item",
                "a category is names divided by '/'; scripts end in py, sh, js or mjs");
  TRY(volumes.check_told(*work.volume, work.path));
  if (const std::optional<item::Listed> there = find_listed(volumes, *work.volume, place.kind, place.name)) {
    if (!request.replace.value_or(false))
      return fail(ErrorCode::conflict,
                  "there is a " + std::string(base::enum_name(place.kind)) + " " + sys::quoted(place.name) + " in " +
                      source_name(work.volume->place()) + " already: " + sys::quoted(there->path),
                  "change it with item.update, or choose another name");
    work.path = there->path;
  }
  work.before = TRY(content_at(*work.volume, work.path));
  const std::string kept = has_own_ending(request.kind) ? ending_of(work.path) : std::string();
  work.after = TRY(checked(call, place, request.content, kept, work.problems));
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

Result<Work> work_of(const CallContext&, const Volumes& volumes, const DeleteRequest& request) {
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.location));
  Work work{.volume = found.volume, .path = found.listed.path};
  work.before = TRY(content_at(*work.volume, work.path));
  work.others = TRY(item::files_of(*work.volume, work.path));
  std::erase(work.others, work.path);
  return work;
}

Result<Work> work_of(const CallContext&, const Volumes& volumes, const CopyRequest& request) {
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.source));
  Work work{.volume = TRY(volumes.named(request.destination)), .path = found.listed.path};
  const std::string name = sys::quoted(request.name);
  if (work.volume == found.volume)
    return fail(ErrorCode::invalid_argument, name + " lies in " + request.destination + " already",
                "name another source or destination");
  TRY(volumes.check_told(*work.volume, work.path));
  if (find_listed(volumes, *work.volume, request.kind, request.name))
    return fail(ErrorCode::conflict,
                "there is a " + std::string(base::enum_name(request.kind)) + " " + name + " in " + request.destination +
                    " already",
                "delete or rename that one first");
  if (TRY(item::files_of(*found.volume, found.listed.path)).size() > 1)
    return fail(ErrorCode::invalid_argument, name + " is a folder of several files",
                "volume.promote copies all of them");
  const ReadItem read = TRY(request.version ? read_version(found, *request.version) : read_item(found));
  if (!read.item.stamp.fits())
    return fail(ErrorCode::conflict, sys::quoted(path_of(found)) + " is not as it was stamped, so it is not copied",
                way_to_stamp(found));
  work.before = TRY(content_at(*work.volume, work.path));
  work.mode = read.content.mode;
  work.after = read.content.bytes;
  return work;
}

// By whom, as far as it is known: who is to do what about it depends on that.
std::unexpected<base::Error> changed_since(const Work& work) {
  const std::string what = sys::quoted(work.path) + " was changed ";
  const auto open = item::uncommitted(*work.volume, work.path);
  const auto last = work.volume->history({.path = work.path, .limit = 1});
  const bool is_ours = open && open->empty() && last && !last->empty();
  const std::string later = is_ours ? call_of(last->front().message) : std::string();
  if (!later.empty())
    return fail(ErrorCode::conflict, what + "since by call " + later, "take that one back first: lilux undo " + later);
  return fail(ErrorCode::conflict, what + "by hand since",
              "put back what that call left, or leave it and take back another: `lilux undo list --work`, then "
              "`lilux undo <call>`");
}

// What is given as text has to be what it is put down as; what stood there may be broken.
Result<void> check_given(const RestoreRequest& request) {
  if (!request.content) return {};
  if (request.path == "knowledge/relationships.json") TRY(item::parse_relationships(*request.content));
  if (request.path == "knowledge/index.json") TRY(item::parse_index(*request.content));
  const std::optional<item::Place> place = item::place_of(request.path);
  if (!place || !item::parse(*place, *request.content, ending_of(request.path)).is_broken()) return {};
  const std::string kind(base::enum_name(place->kind));
  return fail(ErrorCode::invalid_argument, "this is no " + kind + " " + sys::quoted(place->name),
              "`lilux item validate " + kind + " " + text::quote(place->name) + "` shows what is wrong there now");
}

Result<Work> work_of(const CallContext& call, const Volumes& volumes, const RestoreRequest& request) {
  TRY(check_given(request));
  Work work{.volume = TRY(volumes.named(request.source)), .path = request.path};
  if (!item::place_of(request.path) && !is_knowledge_list(request.path))
    return fail(ErrorCode::invalid_argument, sys::quoted(request.path) + " is no place for an item", "see item.list");
  work.before = TRY(content_at(*work.volume, work.path));
  TRY(check_seal(call, request.source, request.path, request.content_object, request.seal));
  if (request.content)
    work.after = *request.content;
  else if (request.content_object)
    work.after = TRY(call.kernel().store().get(*request.content_object));
  if (request.executable.value_or(false)) work.mode = git::Mode::executable;
  if (request.folder && sys::is_beneath(*request.folder, work.volume->place().folder)) work.folder = request.folder;
  return work;
}

std::string preview_of(const Work& work) {
  const std::string path = work.volume->at(work.path);
  return text::unified_diff(work.before ? work.before->bytes : std::string(), work.after.value_or(""),
                            {.old_name = path, .new_name = path});
}

template <class Request>
bool is_dry_run(const Request& request) {
  if constexpr (requires { request.dry_run; }) return request.dry_run.value_or(false);
  return false;
}

// A dry run is refused where the change would be, and needs no more than to look.
template <class Request>
Result<Assessment> assess_request(const CallContext& call, const Request& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  Assessment made = TRY(assessed(call, volumes, work));
  if (!is_dry_run(request)) return made;
  const std::string path = work.volume->at(work.path);
  return Assessment{.needs = {{.verb = Verb::read, .resource = "fs", .target = path}}, .risk = Risk::low};
}

// A program that its interpreter would not take is kept all the same: it is somebody's work.
void warn_of_faults(CallContext& call, const Work& work, ChangeResponse& response) {
  item::Item script = item::parse({.kind = Kind::script, .name = response.name}, *work.after, ending_of(work.path));
  script::Glance(call).over(script);
  if (const Result<void> sound = script.check(); !sound) {
    response.problems = rows_of(script.problems);
    response.warning = "it is kept, and broken: " + sound.error().message;
  }
}

template <class Request>
Result<ChangeResponse> carry_out(CallContext& call, const Request& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  if (is_dry_run(request)) return response_of(work, request.kind, request.name, "");
  ChangeResponse response = response_of(work, request.kind, request.name, TRY(done(call, volumes, work)));
  if (request.kind == Kind::script && work.after) warn_of_faults(call, work, response);
  return response;
}

template <class Request>
Result<std::string> preview_request(const CallContext& call, const Request& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return preview_of(TRY(work_of(call, volumes, request)));
}

}  // namespace

Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request) {
  return assess_request(call, named_apart(request));
}

Result<ChangeResponse> create(CallContext& call, const CreateRequest& request) {
  return carry_out(call, named_apart(request));
}

Result<std::string> preview_create(const CallContext& call, const CreateRequest& request) {
  return preview_request(call, named_apart(request));
}

Result<Assessment> assess_update(const CallContext& call, const UpdateRequest& request) {
  return assess_request(call, request);
}

Result<ChangeResponse> update(CallContext& call, const UpdateRequest& request) {
  return carry_out(call, request);
}

Result<std::string> preview_update(const CallContext& call, const UpdateRequest& request) {
  return preview_request(call, request);
}

Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request) {
  return assess_request(call, request);
}

Result<ChangeResponse> remove(CallContext& call, const DeleteRequest& request) {
  return carry_out(call, request);
}

Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  Assessment made = TRY(assessed(call, volumes, TRY(work_of(call, volumes, request))));
  const FoundItem from = TRY(volumes.find(request.kind, request.name, request.source));
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path_of(from)});
  return made;
}

Result<ChangeResponse> copy(CallContext& call, const CopyRequest& request) {
  return carry_out(call, request);
}

Result<std::string> preview_copy(const CallContext& call, const CopyRequest& request) {
  return preview_request(call, request);
}

Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request) {
  return assess_request(call, request);
}

Result<RestoreResponse> restore(CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Work work = TRY(work_of(call, volumes, request));
  const std::string wanted = work.after ? TRY(git::content_id(*work.after)) : std::string();
  const bool is_restored = stamp_of(work.before) == wanted;  // also when what is taken back never happened
  if (!is_restored && stamp_of(work.before) != request.expected) return changed_since(work);
  RestoreResponse response;
  response.commit = is_restored ? TRY(work.volume->take_in({work.path})) : TRY(done(call, volumes, work));
  if (is_restored) knowledge::keep_lists(call, volumes, *work.volume, work.path);
  if (!work.after && work.folder) remove_folders(*work.volume, work.path, *work.folder);
  const std::string file = work.volume->at(work.path);
  if (const Result<sys::Stat> found = sys::lstat(file); work.after && request.modified_ns && found)
    TRY(sys::set_times(file, {.accessed_ns = found->accessed_ns, .modified_ns = *request.modified_ns}));
  return response;
}

}  // namespace lilux::tools::item_tools
