// memory.*: notes and values that outlive everything.

#include "tools/memory.h"

#include <algorithm>

#include "base/time.h"
#include "kernel/kernel.h"
#include "tools/memory_store.h"

namespace lilux::tools::memory {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kClearMax = 100'000;

// One connection a call: opening costs less than keeping one between threads.
Result<std::unique_ptr<MemoryStore>> store_of(const CallContext& call) {
  return MemoryStore::open(call.kernel().folders().state / "memory.db");
}

Result<Assessment> touches(Verb verb, const std::optional<std::string>& target, Risk risk) {
  Assessment made{.risk = risk};
  made.needs.push_back({.verb = verb, .resource = "memory", .target = target.value_or("default")});
  return made;
}

NoteRow row_of(const Note& note) {
  NoteRow row{.key = note.key,
              .value = note.value,
              .created = base::format_time(note.created_us),
              .updated = base::format_time(note.updated_us)};
  if (!note.tags.empty()) row.tags = note.tags;
  if (note.expires_us != 0) row.expires = base::format_time(note.expires_us);
  return row;
}

Result<std::int64_t> time_or(const std::optional<std::string>& text, std::int64_t otherwise) {
  return text ? base::parse_time(*text, base::now_us()) : Result<std::int64_t>(otherwise);
}

Result<std::vector<Note>> notes_of(const CallContext& call, const WriteRequest& request) {
  const std::int64_t now = base::now_us();
  std::vector<Note> notes;
  const std::string space = request.target.value_or("default");
  if (request.key) {
    Note note{.space = space,
              .key = *request.key,
              .value = request.value.value_or(nullptr),
              .tags = request.tags.value_or(std::vector<std::string>{}),
              .created_us = now,
              .updated_us = now};
    if (request.expires_in) note.expires_us = now + TRY(base::parse_duration(*request.expires_in)).count() * 1000;
    notes.push_back(std::move(note));
  }
  for (const NoteRow& row : request.notes.value_or(std::vector<NoteRow>{})) {
    notes.push_back({.space = space,
                     .key = row.key,
                     .value = row.value,
                     .tags = row.tags.value_or(std::vector<std::string>{}),
                     .created_us = TRY(time_or(row.created, now)),
                     .updated_us = TRY(time_or(row.updated, now)),
                     .expires_us = TRY(time_or(row.expires, 0))});
  }
  for (const Note& note : notes) {
    const bool is_bad_tag = std::ranges::any_of(
        note.tags, [](const std::string& tag) { return tag.empty() || tag.find('\n') != std::string::npos; });
    if (note.key.empty() || is_bad_tag)
      return fail(ErrorCode::invalid_argument, "a note needs a key, and its tags must be single words or lines",
                  "for example --key todo --value 'buy milk'");
  }
  std::ignore = call;
  return notes;
}

NoteFilter filter_of(const ClearRequest& request) {
  NoteFilter filter{.space = request.target.value_or("default"),
                    .key = request.key,
                    .prefix = request.prefix,
                    .tag = request.tag,
                    .limit = kClearMax};
  return filter;
}

Result<std::vector<Note>> doomed(const CallContext& call, const ClearRequest& request) {
  const auto store = TRY(store_of(call));
  NoteFilter filter = filter_of(request);
  if (request.older_than)
    filter.before_us = base::now_us() - TRY(base::parse_duration(*request.older_than)).count() * 1000;
  std::vector<Note> notes;
  const bool is_filtered =
      request.key || request.prefix || request.tag || request.older_than || request.all.value_or(false);
  if (is_filtered) notes = TRY(store->read(filter));
  for (const std::string& key : request.keys.value_or(std::vector<std::string>{})) {
    for (Note& note : TRY(store->read({.space = filter.space, .key = key}))) notes.push_back(std::move(note));
  }
  return notes;
}

// The call that brings notes back as they were.
JsonObject rewriting(const std::string& space, const std::vector<Note>& notes) {
  base::JsonArray rows;
  for (const Note& note : notes) rows.push_back(base::encode(row_of(note)));
  return {{"tool", "memory.write"}, {"arguments", JsonObject{{"target", space}, {"notes", std::move(rows)}}}};
}

}  // namespace

