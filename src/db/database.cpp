#include "db/database.h"

#include <algorithm>
#include <climits>

#include <sqlite3.h>

#include "db/error.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"

namespace lilux::db {

using base::ErrorCode;
using base::Result;

namespace {

const char* synchronous_name(Synchronous synchronous) {
  switch (synchronous) {
    case Synchronous::off: return "off";
    case Synchronous::normal: return "normal";
    case Synchronous::full: return "full";
  }
  std::unreachable();
}

Result<void> run_script(sqlite3* database, const std::string& sql) {
  const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return fail_sqlite(database, result, "run " + sys::quoted(sql));
  return {};
}

// When two make a new file's log at once, SQLite tells one that it is busy without waiting as it was asked to; so we
// wait as it does elsewhere.
Result<void> run_patiently(sqlite3* database, const std::string& sql, std::chrono::milliseconds patience) {
  constexpr int kPauseMs = 1;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    Result<void> done = run_script(database, sql);
    const bool is_busy = (sqlite3_errcode(database) & 0xff) == SQLITE_BUSY;
    if (done || !is_busy || std::chrono::steady_clock::now() >= deadline) return done;
    sqlite3_sleep(kPauseMs);
  }
}

std::string newer_state(std::int64_t found, std::size_t known) {
  return "the database is of a newer version (" + std::to_string(found) + ") than this program knows (" +
         std::to_string(known) + ")";
}

}  // namespace

Result<Database> Database::open(const std::string& path, const OpenOptions& options) {
  TRY(sys::check_path(path));
  const int access =
      options.access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database database(raw);
  if (result != SQLITE_OK) return fail_sqlite(raw, result, "open database " + sys::quoted(path));
  const auto timeout = std::clamp<std::int64_t>(options.busy_timeout.count(), 0, INT_MAX);
  sqlite3_busy_timeout(raw, static_cast<int>(timeout));
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);       // no writes behind the schema's back
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);  // a forged file calls no functions
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);         // "x" is a name, never a text
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  std::string settings = "pragma foreign_keys = on;";
  if (options.access == Access::read_write) settings += "pragma journal_mode = wal;";
  settings += std::string("pragma synchronous = ") + synchronous_name(options.synchronous) + ";";
  settings += "pragma schema_version;";  // reads the file, so that what is no database shows now
  auto ready = run_patiently(raw, settings, options.busy_timeout);
  if (!ready) return base::in_context(std::move(ready).error(), "cannot open database " + sys::quoted(path));
  return database;
}

Result<void> Database::remove(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const Result<void> removed = sys::remove_file(path + suffix);
    if (!removed && removed.error().code != ErrorCode::not_found) return removed;
  }
  return {};
}

Database::Database(Database&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}

Database::~Database() {
  sqlite3_close_v2(database_);
}

Result<std::int64_t> Database::version() {
  Statement query = TRY(prepare("pragma user_version"));
  TRY(query.step());
  return query.integer(0);
}

Result<std::int64_t> Database::content_version() {
  Statement query = TRY(prepare("pragma data_version"));
  TRY(query.step());
  return query.integer(0);
}

Result<void> Database::migrate(std::span<const Migration> migrations) {
  const auto known = static_cast<std::int64_t>(migrations.size());
  const std::int64_t seen = TRY(version());  // without a lock first: usually there is nothing to do
  if (seen == known) return {};
  if (seen > known) {
    return base::fail(ErrorCode::unavailable, newer_state(seen, migrations.size()), "use a newer lilux");
  }
  Transaction transaction = TRY(begin());
  const std::int64_t current = TRY(version());  // another process may have been faster
  if (current > known) {
    return base::fail(ErrorCode::unavailable, newer_state(current, migrations.size()), "use a newer lilux");
  }
  for (std::int64_t step = current; step < known; ++step) {
    auto done = execute(std::string(migrations[static_cast<std::size_t>(step)]));
    if (!done) return base::in_context(std::move(done).error(), "migration " + std::to_string(step + 1));
  }
  TRY(execute("pragma user_version = " + std::to_string(known)));
  return transaction.commit();
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  if (sql.size() > INT_MAX) return base::fail(ErrorCode::invalid_argument, "the statement is too long");
  const int result = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, &tail);
  if (result != SQLITE_OK) return fail_sqlite(database_, result, "prepare " + sys::quoted(sql));
  Statement prepared(statement);
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  if (statement == nullptr || rest.find_first_not_of(" \t\n;") != std::string_view::npos) {
    return base::fail(ErrorCode::invalid_argument, sys::quoted(sql) + " is not one statement");
  }
  return prepared;
}

Result<void> Database::execute(const std::string& sql) {
  return run_script(database_, sql);
}

Result<Transaction> Database::begin() {
  TRY(run_script(database_, "begin immediate"));
  return Transaction(database_);
}

Result<Transaction> Database::begin_reading() {
  TRY(run_script(database_, "begin; select 1 from sqlite_schema"));  // the state is fixed by the first read
  return Transaction(database_);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(database_);
}
std::int64_t Database::last_row_id() const {
  return sqlite3_last_insert_rowid(database_);
}

Result<void> Database::checkpoint() {
  const int result = sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (result != SQLITE_OK) return fail_sqlite(database_, result, "empty the write-ahead log");
  return {};
}

// Some failures (a full disk, no memory) roll back by themselves; then there is nothing left to do.
Transaction::~Transaction() {
  if (database_ == nullptr || sqlite3_get_autocommit(database_) != 0) return;
  std::ignore = run_script(database_, "rollback");  // closing the connection does the same
}

Result<void> Transaction::commit() {
  if (database_ == nullptr) return base::fail(ErrorCode::internal, "the transaction was committed before");
  TRY(run_script(database_, "commit"));
  database_ = nullptr;
  return {};
}

}  // namespace lilux::db
