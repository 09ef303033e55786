#pragma once

// A thin layer over SQLite: one Database is one connection, used by one thread at a time; several connections and
// processes may share a file. Statements belong to their database and die before it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lilux::db {

enum class Synchronous : std::uint8_t { off, normal, full };
enum class Access : std::uint8_t { read_write, read_only };

struct OpenOptions {
  Access access = Access::read_write;
  Synchronous synchronous = Synchronous::normal;  // with the write-ahead log
  std::chrono::milliseconds busy_timeout{5000};
};

// Bytes that are no text.
struct Blob {
  std::string_view bytes = {};
};

// One step of a schema: SQL statements that bring version n-1 to n, n being its place in the list, counted from 1.
using Migration = std::string_view;

class Statement {
 public:
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Binds from the first parameter on and forgets earlier bindings: `insert.bind(id, name, std::nullopt)`. Text is
  // copied.
  template <class... Values>
  base::Result<void> bind(const Values&... values);
  base::Result<void> bind_at(int index, std::nullopt_t);
  base::Result<void> bind_at(int index, std::int64_t value);
  base::Result<void> bind_at(int index, std::string_view text);
  base::Result<void> bind_at(int index, Blob blob);

  // The next row: false when there is none; then the statement is ready to run again.
  base::Result<bool> step();
  // Runs a statement that gives no rows, to its end.
  base::Result<void> run();
  void reset();

  // Columns of the current row, from 0. A null reads as 0 or empty; is_null tells.
  bool is_null(int index) const;
  std::int64_t integer(int index) const;
  std::string text(int index) const;
  std::string_view blob(int index) const;  // until the next step or reset

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  void clear_bindings();
  template <class T>
  base::Result<void> bind_value(int index, const T& value);
  sqlite3_stmt* statement_ = nullptr;
};

// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  // When it fails nothing of the transaction is kept.
  base::Result<void> commit();

 private:
  friend class Database;
  explicit Transaction(sqlite3* database) : database_(database) {}
  sqlite3* database_;
};

class Database {
 public:
  // Opens or creates a file (or ":memory:") with a write-ahead log and foreign keys on. `corrupt` when it is no
  // database.
  static base::Result<Database> open(const std::string& path, const OpenOptions& options = {});
  // Takes one away that can be made again, with the files beside it, as far as they are there.
  static base::Result<void> remove(const std::string& path);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Brings the schema to the newest version, all steps in one transaction. A file of a newer version than we know is
  // `unavailable` and stays as it is.
  base::Result<void> migrate(std::span<const Migration> migrations);
  base::Result<std::int64_t> version();
  // Another one once another connection has changed the file.
  base::Result<std::int64_t> content_version();

  base::Result<Statement> prepare(std::string_view sql);
  // Runs any number of statements that give no rows.
  base::Result<void> execute(const std::string& sql);
  // Takes the write lock at once, so that a conflict shows at the beginning.
  base::Result<Transaction> begin();
  // What is read from here on is one state of the file, whatever others write; waits for nobody.
  base::Result<Transaction> begin_reading();
  std::int64_t changes() const;  // rows the last statement changed
  std::int64_t last_row_id() const;
  // Moves the write-ahead log into the file and empties it.
  base::Result<void> checkpoint();

 private:
  explicit Database(sqlite3* database) : database_(database) {}
  sqlite3* database_ = nullptr;
};

template <class... Values>
base::Result<void> Statement::bind(const Values&... values) {
  reset();
  clear_bindings();
  base::Result<void> result;
  int index = 0;
  std::ignore = ((result = bind_value(++index, values)).has_value() && ...);
  return result;
}

template <class T>
base::Result<void> Statement::bind_value(int index, const T& value) {
  if constexpr (requires {
                  value.has_value();
                  *value;
                }) {
    return value ? bind_value(index, *value) : bind_at(index, std::nullopt);
  } else if constexpr (std::is_integral_v<T>) {
    return bind_at(index, static_cast<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, std::nullopt_t>) {
    return bind_at(index, std::nullopt);
  } else if constexpr (std::is_same_v<T, Blob>) {
    return bind_at(index, value);
  } else {
    return bind_at(index, std::string_view(value));
  }
}

}  // namespace lilux::db