Result<Assessment> assess_read(const CallContext&, const ReadRequest& request) {
  return touches(Verb::read, request.target, Risk::none);
}

Result<ReadResponse> read(CallContext& call, const ReadRequest& request) {
  const auto store = TRY(store_of(call));
  const NoteFilter filter{.space = request.target.value_or("default"),
                          .key = request.key,
                          .prefix = request.prefix,
                          .query = request.query,
                          .tag = request.tag,
                          .limit = request.limit.value_or(100),
                          .offset = request.offset.value_or(0)};
  ReadResponse response{.total = TRY(store->count(filter))};
  for (const Note& note : TRY(store->read(filter))) response.notes.push_back(row_of(note));
  if (request.key && response.notes.empty())
    return fail(ErrorCode::not_found, "no note '" + *request.key + "' in '" + filter.space + "'",
                "`lilux call memory.read --prefix ''` lists the notes");
  return response;
}

Result<Assessment> assess_write(const CallContext& call, const WriteRequest& request) {
  const std::vector<Note> notes = TRY(notes_of(call, request));
  if (notes.empty())
    return fail(ErrorCode::invalid_argument, "nothing to write: neither key nor notes is given",
                "for example --key todo --value 'buy milk'");
  Assessment made = TRY(touches(Verb::write, request.target, Risk::low));
  const auto store = TRY(store_of(call));
  std::vector<Note> before;
  base::JsonArray fresh;
  for (const Note& note : notes) {
    std::vector<Note> found = TRY(store->read({.space = note.space, .key = note.key}));
    if (found.empty())
      fresh.emplace_back(note.key);
    else
      before.push_back(std::move(found.front()));
  }
  const std::string space = request.target.value_or("default");
  if (before.empty())
    made.inverse =
        JsonObject{{"tool", "memory.clear"}, {"arguments", JsonObject{{"target", space}, {"keys", std::move(fresh)}}}};
  else
    made.inverse = rewriting(space, before);
  if (!before.empty() && !fresh.empty()) made.undo_limit = "undo brings back what was replaced and leaves what is new";
  return made;
}

Result<WriteResponse> write(CallContext& call, const WriteRequest& request) {
  std::vector<Note> notes = TRY(notes_of(call, request));
  const auto store = TRY(store_of(call));
  for (Note& note : notes) {
    const std::vector<Note> before = TRY(store->read({.space = note.space, .key = note.key}));
    if (!before.empty() && request.key == note.key) note.created_us = before.front().created_us;
  }
  TRY(store->change(notes, {}));
  return WriteResponse{.written = static_cast<std::int64_t>(notes.size())};
}

Result<Assessment> assess_clear(const CallContext& call, const ClearRequest& request) {
  if (!request.key && !request.prefix && !request.tag && !request.older_than && !request.keys &&
      !request.all.value_or(false)) {
    return fail(ErrorCode::invalid_argument, "say what to clear: key, keys, prefix, tag, older_than, or all",
                "for example --prefix draft/");
  }
  const std::vector<Note> notes = TRY(doomed(call, request));
  Assessment made = TRY(touches(Verb::write, request.target, request.all.value_or(false) ? Risk::high : Risk::medium));
  made.inverse = rewriting(request.target.value_or("default"), notes);
  return made;
}

Result<ClearResponse> clear(CallContext& call, const ClearRequest& request) {
  const std::vector<Note> notes = TRY(doomed(call, request));
  TRY(TRY(store_of(call))->change({}, notes));
  return ClearResponse{.cleared = static_cast<std::int64_t>(notes.size())};
}

Result<Assessment> assess_optimize(const CallContext&, const OptimizeRequest&) {
  return touches(Verb::write, std::nullopt, Risk::low);
}

Result<OptimizeResponse> optimize(CallContext& call, const OptimizeRequest&) {
  const MemoryStore::Saved saved = TRY(TRY(store_of(call))->optimize());
  return OptimizeResponse{
      .expired = saved.expired, .bytes_before = saved.bytes_before, .bytes_after = saved.bytes_after};
}

}  // namespace lilux::tools::memory
