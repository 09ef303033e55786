#include "tools/memory_store.h"

#include <array>
#include <mutex>

#include "base/hash.h"
#include "base/time.h"
#include "db/database.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::tools {

using base::ErrorCode;
using base::Json;
using base::Result;

namespace {

constexpr std::size_t kStampCharacters = 16;
// Only a call that a crash interrupted is run again, so the newest are enough.
constexpr std::int64_t kCallsRemembered = 1000;

// The search holds the texts of a note's value without JSON's escapes, which it would stumble over; its rowid is the
// note's id. Tags lie between line ends, so that one can be found whole.
constexpr std::array<db::Migration, 1> kMigrations{R"sql(
  create table notes (
    id integer primary key, space text not null, key text not null, value text not null, tags text not null,
    created_us integer not null, updated_us integer not null, expires_us integer not null, unique (space, key)
  ) strict;
  create index notes_by_expiry on notes (expires_us) where expires_us > 0;
  create virtual table notes_search using fts5 (key, words, tags);
  create table calls (id integer primary key, call text not null unique, changed integer not null) strict;
)sql"};

constexpr std::string_view kSelect =
    "select space, key, value, tags, created_us, updated_us, expires_us from notes where ";

std::int64_t now_us() {
  return base::now_us() / 1000 * 1000;
}

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

void collect_words(const Json& value, std::string& words) {
  if (value.is_string())
    words += value.as_string() + "\n";
  else if (value.is_number())
    words += base::to_text(value) + "\n";
  else if (value.is_array()) {
    for (const Json& element : value.as_array()) collect_words(element, words);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) {
      words += name + "\n";
      collect_words(member, words);
    }
  }
}

// Each word quoted, so that nothing in it is taken for search syntax.
std::string quoted_words(const std::string& query) {
  constexpr std::string_view kSpace(" \t\r\n\0", 5);  // the search itself would end at a NUL
  std::string quoted;
  for (std::size_t at = query.find_first_not_of(kSpace); at != std::string::npos;
       at = query.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(query.find_first_of(kSpace, at), query.size());
    quoted += '"';
    for (; at < end; ++at) quoted.append(query[at] == '"' ? 2 : 1, query[at]);
    quoted += "\" ";
  }
  return quoted;
}

struct Condition {
  std::string sql = "space = ?1";
  std::vector<std::string> texts = {};

  // Every `?` in the condition stands for the text.
  void add(std::string_view condition, const std::string& text) {
    texts.push_back(text);
    sql += " and ";
    for (const char c : condition) {
      sql += c;
      if (c == '?') sql += std::to_string(texts.size());
    }
  }
};

Condition condition_of(const NoteFilter& filter) {
  Condition made{.texts = {filter.space}};
  const std::string now = std::to_string(now_us());
  made.sql += " and (expires_us = 0 or expires_us > " + now + ")";
  if (filter.before_us) made.sql += " and updated_us < " + std::to_string(*filter.before_us);
  if (filter.key) made.add("key = ?", *filter.key);
  if (filter.prefix) made.add("key >= ? and substr(key, 1, length(?)) = ?", *filter.prefix);
  if (filter.tag) made.add("instr(tags, ?) > 0", "\n" + *filter.tag + "\n");
  if (const std::string words = quoted_words(filter.query.value_or("")); !words.empty()) {
    made.add("id in (select rowid from notes_search where notes_search match ?)", words);
  }
  return made;
}

Result<Note> note_of(const db::Statement& row) {
  Result<Json> value = base::parse_json(row.text(2));
  if (!value) return base::in_context(std::move(value).error(), "note " + sys::quoted(row.text(1)) + " is damaged");
  return Note{.space = row.text(0),
              .key = row.text(1),
              .value = std::move(*value),
              .tags = tags_of(row.text(3)),
              .created_us = row.integer(4),
              .updated_us = row.integer(5),
              .expires_us = row.integer(6)};
}

Result<std::vector<Note>> notes_of(db::Statement& rows) {
  std::vector<Note> notes;
  while (TRY(rows.step())) notes.push_back(TRY(note_of(rows)));
  return notes;
}

}  // namespace

std::string stamp_of(const Note& note) {
  base::JsonArray tags(note.tags.begin(), note.tags.end());
  const Json said = base::JsonArray{note.value, std::move(tags)};
  return base::to_hex(base::sha256(base::canonical_text(said))).substr(0, kStampCharacters);
}

