#pragma once

// The memory tools: request and response of each.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::memory {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct NoteRow {
  std::string key;
  base::Json value;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> created;
  std::optional<std::string> updated;
  std::optional<std::string> expires;
  static constexpr base::Fields fields{
      Field{"key", &NoteRow::key, "Its name"},
      Field{"value", &NoteRow::value, "Any JSON value; text for a note"},
      Field{"tags", &NoteRow::tags, "Words to find it by"},
      Field{"created", &NoteRow::created, "When it was first written"},
      Field{"updated", &NoteRow::updated, "When it was last written"},
      Field{"expires", &NoteRow::expires, "When it goes away by itself"},
  };
};

struct ReadRequest {
  std::optional<std::string> target;
  std::optional<std::string> key;
  std::optional<std::string> prefix;
  std::optional<std::string> query;
  std::optional<std::string> tag;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> offset;
  static constexpr base::Fields fields{
      Field{"target", &ReadRequest::target, "Space to read; 'default' when absent"},
      Field{"key", &ReadRequest::key, "Exactly this one; an error when it is not there"},
      Field{"prefix", &ReadRequest::prefix, "Those whose key begins so"},
      Field{"query", &ReadRequest::query, "Those that hold all these words"},
      Field{"tag", &ReadRequest::tag, "Those with this tag"},
      Field{"limit", &ReadRequest::limit, "Most notes to return; 100 when absent", {.minimum = 1, .maximum = 10'000}},
      Field{"offset", &ReadRequest::offset, "First note to return", {.minimum = 0}},
  };
};
struct ReadResponse {
  std::vector<NoteRow> notes;
  std::int64_t total = 0;
  static constexpr base::Fields fields{
      Field{"notes", &ReadResponse::notes, "By key"},
      Field{"total", &ReadResponse::total, "How many fit"},
  };
};
Result<Assessment> assess_read(const CallContext& call, const ReadRequest& request);
Result<ReadResponse> read(CallContext& call, const ReadRequest& request);

// What undo writes: notes as they were. Refused when one that is named says something else by now.
struct Restoration {
  std::vector<NoteRow> notes;
  std::vector<std::string> remove;
  std::map<std::string, std::string> expect;
  static constexpr base::Fields fields{
      Field{"notes", &Restoration::notes, "Notes to put back"},
      Field{"remove", &Restoration::remove, "Keys that were not there"},
      Field{"expect", &Restoration::expect, "What each key has to say now, as a digest; empty: nothing"},
  };
};

struct WriteRequest {
  std::optional<std::string> target;
  std::optional<std::string> key;
  std::optional<base::Json> value;
  std::optional<bool> append;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> expires_in;
  std::optional<std::vector<NoteRow>> notes;
  std::optional<Restoration> restore;
  std::optional<std::string> restore_object;
  static constexpr base::Fields fields{
      Field{
          "target", &WriteRequest::target, "Space to write to; 'default' when absent", {.minimum = 1, .maximum = 100}},
      Field{"key", &WriteRequest::key, "Name of the note; made up when absent", {.minimum = 1, .maximum = 500}},
      Field{"value", &WriteRequest::value, "Any JSON value; text for a note"},
      Field{"append", &WriteRequest::append, "Add a line or an element to the note instead of replacing it"},
      Field{"tags", &WriteRequest::tags, "Words to find it by", {.maximum = 50}},
      Field{"expires_in", &WriteRequest::expires_in, "When it goes away by itself: 2h, 7d"},
      Field{"notes", &WriteRequest::notes, "Several notes at once, all or none", {.maximum = 10'000}},
      Field{"restore", &WriteRequest::restore, "Notes to bring back as they were; what undo does"},
      Field{"restore_object",
            &WriteRequest::restore_object,
            "The same, kept as an object",
            {.minimum = 64, .maximum = 64}},
  };
};
struct WriteResponse {
  std::int64_t written = 0;
  std::optional<std::string> key;
  static constexpr base::Fields fields{
      Field{"written", &WriteResponse::written, "Notes written or brought back"},
      Field{"key", &WriteResponse::key, "The name that was made up"},
  };
};
Result<Assessment> assess_write(const CallContext& call, const WriteRequest& request);
Result<WriteResponse> write(CallContext& call, const WriteRequest& request);

struct ClearRequest {
  std::optional<std::string> target;
  std::optional<std::string> key;
  std::optional<std::string> prefix;
  std::optional<std::string> tag;
  std::optional<std::string> older_than;
  std::optional<std::vector<std::string>> keys;
  std::optional<bool> all;
  static constexpr base::Fields fields{
      Field{"target", &ClearRequest::target, "Space to clear in; 'default' when absent"},
      Field{"key", &ClearRequest::key, "This one"},
      Field{"prefix", &ClearRequest::prefix, "Those whose key begins so"},
      Field{"tag", &ClearRequest::tag, "Those with this tag"},
      Field{"older_than", &ClearRequest::older_than, "Those not written for that long: 30d"},
      Field{"keys", &ClearRequest::keys, "These", {.maximum = 10'000}},
      Field{"all", &ClearRequest::all, "Everything in the space"},
  };
};
struct ClearResponse {
  std::int64_t cleared = 0;
  static constexpr base::Fields fields{Field{"cleared", &ClearResponse::cleared, "Notes removed"}};
};
Result<Assessment> assess_clear(const CallContext& call, const ClearRequest& request);
Result<ClearResponse> clear(CallContext& call, const ClearRequest& request);

struct OptimizeRequest {
  std::optional<std::string> target;
  static constexpr base::Fields fields{
      Field{"target", &OptimizeRequest::target, "Space whose unnamed notes are merged; 'default' when absent"}};
};
struct OptimizeResponse {
  std::int64_t expired = 0;
  std::int64_t merged = 0;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
  static constexpr base::Fields fields{
      Field{"expired", &OptimizeResponse::expired, "Notes whose time was up, in all spaces"},
      Field{"merged", &OptimizeResponse::merged, "Unnamed notes that said the same as an older one"},
      Field{"bytes_before", &OptimizeResponse::bytes_before, "Size on disk before"},
      Field{"bytes_after", &OptimizeResponse::bytes_after, "Size on disk after"},
  };
};
Result<Assessment> assess_optimize(const CallContext& call, const OptimizeRequest& request);
Result<OptimizeResponse> optimize(CallContext& call, const OptimizeRequest& request);

}  // namespace lilux::tools::memory
