// memory.*: notes and values that outlive everything. A change is planned twice, when it is assessed and when it runs:
// the first plan gives the call that takes it back, and the second makes sure that this is still true.

#include "tools/memory.h"

#include <algorithm>
#include <set>

#include "base/time.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/memory_store.h"

namespace lilux::tools::memory {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::string_view kDefaultSpace = "default";
constexpr std::size_t kSpaceBytesMax = 100;
constexpr std::size_t kKeyBytesMax = 500;
constexpr std::size_t kTagBytesMax = 100;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kValueBytesMax = std::size_t{1} << 20;
constexpr std::size_t kInlineBytesMax = std::size_t{16} << 10;  // a larger inverse is kept as an object
constexpr std::string_view kSpaceCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@";

// A change with the call that takes it back.
struct Plan {
  NoteEdit edit;
  JsonObject inverse;
};

// One connection a call: nobody would own one between calls.
Result<MemoryStore> store_of(const CallContext& call) {
  return MemoryStore::open(call.kernel().folders().state / "memory.db");
}

Result<std::string> space_of(const std::optional<std::string>& target) {
  const std::string space = target.value_or(std::string(kDefaultSpace));
  const bool is_good = !space.empty() && space.size() <= kSpaceBytesMax &&
                       space.find_first_not_of(kSpaceCharacters) == std::string::npos;
  if (is_good) return space;
  return fail(ErrorCode::invalid_argument, "field 'target': " + sys::quoted(space) + " is no name of a space",
              "letters, digits and . _ - / : @, at most 100 of them");
}

bool is_plain(std::string_view text, std::size_t bytes_max) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !text.empty() && text.size() <= bytes_max && std::ranges::none_of(text, is_control);
}

Result<void> check(const Note& note) {
  if (!is_plain(note.key, kKeyBytesMax)) {
    return fail(ErrorCode::invalid_argument, "the key " + sys::quoted(note.key) + " is empty, too long or not one line",
                "at most 500 bytes, for example project/todo");
  }
  const bool are_tags_good = note.tags.size() <= kTagsMax && std::ranges::all_of(note.tags, [](const std::string& tag) {
                               return is_plain(tag, kTagBytesMax);
                             });
  if (!are_tags_good) {
    return fail(
        ErrorCode::invalid_argument,
        "note " + sys::quoted(note.key) + " has a tag that is empty, too long or " + "not one line, or too many tags",
        "at most 50 tags of 100 bytes");
  }
  if (base::to_text(note.value).size() > kValueBytesMax) {
    return fail(ErrorCode::invalid_argument, "the value of note " + sys::quoted(note.key) + " is larger than 1 MiB",
                "write it to a file and keep its path");
  }
  return {};
}

NoteRow row_of(const Note& note) {
  NoteRow row{.key = note.key,
              .value = note.value,
              .tags = {},
              .created = base::format_time(note.created_us),
              .updated = base::format_time(note.updated_us),
              .expires = {}};
  if (!note.tags.empty()) row.tags = note.tags;
  if (note.expires_us != 0) row.expires = base::format_time(note.expires_us);
  return row;
}

Result<std::int64_t> time_of(const std::optional<std::string>& text) {
  if (!text) return 0;
  return TRY(base::parse_time(*text, base::now_us())) / 1000 * 1000;
}

Result<Note> note_of(const NoteRow& row) {
  Note note{.key = row.key, .value = row.value, .tags = row.tags.value_or(std::vector<std::string>{})};
  note.created_us = TRY(time_of(row.created));
  note.updated_us = TRY(time_of(row.updated));
  note.expires_us = TRY(time_of(row.expires));
  TRY(check(note));
  return note;
}

Result<std::int64_t> duration_us(const std::string& text) {
  return std::int64_t{TRY(base::parse_duration(text)).count()} * 1000;
}

std::string unnamed_key(const CallContext& call) {
  return std::string(kUnnamedPrefix) + call.call();
}

// What the note would be after the edit.
Note after(const NoteEdit& edit, const std::optional<Note>& before, Note note) {
  if (before && edit.mode == NoteEdit::Mode::append) note.value = appended(before->value, note.value);
  return note;
}

JsonObject restoring(const std::string& space, const Restoration& restoration) {
  return {{"tool", "memory.write"},
          {"arguments", JsonObject{{"target", space}, {"restore", base::encode(restoration)}}}};
}

// The call that takes an edit back. What is large goes into the object store, as pre-images of files do.
Result<JsonObject> inverse_of(const CallContext& call, const std::string& space, const Restoration& restoration) {
  const std::string text = base::to_text(base::encode(restoration));
  if (text.size() <= kInlineBytesMax) return restoring(space, restoration);
  const std::string object = TRY(call.kernel().store().put(text));
  return JsonObject{{"tool", "memory.write"}, {"arguments", JsonObject{{"target", space}, {"restore_object", object}}}};
}

