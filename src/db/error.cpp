#include "db/error.h"

#include <string>

#include <sqlite3.h>

namespace lilux::db {

using base::ErrorCode;

namespace {

struct Meaning {
  ErrorCode code = ErrorCode::internal;
  const char* hint = "";
};

Meaning meaning_of(int result) {
  switch (result & 0xff) {  // the rest is detail
    case SQLITE_FULL: return {ErrorCode::unavailable, "free disk space, see: df -h"};
    case SQLITE_IOERR: return {ErrorCode::unavailable, "the disk reports errors, see: dmesg"};
    case SQLITE_NOMEM: return {ErrorCode::unavailable, "free memory, see: free -h"};
    case SQLITE_READONLY: return {ErrorCode::unavailable, "the file or its folder cannot be written: ls -ld"};
    case SQLITE_CANTOPEN: return {ErrorCode::unavailable, "check that the folder exists and may be written"};
    case SQLITE_PROTOCOL: return {ErrorCode::unavailable, ""};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorCode::timeout, "another process holds the database; try again"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {ErrorCode::corrupt, ""};
    case SQLITE_CONSTRAINT: return {ErrorCode::conflict, ""};
    case SQLITE_PERM:
    case SQLITE_AUTH: return {ErrorCode::denied, ""};
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return {ErrorCode::invalid_argument, ""};
    case SQLITE_INTERRUPT: return {ErrorCode::cancelled, ""};
    default: return {ErrorCode::internal, ""};
  }
}

}  // namespace

std::unexpected<base::Error> fail_sqlite(sqlite3* database, int result, std::string_view what) {
  const Meaning meaning = meaning_of(result);
  // A connection that could not even be allocated has no message of its own.
  const char* cause =
      database != nullptr && sqlite3_errcode(database) != SQLITE_OK ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  return base::fail(meaning.code, "cannot " + std::string(what) + ": " + cause, meaning.hint);
}

}  // namespace lilux::db
