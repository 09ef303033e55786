#include "kernel/index.h"

#include <algorithm>
#include <mutex>

#include "base/hash.h"
#include "db/database.h"
#include "kernel/index_writer.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::uint64_t kTransactionRecords = 1'000;
constexpr std::uint64_t kManyRecords = 50'000;
constexpr std::int64_t kRowsMax = 100'000;
constexpr std::size_t kTypedMax = 64;

constexpr std::string_view kSelect =
    "select sequence, segment, offset, call, tool, task, principal, cause, result, error_code, undo, undone_by, undoes,"
    " need, tier, time_us, wall_us, outcome_sequence, outcome_segment, outcome_offset from calls ";

ledger::Position position_at(const db::Statement& row, int column) {
  return {.sequence = static_cast<std::uint64_t>(row.integer(column)),
          .segment = static_cast<std::uint64_t>(row.integer(column + 1)),
          .offset = static_cast<std::uint64_t>(row.integer(column + 2))};
}

CallRow row_of(const db::Statement& row) {
  return {.call = row.text(3),
          .tool = row.text(4),
          .task = row.text(5),
          .principal = row.text(6),
          .cause = row.text(7),
          .result = row.text(8),
          .error_code = row.text(9),
          .undo = row.text(10),
          .undone_by = row.text(11),
          .undoes = row.text(12),
          .need = row.text(13),
          .tier = row.text(14),
          .time_us = row.integer(15),
          .wall_us = row.integer(16),
          .first = position_at(row, 0),
          .outcome = row.is_null(17) ? std::nullopt : std::optional(position_at(row, 17))};
}

// Tells one record from another that took its place: the time and the body's sum.
std::string fingerprint(const ledger::Record& record) {
  return std::to_string(record.time_us) + ":" + std::to_string(base::crc32c(record.body));
}

std::unexpected<base::Error> no_call(const std::string& call) {
  return fail(ErrorCode::not_found, "no call " + sys::quoted(call), "`lilux logs` lists the newest calls");
}

// A where clause and what is bound to its parameters.
struct Condition {
  std::string sql;
  std::vector<std::string> texts;

  void add(std::string_view condition) { sql += (sql.empty() ? "where " : " and ") + std::string(condition); }
  // The `?` in the condition stands for the text.
  void add(std::string_view condition, const std::string& text) {
    add(condition);
    texts.push_back(text);
  }
};

}  // namespace

struct Index::State {
  struct Mark {
    ledger::Position position;
    std::string text;
  };
  // Records that were put into the tables but not committed yet.
  struct Batch {
    std::optional<db::Transaction> transaction;
    Mark last;
    std::uint64_t records = 0;
  };

  explicit State(std::string name) : file(std::move(name)) {}

  Result<void> open();
  Result<void> connect();
  Result<void> rebuild();
  Result<void> check(const ledger::Ledger& ledger);
  Result<void> read_on(ledger::Ledger& ledger);
  Result<void> add(Batch& batch, const ledger::Record& record);
  Result<void> commit(Batch& batch);
  Result<void> lose_searches();
  Result<IndexWriter*> writing();
  Result<db::Statement> prepare(std::string_view sql);
  Result<std::optional<Mark>> mark(std::string_view name);
  Result<std::vector<CallRow>> rows(const Condition& condition, std::string_view order, std::int64_t limit);
  Result<CallRow> find(const std::string& call);
  Result<Condition> condition_of(const CallFilter& filter);
  Result<std::optional<ledger::Position>> position_of(std::uint64_t sequence);
  Result<std::uint64_t> sequence_at(std::int64_t time_us);

  // Notices damage that shows only now, so that the next catch-up makes the file anew.
  template <class T>
  Result<T> watched(Result<T> result) {
    if (!result && result.error().code == ErrorCode::corrupt) is_damaged = true;
    return result;
  }

