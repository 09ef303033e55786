// fs.delete, fs.move, fs.copy: whole trees. The visible change is always one rename.

#include <algorithm>
#include <ranges>

#include "base/escape.h"
#include "base/time.h"
#include "kernel/image.h"
#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/diff.h"
#include "tools/file_states.h"
#include "tools/fs.h"
#include "tools/git_folders.h"

namespace lilux::tools::fs {

using base::ErrorCode;
using base::fail;
using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::uint64_t kEntriesMax = 5'000'000;
constexpr std::size_t kShownMax = std::size_t{256} << 10;  // of a text, in a question

// Where something lands: the path named, or the same name inside the folder named.
Result<std::string> landing(const CallContext& call, const std::string& destination, const std::string& source) {
  const std::string path = TRY(call.resolve(destination, Final::follow));
  const auto found = TRY(sys::stat_if_there(path));
  return found && found->is_directory() ? path + (path == "/" ? "" : "/") + sys::name_of(source) : path;
}

Result<void> check_landing(const std::string& source, const std::string& target, bool is_overwrite) {
  if (source == target)
    return fail(ErrorCode::invalid_argument, sys::quoted(source) + " is source and destination at once",
                "name another destination");
  if (sys::is_beneath(target, source))
    return fail(ErrorCode::invalid_argument, sys::quoted(target) + " lies inside " + sys::quoted(source),
                "name a destination outside");
  const auto there = TRY(sys::stat_if_there(TRY(sys::open_parent(target))));
  if (!there) return {};
  if (there->is_directory())
    return fail(ErrorCode::conflict, sys::quoted(target) + " is a folder that is there already",
                "delete it first, or choose another name");
  if (!is_overwrite)
    return fail(ErrorCode::conflict, sys::quoted(target) + " is there already", "set overwrite to replace it");
  return {};
}

Result<std::string> size_shown(const std::string& path) {
  const sys::TreeSize size = TRY(
      sys::walk_tree(TRY(sys::open_parent(path)), kEntriesMax,
                     [](const sys::Place&, const sys::Stat&) -> Result<sys::Descend> { return sys::Descend::yes; }));
  return " (" + std::to_string(size.entries) + (size.entries == 1 ? " entry, " : " entries, ") +
         std::to_string(size.bytes) + " bytes)";
}

// What arrives where: a text as the difference it makes there, and all of it by how it is now.
Result<std::string> preview_arrival(const std::string& word, const std::string& source, const std::string& target) {
  std::string text =
      word + " " + base::escape_line(source) + TRY(size_shown(source)) + " to " + base::escape_line(target);
  const Result<std::string> bytes = read_regular(source, kShownMax);
  if (bytes)
    text += "\n" + text::unified_diff(read_regular(target, kShownMax).value_or(""), *bytes,
                                      {.old_name = target, .new_name = target});
  return text + "\nas it is now: " + file_states({source});
}

std::string relative(const std::string& path, const std::string& root) {
  return path.substr(root.size());
}

// Everything that is read arrives below the target, and may be written there.
void need_arrivals(Assessment& made, const std::string& source, const std::string& target) {
  const std::vector<policy::Need> needs = made.needs;
  for (const policy::Need& need : needs) {
    if (need.verb != Verb::read) continue;
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = target + relative(need.target, source)});
  }
}

// How large an undo would be; too large ones are said before.
Result<bool> fits_undo(const CallContext& call, const std::vector<std::string>& paths) {
  const kernel::ImageLimits limits = call.kernel().config().image_limits();
  const kernel::ImageSize size = TRY(kernel::measure(paths, limits));
  return size.bytes <= limits.bytes_max && size.entries <= limits.entries_max;
}

std::string aside_of(const CallContext& call, const std::string& path) {
  return sys::parent_of(path) + "/.lilux-deleted-" + call.call();
}

// Neither everything nor what Lilux itself works in can be moved, or moved aside, while it runs.
Result<void> check_source(const CallContext& call, const std::string& path) {
  if (path == "/")
    return fail(ErrorCode::invalid_argument, "the root folder can be neither deleted nor moved",
                "name something in it");
  const std::string state = call.kernel().folders().state.string();
  if (!sys::is_beneath(state, path)) return {};
  return fail(ErrorCode::denied, sys::quoted(path) + " holds Lilux's own record, " + sys::quoted(state),
              "name something else in it");
}

Result<void> check_empty(const sys::Place& place, const sys::Stat& found) {
  if (!found.is_directory() || TRY(sys::list(place)).empty()) return {};
  return fail(ErrorCode::conflict, "folder " + sys::quoted(place.path) + " is not empty",
              "delete it with all it holds: --recursive");
}

