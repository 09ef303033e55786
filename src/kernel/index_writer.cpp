#include "kernel/index_writer.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "kernel/record.h"

namespace lilux::kernel {

using base::Json;
using base::Result;

namespace {

// The row of a call is numbered by its first record, so that rows lie in the order of the ledger and grow at the end.
constexpr std::string_view kTables = R"sql(
  create table calls (
    sequence integer primary key, segment integer not null, offset integer not null,
    call text not null unique, tool text not null, task text not null, principal text not null, cause text not null,
    result text not null, error_code text not null, undo text not null, need text not null, tier text not null,
    undone_by text not null default '', undoes text not null default '',
    time_us integer not null, wall_us integer not null,
    outcome_sequence integer, outcome_segment integer, outcome_offset integer
  ) strict;
  create table positions (
    sequence integer primary key, segment integer not null, offset integer not null, time_us integer not null
  ) strict;
  create table marks (
    name text primary key, sequence integer not null, segment integer not null, offset integer not null,
    text text not null
  ) strict, without rowid;
)sql";

// What makes the rows searchable.
constexpr std::string_view kSearches = R"sql(
  create index if not exists calls_by_tool on calls (tool);
  create index if not exists calls_by_task on calls (task);
  create index if not exists calls_by_cause on calls (cause) where cause <> '';
  create index if not exists calls_not_ok on calls (result) where result <> 'ok';
  create index if not exists calls_to_undo on calls (undone_by)
    where undo <> '' and undone_by = '' and result in ('ok', 'rerun');
)sql";

constexpr std::string_view kNoSearches = R"sql(
  drop index if exists calls_by_tool;
  drop index if exists calls_by_task;
  drop index if exists calls_by_cause;
  drop index if exists calls_not_ok;
  drop index if exists calls_to_undo;
)sql";

// A call may begin twice: asked about, and run once it was approved. The second beginning is the one that counts.
constexpr std::string_view kInsert = R"sql(
  insert or replace into calls
    (sequence, segment, offset, call, tool, task, principal, cause, result, error_code, undo, need, tier, time_us,
     wall_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
)sql";

// A call that failed has nothing to undo. In which tier a program ran is known when it has started.
constexpr std::string_view kFinish = R"sql(
  update calls set result = ?2, error_code = ?3, wall_us = ?4,
    undo = case when ?2 in ('ok', 'rerun') then undo else '' end,
    outcome_sequence = ?5, outcome_segment = ?6, outcome_offset = ?7, tier = case when ?8 = '' then tier else ?8 end
  where call = ?1
)sql";

// A question that a person answered with no, or nobody in time; one that was approved has run and is a row of its own.
constexpr std::string_view kAnswered = "update calls set result = ?2 where call = ?1 and result = 'asked'";
constexpr std::array<std::string_view, 3> kRefusals{"denied", "changes_requested", "expired"};

constexpr bool is_kind(const ledger::Record& record, Kind kind) {
  return record.kind == static_cast<std::uint8_t>(kind);
}

}  // namespace

Result<void> create_index_tables(db::Database& database) {
  db::Transaction transaction = TRY(database.begin());
  TRY(database.execute(std::string(kTables)));
  TRY(database.execute("pragma user_version = " + std::to_string(kIndexVersion)));
  return transaction.commit();
}

Result<void> create_index_searches(db::Database& database) {
  return database.execute(std::string(kSearches));
}

Result<void> drop_index_searches(db::Database& database) {
  return database.execute(std::string(kNoSearches));
}

Result<IndexWriter> IndexWriter::prepare(db::Database& database) {
  IndexWriter writer;
  writer.insert_ = TRY(database.prepare(kInsert));
  writer.finish_ = TRY(database.prepare(kFinish));
  writer.answered_ = TRY(database.prepare(kAnswered));
  writer.undone_ = TRY(database.prepare("update calls set undone_by = ?2 where call = ?1"));
  writer.undoes_ = TRY(database.prepare("update calls set undoes = ?2 where call = ?1"));
  writer.position_ = TRY(database.prepare("insert or replace into positions values (?1, ?2, ?3, ?4)"));
  writer.mark_ = TRY(database.prepare("insert or replace into marks values (?1, ?2, ?3, ?4, ?5)"));
  return writer;
}