  std::mutex mutex;
  std::string file;
  std::optional<db::Database> database;  // absent after a rebuild that failed
  std::optional<IndexWriter> writer;     // goes before its database
  std::optional<Mark> indexed;
  bool is_checked = false;     // against the ledger, once after opening
  bool is_searchable = false;  // known to have all that searching needs
  bool is_damaged = false;
};

Result<void> Index::State::open() {
  Result<void> connected = connect();
  if (connected) return connected;
  const bool is_useless = connected.error().code == ErrorCode::corrupt || connected.error().code == ErrorCode::internal;
  return is_useless ? rebuild() : connected;
}

Result<void> Index::State::connect() {
  database = TRY(db::Database::open(file, {.synchronous = db::Synchronous::normal}));
  TRY(database->execute("pragma cache_size = -512"));  // in KiB: most of the time nobody asks
  const std::int64_t version = TRY(database->version());
  if (version > kIndexVersion) {
    return fail(ErrorCode::unavailable, "the index " + sys::quoted(file) + " was made by a newer lilux",
                "use that, or delete the file: it is made again from the ledger");
  }
  if (version == 0)
    TRY(create_index_tables(*database));
  else if (version < kIndexVersion)
    return fail(ErrorCode::corrupt, "the index was made by an older lilux");
  indexed = TRY(mark(kIndexedMark));
  return {};
}

Result<void> Index::State::rebuild() {
  is_damaged = true;  // until it has been made again
  writer.reset();
  database.reset();
  indexed.reset();
  is_searchable = false;
  TRY(db::Database::remove(file));
  TRY(connect());
  is_damaged = false;
  return {};
}

Result<db::Statement> Index::State::prepare(std::string_view sql) {
  if (database) return database->prepare(sql);
  return fail(ErrorCode::unavailable, "the index " + sys::quoted(file) + " could not be made again");
}

Result<IndexWriter*> Index::State::writing() {
  if (!database) return fail(ErrorCode::unavailable, "the index " + sys::quoted(file) + " could not be made again");
  if (!writer) writer = TRY(IndexWriter::prepare(*database));
  return &*writer;
}

// A ledger that was put back from a copy, or another one, has other records where we read.
Result<void> Index::State::check(const ledger::Ledger& ledger) {
  if (is_checked && !is_damaged) return {};
  is_checked = true;
  if (is_damaged) return rebuild();
  if (!indexed) return {};
  if (indexed->position.sequence <= ledger.durable_sequence()) {
    const Result<ledger::Record> record = ledger.read(indexed->position);
    if (record && fingerprint(*record) == indexed->text) return {};
  }
  return rebuild();
}

Result<void> Index::State::read_on(ledger::Ledger& ledger) {
  std::ignore = ledger.flush();  // on a disk that failed, what is durable can still be searched
  const std::uint64_t end = ledger.durable_sequence();
  const std::uint64_t done = indexed ? indexed->position.sequence : 0;
  if (done < end) {
    if (end - done > std::max(kManyRecords, done / 4)) TRY(watched(lose_searches()));
    Batch batch;
    Result<void> added;
    TRY(ledger.scan(indexed ? std::optional(indexed->position) : std::nullopt, [&](const ledger::Record& record) {
      if (record.position.sequence > end) return false;
      if (record.position.sequence > done) added = watched(add(batch, record));
      return added.has_value();
    }));
    TRY(std::move(added));
    TRY(watched(commit(batch)));
  }
  if (!is_searchable) TRY(watched(create_index_searches(*database)));
  is_searchable = true;
  return {};
}

// A process that dies before they are made again finds them missing and makes them.
Result<void> Index::State::lose_searches() {
  TRY(writing());
  is_searchable = false;
  return drop_index_searches(*database);
}

Result<void> Index::State::add(Batch& batch, const ledger::Record& record) {
  IndexWriter* into = TRY(writing());
  if (!batch.transaction) batch.transaction.emplace(TRY(database->begin()));
  TRY(into->add(record));
  batch.last = {.position = record.position, .text = fingerprint(record)};
  return ++batch.records < kTransactionRecords ? Result<void>() : commit(batch);
}

