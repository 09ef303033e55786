// undo.*: taking back what calls did, from the images that were written down before they did it.

#include "tools/undo.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "base/time.h"
#include "kernel/image.h"
#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/path.h"
#include "tools/common.h"
#include "tools/fs_common.h"
#include "tools/things.h"
#include "tools/undo_parts.h"

namespace lilux::tools::undo {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using kernel::CallRow;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kCallsMax = 10'000;
constexpr std::int64_t kRowsAtOnce = 500;
constexpr std::size_t kChangesTold = 5;  // lines
constexpr const char* kChangedHint =
    "put it back by hand or undo a later call first; another call: `lilux call undo.list`, then `lilux undo <call>`";

// A call that can be taken back, with what its records say.
struct Target {
  CallRow row;
  std::string before = {};
  std::string after = {};
  std::optional<Json> inverse = {};
};

Result<bool> is_of_undo(kernel::Index& index, const CallRow& row) {
  if (row.cause.empty() || row.tool.starts_with("undo.")) return false;
  const Result<CallRow> cause = index.find(row.cause);
  if (!cause && cause.error().code != ErrorCode::not_found) return std::unexpected(cause.error());
  return cause && cause->tool.starts_with("undo.");
}

// What the records of a call say about taking it back.
Result<void> read_records(kernel::Kernel& kernel, const CallRow& row, Target& target) {
  const Json begun = TRY(base::parse_json(TRY(kernel.ledger().read(row.first)).body));
  target.before = begun.string_or("before");
  if (const Json* inverse = begun.find("inverse")) target.inverse = *inverse;
  if (!row.outcome) return {};
  target.after = TRY(base::parse_json(TRY(kernel.ledger().read(*row.outcome)).body)).string_or("after");
  return {};
}

// An undo that was done by another call is taken back by taking that one back.
Result<void> read_other_call(kernel::Kernel& kernel, kernel::Index& index, Target& target) {
  for (const CallRow& row : TRY(index.caused_by(target.row.call))) {
    if (row.result != "ok" || row.undo.empty()) continue;
    target.inverse.reset();
    TRY(read_records(kernel, row, target));
  }
  return {};
}

Result<Target> target_of(const CallContext& call, const std::string& id) {
  kernel::Kernel& kernel = call.kernel();
  kernel::Index& index = TRY(kernel.index()).get();
  Target target{.row = TRY(index.find(id))};
  const std::string& name = target.row.call;
  const bool is_own =
      kernel.state().with([&](kernel::State& state) { return kernel::descends(state, target.row.task, call.task()); });
  if (!is_own && call.caller().principal != policy::Principal::terminal) {
    return fail(ErrorCode::denied, "call " + name + " was made by another task", "ask a person: lilux undo " + name);
  }
  if (!target.row.undone_by.empty()) {
    return fail(ErrorCode::conflict, "call " + name + " was undone already by " + target.row.undone_by,
                "lilux redo " + name);
  }
  if (TRY(is_of_undo(index, target.row))) {
    return fail(ErrorCode::conflict, "call " + name + " is part of " + target.row.cause + ", an undo or redo",
                "lilux undo " + target.row.cause);
  }
  TRY(read_records(kernel, target.row, target));
  if (target.inverse && target.row.tool.starts_with("undo.")) TRY(read_other_call(kernel, index, target));
  if (target.row.result != "ok" && target.row.result != "rerun") {
    return fail(ErrorCode::conflict,
                "call " + name + " took no effect (" + target.row.result + "), so there is nothing to undo",
                "`lilux why " + name + "`");
  }
  if (target.before.empty() && !target.inverse) {
    return fail(ErrorCode::conflict, "call " + name + " (" + target.row.tool + ") cannot be undone",
                "`lilux call undo.list` shows what can");
  }
  return target;
}

// The call that takes it back is judged by itself as well, but asked about here: a person says yes to all of it.
void add_inverse(const CallContext& call, const Json& inverse, Assessment& made) {
  const kernel::Tool* tool = call.kernel().find_tool(inverse.string_or("tool"));
  if (!tool || tool->name.starts_with("undo.")) return;
  const Json* arguments = inverse.find("arguments");
  const Result<Assessment> needed = call.assess(*tool, arguments ? *arguments : Json(JsonObject{}));
  if (!needed) return;  // it says so when its turn comes
  made.needs.insert(made.needs.end(), needed->needs.begin(), needed->needs.end());
  made.risk = std::max(made.risk, needed->risk);
}

Result<void> add_target(const CallContext& call, const Target& target, Assessment& made) {
  if (target.inverse) {
    add_inverse(call, *target.inverse, made);
    return {};
  }
  kernel::Scope scope = TRY(kernel::scope_of(call.kernel().store(), target.before));
  made.only_properties = scope.only_properties;
  for (std::string& folder : scope.folders) {
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = folder});
    made.folders.push_back(std::move(folder));
  }
  for (std::string& path : scope.paths) {
    // Our own configuration is changed by people through policy.*, not as a file; so is taking that back.
    // The same holds for what they taught the router.
    if (sys::is_beneath(path, call.kernel().folders().config.string()))
      made.needs.push_back({.verb = Verb::admin, .resource = "kernel", .target = "policy"});
    else if (sys::is_beneath(path, (call.kernel().folders().state / "learned").string()))
      made.needs.push_back({.verb = Verb::admin, .resource = "kernel", .target = "brain"});
    else
      made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
    made.risk = std::max(made.risk, path_risk(call, path, Risk::low));
    made.paths.push_back(std::move(path));
  }
  return {};
}