Result<void> IndexWriter::mark(std::string_view name, const ledger::Position& position, std::string_view text) {
  TRY(mark_->bind(name, position.sequence, position.segment, position.offset, text));
  return mark_->run();
}

Result<void> IndexWriter::add(const ledger::Record& record) {
  TRY(add_position(record));
  const bool is_ours = is_kind(record, Kind::call) || is_kind(record, Kind::intent) || is_kind(record, Kind::outcome) ||
                       is_kind(record, Kind::note);
  if (!is_ours) return {};
  // What cannot be read has nothing to be searched by; the kernel tells about it when it replays the ledger.
  const std::optional<SkimmedBody> body = skim(record.body);
  if (!body) return {};
  if (!body->call.empty()) {
    if (is_kind(record, Kind::outcome)) TRY(end_call(record, *body));
    if (is_kind(record, Kind::call) || is_kind(record, Kind::intent)) TRY(begin_call(record, *body));
  }
  return body->changes.empty() ? Result<void>() : add_changes(body->changes);
}

Result<void> IndexWriter::add_position(const ledger::Record& record) {
  const ledger::Position& at = record.position;
  if (at.sequence % kPositionEvery != 0 && at.sequence != at.segment) return {};
  TRY(position_->bind(at.sequence, at.segment, at.offset, record.time_us));
  return position_->run();
}

Result<void> IndexWriter::begin_call(const ledger::Record& record, const SkimmedBody& body) {
  const ledger::Position& at = record.position;
  const bool is_intent = is_kind(record, Kind::intent);
  const bool is_undoable = is_intent || body.has_inverse;
  TRY(insert_->bind(at.sequence, at.segment, at.offset, body.call, body.tool, body.task, body.principal, body.cause,
                    is_intent ? std::string_view("open") : std::string_view(body.result), body.error_code,
                    is_undoable ? std::string_view(body.undo) : std::string_view(), body.need, body.tier,
                    record.time_us, body.wall_us));
  return insert_->run();
}

Result<void> IndexWriter::end_call(const ledger::Record& record, const SkimmedBody& body) {
  const ledger::Position& at = record.position;
  TRY(finish_->bind(body.call, body.result, body.error_code, body.wall_us, at.sequence, at.segment, at.offset,
                    body.tier));
  return finish_->run();
}

Result<void> IndexWriter::add_changes(const std::string& changes) {
  const auto names = [&](std::string_view table) { return changes.find(table) != std::string::npos; };
  if (!names(R"("undone")") && !names(R"("approval")") && !names(R"("approval.patch")")) return {};
  const Result<Json> parsed = base::parse_json(changes);
  if (!parsed || !parsed->is_array()) return {};
  for (const Json& change : parsed->as_array()) {
    const std::string table = change.string_or("table");
    if (table == "undone") TRY(add_undone(change));
    if (table == "approval" || table == "approval.patch") TRY(add_answer(change));
  }
  return {};
}

// {"table": "undone", "id": <call>, "value": <call that took it back, or null once it was redone>}
Result<void> IndexWriter::add_undone(const Json& change) {
  const std::string call = change.string_or("id");
  const std::string by = change.string_or("value");
  TRY(undone_->bind(call, by));
  TRY(undone_->run());
  if (by.empty()) return {};
  TRY(undoes_->bind(by, call));
  return undoes_->run();
}

// {"table": "approval" or "approval.patch", "id": <call>, "value": {"state": ..., ...}}
Result<void> IndexWriter::add_answer(const Json& change) {
  const Json* value = change.find("value");
  const std::string state = value ? value->string_or("state") : "";
  if (std::ranges::find(kRefusals, state) == kRefusals.end()) return {};
  TRY(answered_->bind(change.string_or("id"), state));
  return answered_->run();
}

}  // namespace lilux::kernel