// The inverse of what is too large for an image; `result` is there once the call has had its effect.
base::JsonObject taken_back_by(std::string_view tool, base::JsonObject arguments, const std::string& result,
                               const std::vector<std::string>& around) {
  return {{"tool", tool},
          {"arguments", std::move(arguments)},
          {"only_if", result},
          {"folders", kernel::times_around(around)}};
}

// What is replaced would be lost: there is no room for it beside something so large.
Result<void> replaces_nothing(const std::string& source, const std::string& target) {
  const Result<sys::Place> place = sys::open_parent(target);
  if (!place || !TRY(sys::stat_if_there(*place))) return {};  // the operation itself will say what is wrong
  return fail(ErrorCode::unavailable,
              sys::quoted(source) + " is larger than undo keeps, so " + sys::quoted(target) +
                  ", which it replaces, could not come back",
              "delete " + sys::quoted(target) + " first, or raise undo.size in config.toml");
}

Result<void> copy_entry(const sys::Place& from, const sys::Stat& stat, const sys::Place& to) {
  if (stat.is_directory()) return sys::make_directory(to, 0700);
  if (stat.is_symlink()) return sys::make_symlink(TRY(sys::read_link(from)), to);
  if (!stat.is_regular())
    return fail(ErrorCode::invalid_argument,
                sys::quoted(from.path) + " is a " + std::string(sys::type_name(stat.type)) + " and cannot be copied",
                "leave it out");
  TRY(sys::copy_file(from, to, sys::Replace::no));
  return {};
}

// Copies a tree to a name that is not there; folders get their modes and times last, innermost first.
Result<void> copy_tree(const CallContext& call, const std::string& source, const std::string& target) {
  std::vector<std::pair<std::string, sys::Stat>> folders;
  const auto visit = [&](const sys::Place& from, const sys::Stat& stat) -> Result<sys::Descend> {
    TRY(call.check_alive());
    const std::string to = target + relative(from.path, source);
    if (stat.is_directory()) folders.emplace_back(to, stat);
    TRY(copy_entry(from, stat, TRY(sys::open_parent(to))));
    return sys::Descend::yes;
  };
  TRY(sys::walk_tree(TRY(sys::open_parent(source)), kEntriesMax, visit));
  for (const auto& [path, stat] : std::views::reverse(folders)) {
    const sys::Place place = TRY(sys::open_parent(path));
    TRY(sys::set_mode(place, stat.mode));
    TRY(sys::set_times(place, sys::times_of(stat)));
  }
  return {};
}

// A copy under a scratch name, then one rename.
Result<void> copy_into_place(CallContext& call, const std::string& source, const std::string& target) {
  const std::string scratch = scratch_for(call, target);
  Result<void> copied = copy_tree(call, source, scratch);
  if (copied) {
    call.begins();
    copied = sys::rename(TRY(sys::open_parent(scratch)), TRY(sys::open_parent(target)), sys::Replace::yes);
  }
  if (!copied) {
    std::ignore = sys::remove_tree(TRY(sys::open_parent(scratch)));  // the first error is the one to tell
    return copied;
  }
  return sys::sync_parent(TRY(sys::open_parent(target)));
}

// The tree disappears at once; what it held goes after.
Result<void> take_away(CallContext& call, const std::string& path) {
  const std::string scratch = scratch_for(call, path);
  call.begins();
  TRY(sys::rename(TRY(sys::open_parent(path)), TRY(sys::open_parent(scratch)), sys::Replace::no));
  TRY(sys::remove_tree(TRY(sys::open_parent(scratch))));
  return sys::sync_parent(TRY(sys::open_parent(path)));
}

}  // namespace

Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::keep));
  TRY(check_source(call, path));
  const bool is_tree = request.recursive.value_or(false);
  const Result<sys::Place> place = sys::open_parent(path);
  const auto found = place ? TRY(sys::stat_if_there(*place)) : std::nullopt;
  if (found && !is_tree) TRY(check_empty(*place, *found));
  Assessment made{.risk = path_risk(call, path, is_tree ? Risk::high : Risk::medium)};
  if (is_tree)
    TRY(need_tree(made, Verb::write, path));
  else
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.paths.push_back(path);
  made.scratch.push_back(scratch_for(call, path));
  if (TRY(fits_undo(call, made.paths))) return made;
  // Too large to copy: moved aside on its own filesystem, and back by undo.
  const std::string aside = aside_of(call, path);
  made.scratch.clear();
  made.inverse = taken_back_by("fs.move", {{"source", aside}, {"destination", path}}, aside, made.paths);
  made.undo_limit = "it is larger than undo copies, so it is moved aside to " + base::escape_line(aside) +
                    " and takes its space until objects.days have passed";
  return made;
}