// Of a task that ended so long ago that only its calls are known, the id in full.
Result<std::string> task_named(const CallContext& call, kernel::Index& index, const std::string& name) {
  const Result<kernel::Task> known = known_task(call, name);
  if (known) return known->id;
  if (TRY(index.query({.task = name, .limit = 1})).empty()) return std::unexpected(known.error());
  return name;
}

// What people have decided stands until they say otherwise: taken back along with work, rules that keep somebody in or
// out would go unnoticed.
bool is_administration(const CallContext& call, const CallRow& row) {
  const kernel::Tool* tool = call.kernel().find_tool(row.tool);
  return tool && tool->traits.audience == kernel::Audience::people;
}

Result<std::vector<CallRow>> targets_of(const CallContext& call, const ApplyRequest& request) {
  kernel::Index& index = TRY(call.kernel().index()).get();
  kernel::CallFilter filter{.only_undoable = true, .limit = kCallsMax};
  if (request.task) filter.task = TRY(task_named(call, index, *request.task));
  if (request.since) filter.since_us = TRY(base::parse_time(*request.since, base::now_us()));
  std::vector<CallRow> rows = TRY(index.query(filter));
  // What undo itself did, by calls of its own too, is not undone again; nor what came after it was asked for, which is
  // told by the ids.
  std::vector<CallRow> wanted;
  for (CallRow& row : rows) {
    if (row.call > call.call()) continue;
    if (!row.tool.starts_with("undo.") && !TRY(is_of_undo(index, row))) wanted.push_back(std::move(row));
  }
  return wanted;
}

Result<std::string> changed_since(const CallContext& call, const Target& target) {
  if (target.after.empty() && !target.before.empty())
    return std::string("what it left was not written down, so nobody can tell\n");
  return target.after.empty() ? std::string() : kernel::difference(call.kernel().store(), target.after);
}

// Of thousands of lines the first few, and how many more there are.
std::string some_of(const std::string& changed) {
  std::size_t end = 0;
  for (std::size_t lines = 0; lines < kChangesTold && end < changed.size(); ++lines)
    end = std::min(changed.find('\n', end), changed.size() - 1) + 1;
  const auto more = std::count(changed.begin() + static_cast<std::ptrdiff_t>(end), changed.end(), '\n');
  if (more > 0) return changed.substr(0, end) + "and " + std::to_string(more) + " more";
  return changed.ends_with('\n') ? changed.substr(0, changed.size() - 1) : changed;
}

// The same in one line.
std::string in_line(const std::string& message) {
  std::string made;
  for (const char c : message) made += c != '\n' ? std::string(1, c) : made.ends_with(':') ? " " : ", ";
  return made;
}

Result<void> take_back(CallContext& call, const Target& target) {
  const std::string changed = TRY(changed_since(call, target));
  if (!changed.empty()) {
    return fail(ErrorCode::conflict, "the world changed since call " + target.row.call + ":\n" + some_of(changed),
                kChangedHint);
  }
  if (!target.inverse) {
    call.begins();
    return kernel::restore(call.kernel().store(), target.before);
  }
  const Json* arguments = target.inverse->find("arguments");
  TRY(call.call_tool(target.inverse->string_or("tool"), arguments ? *arguments : Json(JsonObject{})));
  return kernel::put_times_around(*target.inverse);
}