Json appended(const Json& value, const Json& added) {
  if (value.is_string() && added.is_string()) return value.as_string() + "\n" + added.as_string();
  base::JsonArray list = value.is_array() ? value.as_array() : base::JsonArray{value};
  list.push_back(added);
  return list;
}

struct MemoryStore::State {
  State(std::string name, db::Database opened) : file(std::move(name)), database(std::move(opened)) {}

  Result<db::Statement> select(const std::string& what, const Condition& condition, const std::string& rest);
  Result<std::optional<Note>> find(const std::string& space, const std::string& key);
  Result<std::optional<std::int64_t>> done(const std::string& call);
  Result<void> remember(const std::string& call, std::int64_t changed);
  Result<void> check(const NoteEdit& edit);
  Result<bool> remove(const std::string& space, const std::string& key);
  Result<void> put(const NoteEdit& edit, Note note);
  std::int64_t size_bytes() const;

  std::mutex mutex;
  std::string file;
  db::Database database;
};

Result<db::Statement> MemoryStore::State::select(const std::string& what, const Condition& condition,
                                                 const std::string& rest) {
  db::Statement rows = TRY(database.prepare(what + condition.sql + rest));
  for (std::size_t i = 0; i < condition.texts.size(); ++i) {
    TRY(rows.bind_at(static_cast<int>(i) + 1, condition.texts[i]));
  }
  return rows;
}

Result<std::optional<Note>> MemoryStore::State::find(const std::string& space, const std::string& key) {
  db::Statement rows = TRY(select(std::string(kSelect), condition_of({.space = space, .key = key}), ""));
  if (!TRY(rows.step())) return std::optional<Note>();
  return std::optional(TRY(note_of(rows)));
}

Result<std::optional<std::int64_t>> MemoryStore::State::done(const std::string& call) {
  db::Statement row = TRY(database.prepare("select changed from calls where call = ?1"));
  TRY(row.bind(call));
  return TRY(row.step()) ? std::optional(row.integer(0)) : std::nullopt;
}

Result<void> MemoryStore::State::remember(const std::string& call, std::int64_t changed) {
  if (call.empty()) return {};
  db::Statement row = TRY(database.prepare("insert into calls (call, changed) values (?1, ?2)"));
  TRY(row.bind(call, changed));
  TRY(row.run());
  return database.execute("delete from calls where id <= (select max(id) from calls) - " +
                          std::to_string(kCallsRemembered));
}

Result<void> MemoryStore::State::check(const NoteEdit& edit) {
  for (const NoteEdit::Expected& expected : edit.expected) {
    const std::optional<Note> note = TRY(find(edit.space, expected.key));
    if ((note ? stamp_of(*note) : std::string()) == expected.stamp) continue;
    return base::fail(ErrorCode::conflict,
                      "note " + sys::quoted(expected.key) + " was changed in between: " +
                          (note ? "it says " + sys::quoted(base::to_text(note->value)) + " now" : "it is gone"),
                      "look at it first: lilux call memory.read");
  }
  return {};
}

Result<bool> MemoryStore::State::remove(const std::string& space, const std::string& key) {
  db::Statement found = TRY(database.prepare("select id from notes where space = ?1 and key = ?2"));
  TRY(found.bind(space, key));
  if (!TRY(found.step())) return false;
  const std::string id = std::to_string(found.integer(0));
  found.reset();
  TRY(database.execute("delete from notes_search where rowid = " + id));
  TRY(database.execute("delete from notes where id = " + id));
  return true;
}

Result<void> MemoryStore::State::put(const NoteEdit& edit, Note note) {
  const std::int64_t now = now_us();
  if (const std::optional<Note> before = TRY(find(edit.space, note.key))) {
    if (note.created_us == 0) note.created_us = before->created_us;
    if (edit.mode == NoteEdit::Mode::append) note.value = appended(before->value, note.value);
  }
  if (note.created_us == 0) note.created_us = now;
  if (note.updated_us == 0) note.updated_us = now;
  TRY(remove(edit.space, note.key));
  db::Statement row =
      TRY(database.prepare("insert into notes (space, key, value, tags, created_us, updated_us, expires_us)"
                           " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  TRY(row.bind(edit.space, note.key, base::to_text(note.value), tags_text(note.tags), note.created_us, note.updated_us,
               note.expires_us));
  TRY(row.run());
  std::string words;
  collect_words(note.value, words);
  db::Statement search =
      TRY(database.prepare("insert into notes_search (rowid, key, words, tags) values (?1, ?2, ?3, ?4)"));
  TRY(search.bind(database.last_row_id(), note.key, words, tags_text(note.tags)));
  return search.run();
}

