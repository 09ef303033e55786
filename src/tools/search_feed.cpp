#include "tools/search_feed.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash.h"
#include "base/time.h"
#include "db/database.h"
#include "item/item.h"
#include "kernel/kernel.h"
#include "tools/memory_store.h"

namespace lilux::tools {

using base::Result;
using kernel::CallContext;

namespace {

constexpr char kDivider = '\x1f';
constexpr std::size_t kBatch = 500;
constexpr std::array<db::Migration, 1> kMigrations{
    "CREATE TABLE fed(id TEXT PRIMARY KEY, scope TEXT NOT NULL, stamp TEXT NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE INDEX fed_scope ON fed(scope);"
    "CREATE TABLE made(made TEXT NOT NULL) STRICT;"};

// What of a scope (a volume, the table, the memory) was fed, by id.
using Stamps = std::map<std::string, std::string>;

class Fed {
 public:
  static Result<Fed> open(const std::string& file) {
    db::Database database = TRY(db::Database::open(file));
    TRY(database.migrate(kMigrations));
    return Fed(std::move(database));
  }

  // Forgets everything when the index is another one than was fed.
  Result<void> belong_to(const std::string& made) {
    {
      db::Statement look = TRY(database_.prepare("SELECT 1 FROM made WHERE made = ?"));
      TRY(look.bind(made));
      if (TRY(look.step())) return {};
    }
    db::Transaction all = TRY(database_.begin());
    TRY(database_.execute("DELETE FROM fed; DELETE FROM made;"));
    db::Statement put = TRY(database_.prepare("INSERT INTO made(made) VALUES(?)"));
    TRY(put.bind(made));
    TRY(put.run());
    return all.commit();
  }

  Result<Stamps> stamps(const std::string& scope) {
    db::Statement look = TRY(database_.prepare("SELECT id, stamp FROM fed WHERE scope = ?"));
    TRY(look.bind(scope));
    Stamps found;
    while (TRY(look.step())) found.emplace(look.text(0), look.text(1));
    return found;
  }

  Result<void> record(const std::string& scope, const Stamps& put, const std::vector<std::string>& removed) {
    db::Transaction all = TRY(database_.begin());
    db::Statement insert = TRY(database_.prepare("INSERT OR REPLACE INTO fed(id, scope, stamp) VALUES(?, ?, ?)"));
    for (const auto& [id, stamp] : put) {
      TRY(insert.bind(id, scope, stamp));
      TRY(insert.run());
    }
    db::Statement erase = TRY(database_.prepare("DELETE FROM fed WHERE id = ?"));
    for (const std::string& id : removed) {
      TRY(erase.bind(id));
      TRY(erase.run());
    }
    return all.commit();
  }