UndoneRow undone_row(const CallContext& call, const CallRow& row) {
  return {.call = row.call, .tool = row.tool, .need = ledger::entry_of(call, row).need.value_or("")};
}

std::string line_of(const CallContext& call, const CallRow& row) {
  const UndoneRow shown = undone_row(call, row);
  return "\n  " + shown.call + " " + shown.tool + (shown.need.empty() ? "" : ": " + shown.need);
}

// Those of a call that did what it did by others; none when it can be taken back by itself.
Result<std::vector<CallRow>> parts_of_call(const CallContext& call, const std::string& id) {
  kernel::Index& index = TRY(call.kernel().index()).get();
  const CallRow row = TRY(index.find(id));
  Result<std::vector<CallRow>> parts = parts_below(call.kernel(), index, row);
  if (!parts) return base::in_context(base::Error(parts.error()), "call " + row.call + " cannot be undone");
  return parts;
}

// All of them or none: what was taken back is brought back when another one cannot be.
Result<ApplyResponse> take_back_parts(CallContext& call, const CallRow& whole, const std::vector<CallRow>& parts) {
  for (const CallRow& part : parts) {
    const std::string changed = TRY(changed_since(call, TRY(target_of(call, part.call))));
    if (!changed.empty())
      return fail(ErrorCode::conflict,
                  "the world changed since call " + part.call + ", a part of " + whole.call + ":\n" + some_of(changed),
                  kChangedHint);
  }
  ApplyResponse response;
  for (const CallRow& part : parts) {
    const Result<Json> undone = call.call_tool("undo.apply", JsonObject{{"call", part.call}});
    if (undone) {
      response.undone.push_back(undone_row(call, part));
      continue;
    }
    for (const UndoneRow& one : response.undone | std::views::reverse)
      TRY(call.call_tool("undo.redo", JsonObject{{"call", one.call}}));
    return base::in_context(base::Error(undone.error()), "a part of " + whole.call + " cannot be undone, so none is");
  }
  response.undone.push_back(undone_row(call, whole));
  return response;
}

// How to take the taking back back.
Result<void> add_redo(const CallContext& call, const Target& target, Assessment& made) {
  if (target.inverse) {
    made.inverse = JsonObject{{"tool", "undo.redo"}, {"arguments", JsonObject{{"call", call.call()}}}};
    return {};
  }
  const kernel::ImageLimits limits = call.kernel().config().image_limits();
  const kernel::ImageSize size = made.only_properties ? kernel::ImageSize{} : TRY(kernel::measure(made.paths, limits));
  if (size.bytes <= limits.bytes_max && size.entries <= limits.entries_max) return {};
  made.folders.clear();
  made.paths.clear();
  made.is_irreversible = true;
  made.undo_limit = "what it takes away is larger than undo keeps: there is no redo";
  return {};
}

// Notes that a call was taken back. If that call had itself taken back another, the other is in effect again, and what
// that one had taken back is not, and so on.
Result<void> mark_undone(CallContext& call, const CallRow& undone) {
  kernel::Index& index = TRY(call.kernel().index()).get();
  call.change({.table = "undone", .id = undone.call, .value = call.call()});
  bool is_back = true;
  for (CallRow row = undone; !row.undoes.empty(); is_back = !is_back) {
    call.change({.table = "undone", .id = row.undoes, .value = is_back ? Json(nullptr) : Json(row.call)});
    row = TRY(index.find(row.undoes));
  }
  return {};
}