// Reads what is there, binds the edit to it, and works out how to get back.
Result<Plan> plan_of(const CallContext& call, const MemoryStore& store, NoteEdit edit) {
  Restoration back;
  std::set<std::string> seen;
  const auto look = [&](const std::string& key, const Note* becomes) -> Result<void> {
    if (!seen.insert(key).second) {
      return fail(ErrorCode::invalid_argument, "note " + sys::quoted(key) + " is named twice", "name each note once");
    }
    const std::optional<Note> before = TRY(store.find(edit.space, key));
    if (before)
      back.notes.push_back(row_of(*before));
    else
      back.remove.push_back(key);
    back.expect[key] = becomes ? stamp_of(after(edit, before, *becomes)) : std::string();
    edit.expected.push_back({.key = key, .stamp = before ? stamp_of(*before) : std::string()});
    return {};
  };
  for (const Note& note : edit.put) TRY(look(note.key, &note));
  for (const std::string& key : edit.removed) TRY(look(key, nullptr));
  JsonObject inverse = TRY(inverse_of(call, edit.space, back));
  return Plan{.edit = std::move(edit), .inverse = std::move(inverse)};
}

// Makes the change, once for one call. Fails when the world is not as it was when the call was let through.
Result<std::int64_t> make(const CallContext& call, MemoryStore& store, const Plan& plan) {
  const Assessment* assessed = call.assessment();
  if (assessed && (!assessed->inverse || Json(*assessed->inverse) != Json(plan.inverse))) {
    return fail(ErrorCode::conflict, "the notes were changed while this call was under way", "make the call again");
  }
  return store.apply(plan.edit);
}

Result<Assessment> touches(Verb verb, const std::string& space, Risk risk) {
  Assessment made{.risk = risk};
  made.needs.push_back({.verb = verb, .resource = "memory", .target = space});
  return made;
}

Result<Restoration> restoration_of(const CallContext& call, const WriteRequest& request) {
  if (request.restore) return *request.restore;
  const std::string text = TRY(call.kernel().store().get(*request.restore_object));
  Result<Json> json = base::parse_json(text);
  Result<Restoration> restoration =
      json ? base::decode<Restoration>(*json) : Result<Restoration>(std::unexpected(std::move(json).error()));
  if (restoration) return restoration;  // the object may be anybody's: nothing of it is told
  return fail(ErrorCode::invalid_argument, "field 'restore_object': that object holds no notes");
}

bool is_restored(const std::optional<Note>& now, const std::vector<Note>& put, const std::string& key) {
  const auto wanted = std::ranges::find(put, key, &Note::key);
  if (wanted == put.end() || !now) return wanted == put.end() && !now;
  return stamp_of(*now) == stamp_of(*wanted);
}

Result<NoteEdit> restoring_edit(const CallContext& call, const MemoryStore& store, const WriteRequest& request,
                                const std::string& space) {
  const Restoration restoration = TRY(restoration_of(call, request));
  // A crash is settled under the id of the call that is taken back, which has made its change already.
  NoteEdit edit{.call = call.call() + ":restore", .space = space, .removed = restoration.remove};
  for (const NoteRow& row : restoration.notes) edit.put.push_back(TRY(note_of(row)));
  for (const auto& [key, stamp] : restoration.expect) {
    const std::optional<Note> now = TRY(store.find(space, key));
    if ((now ? stamp_of(*now) : std::string()) == stamp || is_restored(now, edit.put, key)) continue;
    return fail(ErrorCode::conflict,
                "note " + sys::quoted(key) +
                    " was changed since: " + (now ? "it says " + sys::quoted(base::to_text(now->value)) : "it is gone"),
                "undo the later call first, or write the note by hand");
  }
  return edit;
}

Result<NoteEdit> writing_edit(const CallContext& call, const WriteRequest& request, const std::string& space) {
  NoteEdit edit{.call = call.call(), .space = space};
  if (request.append.value_or(false)) edit.mode = NoteEdit::Mode::append;
  if (request.key && !request.value) {
    return fail(ErrorCode::invalid_argument, "field 'value' is missing: what note '" + *request.key + "' is to say",
                "for example --key todo --value 'buy milk'");
  }
  if (request.value) {
    Note note{.key = request.key.value_or(unnamed_key(call)), .value = *request.value};
    note.tags = request.tags.value_or(std::vector<std::string>{});
    if (request.expires_in) note.expires_us = (base::now_us() + TRY(duration_us(*request.expires_in))) / 1000 * 1000;
    TRY(check(note));
    edit.put.push_back(std::move(note));
  }
  for (const NoteRow& row : request.notes.value_or(std::vector<NoteRow>{})) edit.put.push_back(TRY(note_of(row)));
  if (!edit.put.empty()) return edit;
  return fail(ErrorCode::invalid_argument, "nothing to write: neither value nor notes is given",
              "for example --key todo --value 'buy milk'");
}

Result<Plan> plan_write(const CallContext& call, const MemoryStore& store, const WriteRequest& request) {
  const std::string space = TRY(space_of(request.target));
  const bool is_restoring = request.restore || request.restore_object;
  if (is_restoring && (request.value || request.notes || (request.restore && request.restore_object))) {
    return fail(ErrorCode::invalid_argument, "restore stands alone: it brings notes back and writes nothing else");
  }
  return plan_of(
      call, store,
      is_restoring ? TRY(restoring_edit(call, store, request, space)) : TRY(writing_edit(call, request, space)));
}