Result<void> Index::State::commit(Batch& batch) {
  if (!batch.transaction) return {};
  IndexWriter* into = TRY(writing());
  TRY(into->mark(kIndexedMark, batch.last.position, batch.last.text));
  TRY(batch.transaction->commit());
  indexed = std::move(batch.last);
  batch.transaction.reset();
  batch.records = 0;
  return {};
}

Result<std::optional<Index::State::Mark>> Index::State::mark(std::string_view name) {
  db::Statement query = TRY(prepare("select sequence, segment, offset, text from marks where name = ?1"));
  TRY(query.bind(name));
  if (!TRY(query.step())) return std::optional<Mark>();
  return std::optional(Mark{.position = position_at(query, 0), .text = query.text(3)});
}

Result<std::vector<CallRow>> Index::State::rows(const Condition& condition, std::string_view order,
                                                std::int64_t limit) {
  std::string sql(kSelect);
  sql.append(condition.sql).append(" order by sequence ").append(order).append(" limit ");
  db::Statement query = TRY(prepare(sql + std::to_string(limit)));
  for (std::size_t i = 0; i < condition.texts.size(); ++i) {
    TRY(query.bind_at(static_cast<int>(i) + 1, condition.texts[i]));
  }
  std::vector<CallRow> found;
  while (TRY(query.step())) found.push_back(row_of(query));
  return found;
}

Result<CallRow> Index::State::find(const std::string& call) {
  if (call.empty() || call.size() > kTypedMax) return no_call(call);
  Condition exact;
  exact.add("call = ?", call);
  std::vector<CallRow> found = TRY(rows(exact, "desc", 1));
  if (found.empty()) {
    Condition part;
    part.add(
        "call in (select call from calls where substr(call, 1, length(?1)) = ?1 or substr(call, -length(?1)) = ?1"
        " limit 2)",
        call);
    found = TRY(rows(part, "desc", 2));
  }
  if (found.empty()) return no_call(call);
  if (found.size() == 1) return std::move(found.front());
  return fail(
      ErrorCode::invalid_argument,
      "several calls begin or end in " + sys::quoted(call) + ", among them " + found[0].call + " and " + found[1].call,
      "type more of the id");
}

Result<Condition> Index::State::condition_of(const CallFilter& filter) {
  Condition made;
  // What partial indexes leave out is said once more, since a parameter does not tell the planner.
  if (filter.tool) made.add(filter.tool->find('*') == std::string::npos ? "tool = ?" : "tool glob ?", *filter.tool);
  if (filter.task) made.add("task = ?", *filter.task);
  if (filter.cause) made.add("cause <> '' and cause = ?", *filter.cause);
  if (filter.result) made.add(*filter.result == "ok" ? "result = ?" : "result <> 'ok' and result = ?", *filter.result);
  if (!filter.has_looks) made.add("not (result = 'ok' and need like 'read kernel %')");
  if (filter.only_undoable) made.add("undo <> '' and undone_by = '' and result in ('ok', 'rerun')");
  // Times never decrease along the ledger, so the kept positions bound the rows that have to be looked at.
  if (filter.since_us) {
    const std::string time = std::to_string(*filter.since_us);
    made.add("time_us >= " + time);
    made.add("sequence > ifnull((select sequence from positions where time_us < " + time +
             " order by sequence desc limit 1), 0)");
  }
  if (filter.until_us) {
    const std::string time = std::to_string(*filter.until_us);
    made.add("time_us <= " + time);
    made.add("sequence <= ifnull((select sequence from positions where time_us > " + time +
             " order by sequence limit 1), 9e18)");
  }
  if (filter.before_call) made.add("sequence < " + std::to_string(TRY(find(*filter.before_call)).first.sequence));
  return made;
}