// The undo that redo takes back: named by itself, by the call it undid, or the newest.
Result<std::string> undo_to_redo(const CallContext& call, const RedoRequest& request) {
  kernel::Index& index = TRY(call.kernel().index()).get();
  if (request.call) {
    const CallRow row = TRY(index.find(*request.call));
    if (!row.undone_by.empty()) return row.undone_by;
    if (row.tool == "undo.apply") return row.call;
    return fail(ErrorCode::conflict, "call " + row.call + " has not been undone, so there is nothing to redo",
                "lilux undo " + row.call);
  }
  kernel::CallFilter filter{.tool = "undo.apply", .only_undoable = true, .limit = 1};
  for (std::vector<CallRow> rows = TRY(index.query(filter)); !rows.empty(); rows = TRY(index.query(filter))) {
    const CallRow& newest = rows.front();
    filter.before_call = newest.call;
    if (!newest.undoes.empty() && is_administration(call, TRY(index.find(newest.undoes)))) continue;
    // One of several is brought back with the others.
    const bool is_part = !newest.cause.empty() && TRY(index.find(newest.cause)).tool == "undo.apply";
    return is_part ? newest.cause : newest.call;
  }
  return fail(ErrorCode::not_found, "nothing has been undone, so there is nothing to redo",
              "`lilux call undo.list` shows what can be undone; what people decided is redone by its id");
}

// What taking one call back changes, after its name.
Result<std::string> effect_on(const CallContext& call, const Target& target) {
  const std::string name = line_of(call, target.row).substr(2);
  if (target.inverse) return name + "\nby " + base::to_text(*target.inverse, base::JsonStyle::spaced);
  return name + "\n" + TRY(kernel::preview_restore(call.kernel().store(), target.before));
}

// The undos that an undo of several calls consists of and that have not been redone, oldest first.
Result<std::vector<CallRow>> parts_of(const CallContext& call, const std::string& undo) {
  std::vector<CallRow> parts = TRY(TRY(call.kernel().index()).get().caused_by(undo));
  std::erase_if(parts, [](const CallRow& row) {
    return row.tool != "undo.apply" || row.result != "ok" || !row.undone_by.empty();
  });
  return parts;
}

// What bringing all of them back needs.
Result<void> add_parts(const CallContext& call, const std::string& undo, Assessment& made) {
  for (const CallRow& part : TRY(parts_of(call, undo))) {
    if (!TRY(parts_of(call, part.call)).empty())
      TRY(add_parts(call, part.call, made));
    else
      TRY(add_target(call, TRY(target_of(call, part.call)), made));
  }
  return {};
}

// Nothing is begun where a part cannot be brought back. One whose paths an earlier part brings back first is looked at
// when its turn comes.
Result<void> check_parts(const CallContext& call, const std::string& undo, const std::vector<CallRow>& parts) {
  std::vector<std::string> touched;
  for (const CallRow& part : parts | std::views::reverse) {
    if (!TRY(parts_of(call, part.call)).empty()) continue;
    const Target target = TRY(target_of(call, part.call));
    if (target.before.empty()) continue;
    const std::vector<std::string> paths = TRY(kernel::scope_of(call.kernel().store(), target.before)).paths;
    const auto is_touched = [&](const std::string& path) {
      return std::ranges::any_of(touched, [&](const std::string& other) {
        return sys::is_beneath(path, other) || sys::is_beneath(other, path);
      });
    };
    const bool is_first = std::ranges::none_of(paths, is_touched);
    if (const std::string changed = is_first ? TRY(changed_since(call, target)) : ""; !changed.empty())
      return fail(ErrorCode::conflict,
                  "the world changed since " + undo + ", so none of it is brought back:\n" + some_of(changed),
                  "put it back by hand, or redo its calls one by one: `lilux redo <call>`");
    touched.insert(touched.end(), paths.begin(), paths.end());
  }
  return {};
}

// All of them or none: what was brought back is taken back again when another one cannot be.
Result<void> bring_back(CallContext& call, const std::string& undo, const std::vector<CallRow>& parts) {
  TRY(check_parts(call, undo, parts));
  std::vector<std::string> done;
  for (const CallRow& part : parts | std::views::reverse) {
    Result<void> alive = call.check_alive();
    const Result<Json> redone =
        alive ? call.call_tool("undo.redo", JsonObject{{"call", part.call}}) : std::unexpected(alive.error());
    if (redone) {
      done.push_back(part.call);
      continue;
    }
    while (!done.empty()) {
      const Result<CallRow> row = TRY(call.kernel().index()).get().find(done.back());
      const Result<Json> undone =
          row ? call.call_tool("undo.apply", JsonObject{{"call", row->undone_by}}) : std::unexpected(row.error());
      if (undone)
        done.pop_back();
      else
        return base::in_context(base::Error(redone.error()),
                                "a part of " + undo + " cannot be brought back; " + std::to_string(done.size()) +
                                    " of " + std::to_string(parts.size()) + " are, and `redo` goes on with the others");
    }
    return base::in_context(base::Error(redone.error()), "a part of " + undo + " cannot be brought back, so none is");
  }
  return {};
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest& request) {
  if (request.since) TRY(base::parse_time(*request.since, base::now_us()));
  return reads_kernel("ledger");
}