Result<Plan> plan_clear(const CallContext& call, const MemoryStore& store, const ClearRequest& request) {
  NoteFilter filter{
      .space = TRY(space_of(request.target)), .key = request.key, .prefix = request.prefix, .tag = request.tag};
  const bool is_filtered = request.key || request.prefix || request.tag || request.older_than;
  if (!is_filtered && !request.keys && !request.all.value_or(false)) {
    return fail(ErrorCode::invalid_argument, "say what to clear: key, keys, prefix, tag, older_than, or all",
                "for example --prefix draft/");
  }
  if (request.older_than) filter.before_us = base::now_us() - TRY(duration_us(*request.older_than));
  std::set<std::string> keys;
  for (const std::string& key : request.keys.value_or(std::vector<std::string>{})) {
    if (TRY(store.find(filter.space, key))) keys.insert(key);
  }
  if (is_filtered || !request.keys) {
    for (const Note& note : TRY(store.read(filter))) keys.insert(note.key);
  }
  return plan_of(call, store, {.call = call.call(), .space = filter.space, .removed = {keys.begin(), keys.end()}});
}

Result<Plan> plan_optimize(const CallContext& call, const MemoryStore& store, const OptimizeRequest& request) {
  NoteEdit edit{.call = call.call(), .space = TRY(space_of(request.target))};
  for (const Note& note : TRY(store.duplicates(edit.space))) edit.removed.push_back(note.key);
  return plan_of(call, store, std::move(edit));
}

}  // namespace

Result<Assessment> assess_read(const CallContext&, const ReadRequest& request) {
  return touches(Verb::read, TRY(space_of(request.target)), Risk::none);
}

Result<ReadResponse> read(CallContext& call, const ReadRequest& request) {
  const MemoryStore store = TRY(store_of(call));
  const NoteFilter filter{.space = TRY(space_of(request.target)),
                          .key = request.key,
                          .prefix = request.prefix,
                          .query = request.query,
                          .tag = request.tag,
                          .limit = request.limit.value_or(100),
                          .offset = request.offset.value_or(0)};
  ReadResponse response{.total = TRY(store.count(filter))};
  for (const Note& note : TRY(store.read(filter))) response.notes.push_back(row_of(note));
  if (!request.key || response.total > 0) return response;
  return fail(ErrorCode::not_found, "no note " + sys::quoted(*request.key) + " in '" + filter.space + "'",
              "`lilux call memory.read` lists the notes");
}

Result<Assessment> assess_write(const CallContext& call, const WriteRequest& request) {
  Plan plan = TRY(plan_write(call, TRY(store_of(call)), request));
  Assessment made = TRY(touches(Verb::write, plan.edit.space, Risk::low));
  made.inverse = std::move(plan.inverse);
  return made;
}

Result<WriteResponse> write(CallContext& call, const WriteRequest& request) {
  MemoryStore store = TRY(store_of(call));
  const bool is_restoring = request.restore || request.restore_object;
  const std::optional<std::int64_t> before = TRY(store.done(call.call() + (is_restoring ? ":restore" : "")));
  WriteResponse response;
  response.written = before ? *before : TRY(make(call, store, TRY(plan_write(call, store, request))));
  if (request.value && !request.key) response.key = unnamed_key(call);
  return response;
}

Result<Assessment> assess_clear(const CallContext& call, const ClearRequest& request) {
  Plan plan = TRY(plan_clear(call, TRY(store_of(call)), request));
  const Risk risk = request.all.value_or(false) ? Risk::high : Risk::medium;
  Assessment made = TRY(touches(Verb::write, plan.edit.space, risk));
  made.inverse = std::move(plan.inverse);
  return made;
}

Result<ClearResponse> clear(CallContext& call, const ClearRequest& request) {
  MemoryStore store = TRY(store_of(call));
  const std::optional<std::int64_t> before = TRY(store.done(call.call()));
  return ClearResponse{.cleared = before ? *before : TRY(make(call, store, TRY(plan_clear(call, store, request))))};
}

Result<Assessment> assess_optimize(const CallContext& call, const OptimizeRequest& request) {
  Plan plan = TRY(plan_optimize(call, TRY(store_of(call)), request));
  Assessment made = TRY(touches(Verb::write, plan.edit.space, Risk::low));
  made.inverse = std::move(plan.inverse);
  return made;
}

Result<OptimizeResponse> optimize(CallContext& call, const OptimizeRequest& request) {
  MemoryStore store = TRY(store_of(call));
  const std::optional<std::int64_t> before = TRY(store.done(call.call()));
  OptimizeResponse response;
  response.merged = before ? *before : TRY(make(call, store, TRY(plan_optimize(call, store, request))));
  const MemoryStore::Saved saved = TRY(store.compact());
  response.expired = saved.expired;
  response.bytes_before = saved.bytes_before;
  response.bytes_after = saved.bytes_after;
  return response;
}

}  // namespace lilux::tools::memory