Result<std::optional<ledger::Position>> Index::State::position_of(std::uint64_t sequence) {
  if (!indexed || sequence > indexed->position.sequence) return std::optional<ledger::Position>();
  constexpr std::string_view kColumns = "select sequence, segment, offset from positions ";
  db::Statement before = TRY(prepare(std::string(kColumns) + "where sequence <= ?1 order by sequence desc limit 1"));
  TRY(before.bind(sequence));
  if (TRY(before.step())) return std::optional(position_at(before, 0));
  db::Statement first = TRY(prepare(std::string(kColumns) + "order by sequence limit 1"));
  if (!TRY(first.step())) return std::optional<ledger::Position>();
  return std::optional(position_at(first, 0));
}

Result<std::uint64_t> Index::State::sequence_at(std::int64_t time_us) {
  db::Statement last = TRY(prepare("select sequence from positions where time_us < ?1 order by sequence desc limit 1"));
  TRY(last.bind(time_us));
  return TRY(last.step()) ? static_cast<std::uint64_t>(last.integer(0)) : std::uint64_t{0};
}

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(const std::filesystem::path& file) {
  auto state = std::make_unique<State>(file.string());
  TRY(state->open());
  return std::unique_ptr<Index>(new Index(std::move(state)));
}

Result<void> Index::catch_up(ledger::Ledger& ledger) {
  const std::lock_guard lock(state_->mutex);
  TRY(state_->check(ledger));
  Result<void> done = state_->read_on(ledger);
  if (done || !state_->is_damaged) return done;
  TRY(state_->rebuild());
  return state_->read_on(ledger);
}

std::optional<ledger::Position> Index::indexed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->indexed ? std::optional(state_->indexed->position) : std::nullopt;
}

Result<CallRow> Index::find(const std::string& call) const {
  const std::lock_guard lock(state_->mutex);
  return state_->watched(state_->find(call));
}

Result<std::vector<CallRow>> Index::query(const CallFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  const Condition condition = TRY(state_->watched(state_->condition_of(filter)));
  return state_->watched(state_->rows(condition, "desc", std::clamp<std::int64_t>(filter.limit, 0, kRowsMax)));
}

Result<std::vector<CallRow>> Index::caused_by(const std::string& call) const {
  const std::lock_guard lock(state_->mutex);
  Condition condition;
  condition.add("cause <> '' and cause = ?", call);
  return state_->watched(state_->rows(condition, "asc", kRowsMax));
}

Result<std::optional<ledger::Position>> Index::position_of(std::uint64_t sequence) const {
  const std::lock_guard lock(state_->mutex);
  return state_->watched(state_->position_of(sequence));
}

Result<std::uint64_t> Index::sequence_at(std::int64_t time_us) const {
  const std::lock_guard lock(state_->mutex);
  return state_->watched(state_->sequence_at(time_us));
}

Result<void> Index::save_snapshot(const Snapshot& snapshot) {
  const std::lock_guard lock(state_->mutex);
  IndexWriter* into = TRY(state_->writing());
  return state_->watched(into->mark(kSnapshotMark, snapshot.position, snapshot.text));
}

Result<std::optional<Index::Snapshot>> Index::snapshot() const {
  const std::lock_guard lock(state_->mutex);
  std::optional<State::Mark> kept = TRY(state_->watched(state_->mark(kSnapshotMark)));
  if (!kept) return std::optional<Snapshot>();
  return std::optional(Snapshot{.position = kept->position, .text = std::move(kept->text)});
}

Result<void> Index::forget_before(std::uint64_t sequence) {
  const std::lock_guard lock(state_->mutex);
  TRY(state_->writing());
  db::Transaction transaction = TRY(state_->database->begin());
  const std::string end = std::to_string(sequence);
  TRY(state_->database->execute("delete from calls where sequence < " + end));
  TRY(state_->database->execute("delete from positions where sequence < " + end));
  return transaction.commit();
}

}  // namespace lilux::kernel