std::int64_t MemoryStore::State::size_bytes() const {
  const Result<sys::Stat> stat = sys::stat(file);
  return stat ? static_cast<std::int64_t>(stat->size) : 0;
}

MemoryStore::MemoryStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
MemoryStore::MemoryStore(MemoryStore&&) noexcept = default;
MemoryStore::~MemoryStore() = default;

Result<MemoryStore> MemoryStore::open(const std::filesystem::path& file) {
  db::Database database = TRY(db::Database::open(file.string(), {.synchronous = db::Synchronous::full}));
  TRY(database.migrate(kMigrations));
  return MemoryStore(std::make_unique<State>(file.string(), std::move(database)));
}

Result<std::vector<Note>> MemoryStore::read(const NoteFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  const std::string page =
      " order by key limit " + std::to_string(filter.limit) + " offset " + std::to_string(filter.offset);
  db::Statement rows = TRY(state_->select(std::string(kSelect), condition_of(filter), page));
  return notes_of(rows);
}

Result<std::int64_t> MemoryStore::count(const NoteFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  db::Statement row = TRY(state_->select("select count(*) from notes where ", condition_of(filter), ""));
  TRY(row.step());
  return row.integer(0);
}

Result<std::optional<Note>> MemoryStore::find(const std::string& space, const std::string& key) const {
  const std::lock_guard lock(state_->mutex);
  return state_->find(space, key);
}

Result<std::vector<std::string>> MemoryStore::spaces() const {
  const std::lock_guard lock(state_->mutex);
  db::Statement rows = TRY(state_->database.prepare("select distinct space from notes order by space"));
  std::vector<std::string> found;
  while (TRY(rows.step())) found.push_back(rows.text(0));
  return found;
}

Result<std::int64_t> MemoryStore::version() const {
  const std::lock_guard lock(state_->mutex);
  return state_->database.content_version();
}

Result<std::int64_t> MemoryStore::next_expiry_us() const {
  const std::lock_guard lock(state_->mutex);
  db::Statement row = TRY(state_->database.prepare("select min(expires_us) from notes where expires_us > ?"));
  TRY(row.bind(now_us()));
  TRY(row.step());
  return row.integer(0);
}

Result<std::vector<Note>> MemoryStore::duplicates(const std::string& space) const {
  const std::lock_guard lock(state_->mutex);
  Condition condition = condition_of({.space = space, .prefix = std::string(kUnnamedPrefix)});
  condition.sql +=
      " and exists (select 1 from notes as older where older.space = notes.space and older.value = notes.value"
      " and older.tags = notes.tags and older.expires_us = notes.expires_us and older.id < notes.id)";
  db::Statement rows = TRY(state_->select(std::string(kSelect), condition, " order by key"));
  return notes_of(rows);
}

Result<std::int64_t> MemoryStore::apply(const NoteEdit& edit) {
  const std::lock_guard lock(state_->mutex);
  db::Transaction transaction = TRY(state_->database.begin());
  if (const std::optional<std::int64_t> before = TRY(state_->done(edit.call))) return *before;
  TRY(state_->check(edit));
  auto changed = static_cast<std::int64_t>(edit.put.size());
  for (const std::string& key : edit.removed) changed += TRY(state_->remove(edit.space, key)) ? 1 : 0;
  for (const Note& note : edit.put) TRY(state_->put(edit, note));
  TRY(state_->remember(edit.call, changed));
  TRY(transaction.commit());
  return changed;
}

Result<std::optional<std::int64_t>> MemoryStore::done(const std::string& call) const {
  const std::lock_guard lock(state_->mutex);
  return state_->done(call);
}

Result<MemoryStore::Saved> MemoryStore::compact() {
  const std::lock_guard lock(state_->mutex);
  db::Database& database = state_->database;
  Saved saved;
  TRY(database.checkpoint());
  saved.bytes_before = state_->size_bytes();
  const std::string expired = " where expires_us > 0 and expires_us <= " + std::to_string(now_us());
  db::Transaction transaction = TRY(database.begin());
  TRY(database.execute("delete from notes_search where rowid in (select id from notes" + expired + ")"));
  TRY(database.execute("delete from notes" + expired));
  saved.expired = database.changes();
  TRY(transaction.commit());
  TRY(database.execute("insert into notes_search (notes_search) values ('optimize')"));
  TRY(database.execute("vacuum"));
  TRY(database.checkpoint());
  saved.bytes_after = state_->size_bytes();
  return saved;
}

}  // namespace lilux::tools
