#include <sqlite3.h>

#include "db/database.h"
#include "db/error.h"
#include "sys/error.h"

namespace lilux::db {

using base::Result;

namespace {

Result<void> bound(sqlite3_stmt* statement, int result, int index) {
  if (result == SQLITE_OK) return {};
  return fail_sqlite(sqlite3_db_handle(statement), result, "bind parameter " + std::to_string(index));
}

// An empty view may have no address, which SQLite would read as null.
const char* address_of(std::string_view bytes) {
  return bytes.empty() ? "" : bytes.data();
}

}  // namespace

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::reset() {
  sqlite3_reset(statement_);
}
void Statement::clear_bindings() {
  sqlite3_clear_bindings(statement_);
}

Result<void> Statement::bind_at(int index, std::nullopt_t) {
  return bound(statement_, sqlite3_bind_null(statement_, index), index);
}

Result<void> Statement::bind_at(int index, std::int64_t value) {
  return bound(statement_, sqlite3_bind_int64(statement_, index, value), index);
}

Result<void> Statement::bind_at(int index, std::string_view text) {
  const int result =
      sqlite3_bind_text64(statement_, index, address_of(text), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return bound(statement_, result, index);
}

Result<void> Statement::bind_at(int index, Blob blob) {
  const std::string_view bytes = blob.bytes;
  return bound(statement_, sqlite3_bind_blob64(statement_, index, address_of(bytes), bytes.size(), SQLITE_TRANSIENT),
               index);
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    reset();
    return false;
  }
  auto failed = fail_sqlite(sqlite3_db_handle(statement_), result, "run " + sys::quoted(sqlite3_sql(statement_)));
  reset();
  return failed;
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

bool Statement::is_null(int index) const {
  return sqlite3_column_type(statement_, index) == SQLITE_NULL;
}
std::int64_t Statement::integer(int index) const {
  return sqlite3_column_int64(statement_, index);
}

std::string Statement::text(int index) const {
  const unsigned char* text = sqlite3_column_text(statement_, index);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

std::string_view Statement::blob(int index) const {
  const void* bytes = sqlite3_column_blob(statement_, index);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

}  // namespace lilux::db