// What a call did by others is listed as that call, once.
Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  const auto limit = static_cast<std::size_t>(request.limit.value_or(50));
  kernel::CallFilter filter{.task = request.task, .only_undoable = true, .limit = kRowsAtOnce};
  if (request.since) filter.since_us = TRY(base::parse_time(*request.since, base::now_us()));
  ListResponse response;
  kernel::Index& index = TRY(call.kernel().index()).get();
  Wholes wholes(call.kernel(), index);
  std::set<std::string> listed;
  while (true) {
    const std::vector<CallRow> rows = TRY(index.query(filter));
    for (const CallRow& row : rows) {
      if (TRY(is_of_undo(index, row))) continue;
      const CallRow whole = TRY(wholes.of(row, request.task.value_or("")));
      if (request.work.value_or(false) && !is_work(whole.tool)) continue;
      if (listed.insert(whole.call).second) response.calls.push_back(ledger::entry_of(call, whole));
      if (response.calls.size() >= limit) return response;
    }
    if (rows.size() < static_cast<std::size_t>(kRowsAtOnce)) return response;
    filter.before_call = rows.back().call;
  }
}

Result<Assessment> assess_preview(const CallContext& call, const PreviewRequest& request) {
  Assessment made = TRY(reads_kernel("ledger"));
  if (!TRY(parts_of_call(call, request.call)).empty()) return made;
  const Target target = TRY(target_of(call, request.call));
  if (target.inverse) return made;
  for (const std::string& path : TRY(kernel::scope_of(call.kernel().store(), target.before)).paths) {
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path});
  }
  return made;
}

Result<PreviewResponse> preview(CallContext& call, const PreviewRequest& request) {
  if (const std::vector<CallRow> parts = TRY(parts_of_call(call, request.call)); !parts.empty()) {
    const CallRow whole = TRY(TRY(call.kernel().index()).get().find(request.call));
    PreviewResponse response{.call = whole.call, .tool = whole.tool, .undo = "exact"};
    for (const CallRow& part : parts) {
      const Target target = TRY(target_of(call, part.call));
      if (part.undo != "exact") response.undo = part.undo;
      response.conflict += TRY(changed_since(call, target));
      response.changes += "undoes" + line_of(call, part).substr(2) + "\n";
    }
    return response;
  }
  const Target target = TRY(target_of(call, request.call));
  PreviewResponse response{.call = target.row.call, .tool = target.row.tool, .undo = target.row.undo};
  response.conflict = TRY(changed_since(call, target));
  if (target.inverse) {
    response.changes = "calls " + base::to_text(*target.inverse, base::JsonStyle::spaced);
    return response;
  }
  const objects::Store& store = call.kernel().store();
  response.paths = TRY(kernel::scope_of(store, target.before)).paths;
  response.changes = TRY(kernel::preview_restore(store, target.before));
  return response;
}

Result<Assessment> assess_apply(const CallContext& call, const ApplyRequest& request) {
  const int named = (request.call ? 1 : 0) + (request.task ? 1 : 0) + (request.since ? 1 : 0);
  if (named == 0 || (request.call && named > 1)) {
    return fail(ErrorCode::invalid_argument, "say what to undo: a call, or a task, a time, or both of these",
                "lilux undo <call>, lilux undo --task <task>, lilux undo --since 10m");
  }
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "kernel", .target = "undo"});
  if (request.call) {
    const std::vector<CallRow> parts = TRY(parts_of_call(call, *request.call));
    for (const CallRow& part : parts) TRY(add_target(call, TRY(target_of(call, part.call)), made));
    made.folders.clear();
    made.paths.clear();  // each part is undone by a call of its own, which keeps its own images
    if (!parts.empty()) return made;
    const Target target = TRY(target_of(call, *request.call));
    TRY(add_target(call, target, made));
    TRY(add_redo(call, target, made));
    return made;
  }
  for (const CallRow& row : TRY(targets_of(call, request))) {
    if (is_administration(call, row)) continue;
    if (const Result<Target> target = target_of(call, row.call)) TRY(add_target(call, *target, made));
  }
  made.folders.clear();
  made.paths.clear();  // each call is undone by a call of its own, which keeps its own images
  return made;
}

