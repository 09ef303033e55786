#include "tools/script_faults.h"

#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "kernel/kernel.h"
#include "sys/file.h"

namespace lilux::tools::script {

using base::Result;
using item::Problem;
using kernel::CallContext;

namespace {

// A line of 0 stands for a sound one.
constexpr std::array<db::Migration, 1> kMigrations{
    "CREATE TABLE looked(id TEXT NOT NULL UNIQUE, line INTEGER NOT NULL, place INTEGER NOT NULL, message TEXT NOT "
    "NULL) STRICT;"};
constexpr std::int64_t kKeptMax = 20'000;
constexpr std::size_t kMessageBytesMax = 500;

std::string id_of(const item::Script& script) {
  return base::to_hex(base::sha256(std::string(base::enum_name(script.language)) + "\n" + script.code));
}

Result<db::Database> open_as_it_is(const std::string& file) {
  db::Database database = TRY(db::Database::open(file));
  TRY(database.migrate(kMigrations));
  return database;
}

// Anew when it is damaged.
Result<db::Database*> opened(const CallContext& call, std::optional<db::Database>& database) {
  if (database) return &*database;
  const std::string file = (call.kernel().folders().state / "scripts.db").string();
  Result<db::Database> made = open_as_it_is(file);
  if (!made && made.error().code == base::ErrorCode::corrupt) {
    TRY(db::Database::remove(file));
    made = open_as_it_is(file);
  }
  return &database.emplace(TRY(std::move(made)));
}

Result<std::optional<std::vector<Problem>>> look_up(db::Database& database, const std::string& id) {
  db::Statement look = TRY(database.prepare("SELECT line, place, message FROM looked WHERE id = ?"));
  TRY(look.bind(id));
  if (!TRY(look.step())) return std::optional<std::vector<Problem>>();
  std::vector<Problem> found;
  const text::Position at{.line = static_cast<std::size_t>(look.integer(0)),
                          .column = static_cast<std::size_t>(look.integer(1))};
  if (at.line > 0) found.push_back({.fault = {.position = at, .message = look.text(2), .hint = {}}});
  return std::optional(std::move(found));
}

Result<void> put(db::Database& database, const std::string& id, const std::vector<Problem>& problems) {
  const text::Fault fault = problems.empty()
                                ? text::Fault{.position = {.line = 0, .column = 0}, .message = {}, .hint = {}}
                                : problems.front().fault;
  db::Statement insert =
      TRY(database.prepare("INSERT OR REPLACE INTO looked(id, line, place, message) VALUES(?, ?, ?, ?)"));
  TRY(insert.bind(id, fault.position.line, fault.position.column, base::clipped(fault.message, kMessageBytesMax)));
  TRY(insert.run());
  db::Statement forget = TRY(database.prepare("DELETE FROM looked WHERE rowid <= ?"));
  TRY(forget.bind(database.last_row_id() - kKeptMax));
  return forget.run();
}

}  // namespace

std::optional<std::vector<Problem>> ScriptFaults::known(const CallContext& call, const item::Script& script) {
  return database_.with([&](std::optional<db::Database>& kept) -> std::optional<std::vector<Problem>> {
    const Result<db::Database*> database = opened(call, kept);
    const auto found = database ? look_up(**database, id_of(script)) : Result<std::optional<std::vector<Problem>>>();
    return found ? *found : std::nullopt;
  });
}

void ScriptFaults::keep(const CallContext& call, const item::Script& script, const std::vector<Problem>& problems) {
  database_.with([&](std::optional<db::Database>& kept) {
    const Result<db::Database*> database = opened(call, kept);
    if (database) std::ignore = put(**database, id_of(script), problems);  // else it is looked at again
  });
}

}  // namespace lilux::tools::script