 private:
  explicit Fed(db::Database database) : database_(std::move(database)) {}
  db::Database database_;
};

// Something to be found: its stamp tells whether it has changed, its document is made only then.
struct Source {
  std::string stamp;
  std::function<search::Document()> document;
};
using Sources = std::map<std::string, Source>;

Result<bool> feed_scope(Fed& fed, search::Index& index, const std::string& scope, const Sources& sources) {
  Stamps before = TRY(fed.stamps(scope));
  search::Batch batch;
  Stamps put;
  bool has_changed = false;
  const auto flush = [&]() -> Result<void> {
    if (batch.put.empty() && batch.remove.empty()) return {};
    has_changed = true;
    TRY(index.apply(batch));
    TRY(fed.record(scope, put, batch.remove));
    batch = {};
    put.clear();
    return {};
  };
  for (const auto& [id, source] : sources) {
    const auto known = before.find(id);
    const bool is_same = known != before.end() && known->second == source.stamp;
    if (known != before.end()) before.erase(known);
    if (is_same) continue;
    batch.put.push_back(source.document());
    put.emplace(id, source.stamp);
    if (batch.put.size() >= kBatch) TRY(flush());
  }
  for (const auto& [id, stamp] : before) batch.remove.push_back(id);
  TRY(flush());
  return has_changed;
}

search::Document document_of(const std::string& id, const FoundItem& found) {
  const item::Place place = found.listed.place.value_or(item::Place{});
  search::Document made{.id = id,
                        .kind = std::string(base::enum_name(place.kind)),
                        .source = found.volume->place().folder,
                        .title = place.name,
                        .time_us = found.listed.modified_ns / 1000};
  const Result<ReadItem> read = read_item(found);
  if (!read) return made;  // it is listed as broken, and found by its name
  const item::Item& item = read->item;
  if (item.title != place.name) made.title += " " + item.title;
  made.text = item.description + "\n" + item.body;
  made.tags = item.tags;
  return made;
}

std::string stamp_of(const item::Listed& listed) {
  return std::to_string(listed.modified_ns) + ":" + std::to_string(listed.size);
}

Sources items_of(const item::Volume& volume, std::vector<item::Listed> items) {
  Sources sources;
  for (item::Listed& listed : items) {
    if (!listed.place) continue;
    const std::string id = to_text({.sort = "item", .source = volume.place().folder, .name = listed.path});
    const std::string stamp = stamp_of(listed);
    const FoundItem found{.volume = &volume, .listed = std::move(listed)};
    sources.emplace(id, Source{.stamp = stamp, .document = [id, found] { return document_of(id, found); }});
  }
  return sources;
}

// Nothing is compared one by one while the whole list is as it was.
Result<bool> feed_volume(Fed& fed, search::Index& index, const item::Volume& volume) {
  const std::string& scope = volume.place().folder;
  const std::string whole = "whole" + (kDivider + scope);
  std::vector<item::Listed> items = volume.list().items;
  std::string all;
  for (const item::Listed& listed : items) all.append(listed.path).append("\n").append(stamp_of(listed)).append("\n");
  const std::string digest = base::to_hex(base::sha256(all));
  const Stamps known = TRY(fed.stamps(whole));
  if (const auto found = known.find(whole); found != known.end() && found->second == digest) return false;
  const bool has_changed = TRY(feed_scope(fed, index, scope, items_of(volume, std::move(items))));
  TRY(fed.record(whole, {{whole, digest}}, {}));
  return has_changed;
}

Sources tools_of(const kernel::Kernel& kernel) {
  Sources sources;
  for (const kernel::Tool& tool : kernel.table()) {
    if (tool.traits.audience != kernel::Audience::everyone) continue;
    const std::string id = to_text({.sort = "tool", .source = "system", .name = std::string(tool.name)});
    const auto document = [id, &tool] {
      search::Document made{
          .id = id, .kind = "tool", .source = std::string(kToolScope), .title = std::string(tool.name)};
      made.text = std::string(tool.summary);
      const base::Json schema = tool.input_schema();
      for (const auto& [name, field] : schema.find("properties")->as_object())
        made.text += "\n" + name + ": " + field.string_or("description");
      return made;
    };
    sources.emplace(id, Source{.stamp = LILUX_VERSION + std::string(tool.summary), .document = document});
  }
  return sources;
}

Result<Sources> notes_of(const CallContext& call) {
  Sources sources;
  const MemoryStore store = TRY(MemoryStore::open(call.kernel().folders().state / "memory.db"));
  for (const std::string& space : TRY(store.spaces())) {
    for (Note& note : TRY(store.read({.space = space}))) {
      const std::string id = to_text({.sort = "memory", .source = space, .name = note.key});
      const std::string stamp = stamp_of(note);
      const auto document = [id, note = std::move(note)] {
        return search::Document{.id = id,
                                .kind = "memory",
                                .source = std::string(kMemoryScope),
                                .title = note.key,
                                .text = note.value.is_string() ? note.value.as_string() : base::to_text(note.value),
                                .tags = note.tags,
                                .time_us = note.updated_us};
      };
      sources.emplace(id, Source{.stamp = stamp, .document = document});
    }
  }
  return sources;
}

}  // namespace

std::string to_text(const DocumentId& id) {
  return id.sort + kDivider + id.source + kDivider + id.name;
}

DocumentId document_id(const std::string& text) {
  const std::size_t first = text.find(kDivider);
  const std::size_t second = first == std::string::npos ? first : text.find(kDivider, first + 1);
  if (second == std::string::npos) return {};
  return {.sort = text.substr(0, first),
          .source = text.substr(first + 1, second - first - 1),
          .name = text.substr(second + 1)};
}

std::string index_file(const CallContext& call, Vectors vectors) {
  return (call.kernel().folders().state / (vectors == Vectors::server ? "search-server.db" : "search.db")).string();
}

Result<bool> feed(const CallContext& call, const Volumes& volumes, const std::vector<std::string>& scopes,
                  search::Index& index, const std::string& file) {
  Fed fed = TRY(Fed::open(file.substr(0, file.rfind('.')) + "-fed.db"));
  TRY(fed.belong_to(TRY(index.statistics()).made));
  bool has_changed = false;
  for (const std::string& scope : scopes) {
    const auto is_it = [&](const item::Volume& volume) { return volume.place().folder == scope; };
    const auto volume = std::ranges::find_if(volumes.set().volumes(), is_it);
    const bool is_changed = scope == kToolScope     ? TRY(feed_scope(fed, index, scope, tools_of(call.kernel())))
                            : scope == kMemoryScope ? TRY(feed_scope(fed, index, scope, TRY(notes_of(call))))
                            : volume == volumes.set().volumes().end() ? TRY(feed_scope(fed, index, scope, {}))
                                                                      : TRY(feed_volume(fed, index, *volume));
    has_changed = has_changed || is_changed;
  }
  return has_changed;
}

}  // namespace lilux::tools