Result<DeleteResponse> remove(CallContext& call, const DeleteRequest& request) {
  const sys::Place place = TRY(sys::open_parent(TRY(call.resolve(request.path, Final::keep))));
  const sys::Stat found = TRY(sys::stat(place));
  const bool is_tree = found.is_directory() && request.recursive.value_or(false);
  if (!is_tree) TRY(check_empty(place, found));
  if (call.assessment() && call.assessment()->inverse) {
    const std::string aside = aside_of(call, place.path);
    call.begins();
    TRY(sys::rename(place, TRY(sys::open_parent(aside)), sys::Replace::no));
    call.change(kernel::put(call.call(), kernel::Aside{.path = aside, .since_us = base::now_us()}));
  } else if (is_tree) {
    TRY(take_away(call, place.path));
  } else {
    call.begins();
    TRY(found.is_directory() ? sys::remove_directory(place) : sys::remove_file(place));
  }
  TRY(sys::sync_parent(place));
  return DeleteResponse{.deleted = true};
}

Result<std::string> preview_remove(const CallContext& call, const DeleteRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::keep));
  return "delete " + base::escape_line(path) + TRY(size_shown(path));
}

Result<std::string> preview_move(const CallContext& call, const MoveRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  return preview_arrival("move", source, TRY(landing(call, request.destination, source)));
}

Result<Assessment> assess_move(const CallContext& call, const MoveRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  TRY(check_source(call, source));
  const std::string target = TRY(landing(call, request.destination, source));
  Assessment made{.risk = std::max(path_risk(call, source, Risk::medium), path_risk(call, target, Risk::medium))};
  TRY(need_tree(made, Verb::write, source));
  TRY(need_tree(made, Verb::read, source));
  need_arrivals(made, source, target);
  need_git_folders(made);
  made.scratch = {scratch_for(call, target), scratch_for(call, source)};
  made.paths = {source, target};
  if (TRY(fits_undo(call, made.paths))) return made;
  TRY(replaces_nothing(source, target));
  made.inverse = taken_back_by("fs.move", {{"source", target}, {"destination", source}}, target, made.paths);
  made.paths = {source};  // what was moved is too much to look at
  made.undo_limit =
      "what is moved is larger than undo keeps: undo moves it back, whatever has been changed in it since";
  return made;
}

Result<MoveResponse> move(CallContext& call, const MoveRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  const std::string target = TRY(landing(call, request.destination, source));
  const sys::Place from = TRY(sys::open_parent(source));
  const sys::Place to = TRY(sys::open_parent(target));
  const sys::Stat moved = TRY(sys::stat(from));
  TRY(check_landing(source, target, request.overwrite.value_or(false)));
  const bool is_same_disk = TRY(sys::stat(sys::parent_of(target))).device == moved.device;
  if (is_same_disk) {
    call.begins();
    TRY(sys::rename(from, to, request.overwrite.value_or(false) ? sys::Replace::yes : sys::Replace::no));
  } else {
    TRY(copy_into_place(call, source, target));
    TRY(take_away(call, source));
  }
  TRY(sys::sync_parent(from));
  TRY(sys::sync_parent(to));
  return MoveResponse{.moved = true};
}

Result<std::string> preview_copy(const CallContext& call, const CopyRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  return preview_arrival("copy", source, TRY(landing(call, request.destination, source)));
}

Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  const std::string target = TRY(landing(call, request.destination, source));
  Assessment made{.risk = path_risk(call, target, Risk::medium)};
  TRY(need_tree(made, Verb::read, source));
  need_arrivals(made, source, target);
  need_git_folders(made);
  made.paths = {target};
  made.scratch = {scratch_for(call, target)};
  if (TRY(fits_undo(call, {source}))) return made;
  TRY(replaces_nothing(source, target));
  made.inverse = taken_back_by("fs.delete", {{"path", target}, {"recursive", true}}, target, made.paths);
  made.undo_limit =
      "the copy is larger than undo keeps, so undo moves it aside, where it takes its space until "
      "objects.days have passed";
  return made;
}

Result<CopyResponse> copy(CallContext& call, const CopyRequest& request) {
  const std::string source = TRY(call.resolve(request.source, Final::keep));
  const std::string target = TRY(landing(call, request.destination, source));
  TRY(sys::stat(TRY(sys::open_parent(source))));
  TRY(check_landing(source, target, request.overwrite.value_or(false)));
  TRY(copy_into_place(call, source, target));
  return CopyResponse{.copied = true};
}

}  // namespace lilux::tools::fs