Result<ApplyResponse> apply(CallContext& call, const ApplyRequest& request) {
  ApplyResponse response;
  if (request.call) {
    if (const std::vector<CallRow> parts = TRY(parts_of_call(call, *request.call)); !parts.empty()) {
      const CallRow whole = TRY(TRY(call.kernel().index()).get().find(*request.call));
      response = TRY(take_back_parts(call, whole, parts));
      TRY(mark_undone(call, whole));
      return response;
    }
    const Target target = TRY(target_of(call, *request.call));
    TRY(take_back(call, target));
    TRY(mark_undone(call, target.row));
    response.undone.push_back(undone_row(call, target.row));
    return response;
  }
  for (const CallRow& row : TRY(targets_of(call, request))) {
    TRY(call.check_alive());
    if (is_administration(call, row)) {
      response.skipped.push_back(row.call + ": " + row.tool + ": undo it by its id");
      continue;
    }
    const Result<Json> undone = call.call_tool("undo.apply", JsonObject{{"call", row.call}});
    if (undone) {
      response.undone.push_back(undone_row(call, row));
      continue;
    }
    response.skipped.push_back(row.call + ": " + in_line(undone.error().message));
  }
  return response;
}

Result<std::string> preview_apply(const CallContext& call, const ApplyRequest& request) {
  if (!request.call) {
    std::string text = "undo, newest first:";
    for (const CallRow& row : TRY(targets_of(call, request))) {
      if (!is_administration(call, row)) text += line_of(call, row);
    }
    return text;
  }
  if (const std::vector<CallRow> parts = TRY(parts_of_call(call, *request.call)); !parts.empty()) {
    std::string text = "undo, newest first:";
    for (const CallRow& part : parts) text += line_of(call, part);
    return text;
  }
  return "undo" + TRY(effect_on(call, TRY(target_of(call, *request.call))));
}

Result<Assessment> assess_redo(const CallContext& call, const RedoRequest& request) {
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "kernel", .target = "undo"});
  const std::string undo = TRY(undo_to_redo(call, request));
  if (!TRY(parts_of(call, undo)).empty()) {
    // Asked about as one: a part that is asked about alone would stop the others half way.
    TRY(add_parts(call, undo, made));
    made.folders.clear();
    made.paths.clear();  // each part is brought back by a call of its own, which keeps its own images
    return made;
  }
  const Target target = TRY(target_of(call, undo));
  TRY(add_target(call, target, made));
  TRY(add_redo(call, target, made));
  return made;
}

Result<RedoResponse> redo(CallContext& call, const RedoRequest& request) {
  const std::string undo = TRY(undo_to_redo(call, request));
  const std::vector<CallRow> parts = TRY(parts_of(call, undo));
  if (!parts.empty()) {
    TRY(bring_back(call, undo, parts));
    const CallRow row = TRY(TRY(call.kernel().index()).get().find(undo));
    if (!row.undoes.empty()) TRY(mark_undone(call, row));
    return RedoResponse{.redone = row.undoes.empty() ? undo : row.undoes};
  }
  const Target target = TRY(target_of(call, undo));
  TRY(take_back(call, target));
  TRY(mark_undone(call, target.row));
  return RedoResponse{.redone = target.row.undoes.empty() ? target.row.call : target.row.undoes};
}

Result<std::string> preview_redo(const CallContext& call, const RedoRequest& request) {
  kernel::Index& index = TRY(call.kernel().index()).get();
  const std::string undo = TRY(undo_to_redo(call, request));
  const std::vector<CallRow> parts = TRY(parts_of(call, undo));
  if (parts.empty()) return "take back" + TRY(effect_on(call, TRY(target_of(call, undo))));
  std::string text = "bring back, oldest first:";
  for (const CallRow& part : parts | std::views::reverse)
    text += line_of(call, part.undoes.empty() ? part : TRY(index.find(part.undoes)));
  return text;
}

}  // namespace lilux::tools::undo
