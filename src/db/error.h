#pragma once

// SQLite's result codes as the program's Error. For db/ itself.

#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace lilux::db {

// `what` as in "run 'insert into x ...'"; the database's own message is the cause.
std::unexpected<base::Error> fail_sqlite(sqlite3* database, int result, std::string_view what);

}  // namespace lilux::db
