#include "tools/memory_store.h"

#include <array>
#include <mutex>

#include "base/time.h"
#include "db/database.h"
#include "sys/file.h"

namespace lilux::tools {

using base::Result;

namespace {

constexpr std::array<db::Migration, 1> kMigrations{R"sql(
  CREATE TABLE note (
    rowid INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, tags TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, expires INTEGER NOT NULL, UNIQUE (space, key)) STRICT;
  CREATE INDEX note_by_expiry ON note (expires) WHERE expires > 0;
  CREATE VIRTUAL TABLE note_text USING fts5 (key, value, tags, content = 'note', content_rowid = 'rowid');
  CREATE TRIGGER note_added AFTER INSERT ON note BEGIN
    INSERT INTO note_text (rowid, key, value, tags) VALUES (new.rowid, new.key, new.value, new.tags); END;
  CREATE TRIGGER note_removed AFTER DELETE ON note BEGIN
    INSERT INTO note_text (note_text, rowid, key, value, tags) VALUES ('delete', old.rowid, old.key, old.value, old.tags); END;
)sql"};

struct Condition {
  std::string sql;
  std::vector<std::string> texts;
};

// Each word quoted, so that nothing in it is taken for search syntax.
std::string quoted_words(const std::string& query) {
  std::string out;
  for (std::size_t from = 0; from < query.size();) {
    const std::size_t begin = query.find_first_not_of(" \t\n", from);
    if (begin == std::string::npos) break;
    const std::size_t end = std::min(query.find_first_of(" \t\n", begin), query.size());
    std::string word = query.substr(begin, end - begin);
    for (std::size_t at = word.find('"'); at != std::string::npos; at = word.find('"', at + 2)) word.insert(at, "\"");
    out += (out.empty() ? "\"" : " \"") + word + "\"";
    from = end;
  }
  return out.empty() ? "\"\"" : out;
}

Condition condition_of(const NoteFilter& filter) {
  Condition made{.sql = " WHERE space = ?1 AND (expires = 0 OR expires > " + std::to_string(base::now_us()) + ")",
                 .texts = {filter.space}};
  const auto add = [&](const std::string& text, std::string_view before, std::string_view after) {
    made.texts.push_back(text);
    made.sql.append(before).append("?").append(std::to_string(made.texts.size())).append(after);
  };
  if (filter.key) add(*filter.key, " AND key = ", "");
  if (filter.prefix)
    add(*filter.prefix, " AND substr(key, 1, length(", ")) = ?" + std::to_string(made.texts.size() + 1));
  if (filter.tag) add("\n" + *filter.tag + "\n", " AND instr(tags, ", ") > 0");
  if (filter.query)
    add(quoted_words(*filter.query), " AND rowid IN (SELECT rowid FROM note_text WHERE note_text MATCH ", ")");
  if (filter.before_us) made.sql += " AND updated < " + std::to_string(*filter.before_us);
  return made;
}

// Tags lie between line ends, so that one can be found whole.
std::string tags_text(const std::vector<std::string>& tags) {
  std::string text = "\n";
  for (const std::string& tag : tags) text += tag + "\n";
  return text;
}

std::vector<std::string> tags_of(const std::string& text) {
  std::vector<std::string> tags;
  for (std::size_t from = 1; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    tags.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return tags;
}

Result<void> bind(db::Statement& statement, const Condition& condition) {
  for (std::size_t i = 0; i < condition.texts.size(); ++i)
    TRY(statement.bind_at(static_cast<int>(i) + 1, condition.texts[i]));
  return {};
}

}  // namespace

struct MemoryStore::State {
  State(std::string path, db::Database opened) : file(std::move(path)), database(std::move(opened)) {}
  std::mutex mutex;
  std::string file;
  db::Database database;
};

MemoryStore::MemoryStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
MemoryStore::~MemoryStore() = default;

Result<std::unique_ptr<MemoryStore>> MemoryStore::open(const std::filesystem::path& file) {
  db::Database database = TRY(db::Database::open(file.string(), {.synchronous = db::Synchronous::full}));
  TRY(database.migrate(kMigrations));
  return std::unique_ptr<MemoryStore>(new MemoryStore(std::make_unique<State>(file.string(), std::move(database))));
}

Result<std::vector<Note>> MemoryStore::read(const NoteFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  const Condition condition = condition_of(filter);
  db::Statement rows = TRY(state_->database.prepare(
      "SELECT space, key, value, tags, created, updated, expires FROM note" + condition.sql + " ORDER BY key LIMIT " +
      std::to_string(filter.limit) + " OFFSET " + std::to_string(filter.offset)));
  TRY(bind(rows, condition));
  std::vector<Note> found;
  while (TRY(rows.step())) {
    found.push_back({.space = rows.text(0),
                     .key = rows.text(1),
                     .value = TRY(base::parse_json(rows.text(2))),
                     .tags = tags_of(rows.text(3)),
                     .created_us = rows.integer(4),
                     .updated_us = rows.integer(5),
                     .expires_us = rows.integer(6)});
  }
  return found;
}

Result<std::int64_t> MemoryStore::count(const NoteFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  const Condition condition = condition_of(filter);
  db::Statement row = TRY(state_->database.prepare("SELECT count(*) FROM note" + condition.sql));
  TRY(bind(row, condition));
  TRY(row.step());
  return row.integer(0);
}

Result<void> MemoryStore::change(const std::vector<Note>& put, const std::vector<Note>& removed) {
  const std::lock_guard lock(state_->mutex);
  db::Transaction transaction = TRY(state_->database.begin());
  db::Statement erase = TRY(state_->database.prepare("DELETE FROM note WHERE space = ?1 AND key = ?2"));
  db::Statement insert = TRY(state_->database.prepare(
      "INSERT INTO note (space, key, value, tags, created, updated, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  for (const Note& note : removed) {
    TRY(erase.bind(note.space, note.key));
    TRY(erase.run());
  }
  for (const Note& note : put) {
    TRY(erase.bind(note.space, note.key));
    TRY(erase.run());
    TRY(insert.bind(note.space, note.key, base::to_text(note.value), tags_text(note.tags), note.created_us,
                    note.updated_us, note.expires_us));
    TRY(insert.run());
  }
  return transaction.commit();
}

Result<MemoryStore::Saved> MemoryStore::optimize() {
  const std::lock_guard lock(state_->mutex);
  Saved saved;
  const auto size = [&] { return static_cast<std::int64_t>(sys::stat(state_->file).value_or(sys::Stat{}).size); };
  TRY(state_->database.checkpoint());
  saved.bytes_before = size();
  TRY(state_->database.execute("DELETE FROM note WHERE expires > 0 AND expires <= " + std::to_string(base::now_us())));
  saved.expired = state_->database.changes();
  TRY(state_->database.execute("INSERT INTO note_text (note_text) VALUES ('optimize'); VACUUM"));
  TRY(state_->database.checkpoint());
  saved.bytes_after = size();
  return saved;
}

}  // namespace lilux::tools
