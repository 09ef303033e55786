#include "tools/search_feed.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/time.h"
#include "db/database.h"
#include "kernel/kernel.h"
#include "sys/file.h"
#include "sys/watch.h"
#include "tools/common.h"
#include "tools/fs_common.h"

namespace lilux::tools {

using base::Result;
using kernel::CallContext;

namespace {

constexpr std::size_t kBatch = 500;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;  // of texts
constexpr std::array<db::Migration, 1> kMigrations{
    "CREATE TABLE fed(id TEXT PRIMARY KEY, scope TEXT NOT NULL, stamp TEXT NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE INDEX fed_scope ON fed(scope);"
    "CREATE TABLE made(made TEXT NOT NULL) STRICT;"};
constexpr std::size_t kDeniedMax = 64;              // lists
constexpr std::size_t kWatchedMax = 16;             // volumes
constexpr std::chrono::milliseconds kPatience{50};  // between two looks whether a call that waits is still wanted
const std::string kWhole = "whole ";                // before the scope of what was fed as a whole

// What of a scope (a volume, the table, the memory) was fed, by id.
using Stamps = std::map<std::string, std::string>;

class Fed {
 public:
  // Anew when it is damaged: then everything is fed again.
  static Result<Fed> open(const std::string& file) {
    Result<Fed> opened = open_as_it_is(file);
    if (opened || opened.error().code != base::ErrorCode::corrupt) return opened;
    TRY(db::Database::remove(file));
    return open_as_it_is(file);
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

  // Another one whenever something was fed, here or by another process.
  Result<std::pair<std::int64_t, std::int64_t>> version() {
    return std::pair(TRY(database_.content_version()), changes_);
  }

  // All that have documents, whoever fed them.
  Result<std::vector<std::string>> scopes() {
    db::Statement next = TRY(database_.prepare("SELECT min(scope) FROM fed WHERE scope > ?"));
    std::vector<std::string> found;
    while (true) {
      TRY(next.bind(found.empty() ? std::string() : found.back()));
      if (!TRY(next.step()) || next.is_null(0)) break;
      found.push_back(next.text(0));
      next.reset();
    }
    std::erase_if(found, [](const std::string& scope) { return scope.starts_with(kWhole); });
    return found;
  }

  Result<void> record(const std::string& scope, const Stamps& put, const std::vector<std::string>& removed) {
    ++changes_;
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
  static Result<Fed> open_as_it_is(const std::string& file) {
    db::Database database = TRY(db::Database::open(file));
    TRY(database.migrate(kMigrations));
    return Fed(std::move(database));
  }
  explicit Fed(db::Database database) : database_(std::move(database)) {}
  db::Database database_;
  std::int64_t changes_ = 0;
};

// What was fed until a call is over stays fed, so that the next one goes on from there.
Result<void> feed_scope(const CallContext& call, Fed& fed, search::Index& index, const std::string& scope,
                        const Sources& sources) {
  Stamps before = TRY(fed.stamps(scope));
  search::Batch batch;
  Stamps put;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    if (batch.put.empty() && batch.remove.empty()) return {};
    TRY(index.apply(batch));
    TRY(fed.record(scope, put, batch.remove));
    batch = {};
    put.clear();
    bytes = 0;
    return {};
  };
  for (const auto& [id, source] : sources) {
    const auto known = before.find(id);
    const bool is_same = known != before.end() && known->second == source.stamp;
    if (known != before.end()) before.erase(known);
    if (is_same) continue;
    const Result<void> alive = call.check_alive();  // one text may take long
    if (!alive || batch.put.size() >= kBatch || bytes >= kBatchBytes) TRY(flush());
    TRY(alive);
    batch.put.push_back(source.document());
    put.emplace(id, source.stamp);
    bytes += batch.put.back().text.size();
  }
  for (const auto& [id, stamp] : before) batch.remove.push_back(id);
  return flush();
}

std::string digest_of(const std::vector<item::Listed>& items) {
  std::string all;
  for (const item::Listed& listed : items) all.append(listed.path).append("\n").append(stamp_of(listed)).append("\n");
  return base::to_hex(base::sha256(all));
}

policy::Need need_of(const std::string& scope) {
  const bool is_memory = scope == kMemoryScope;
  return {policy::Verb::read, is_memory ? "memory" : "fs", is_memory ? "default" : scope};
}

// The ids of what the rules hide of a scope.
Result<std::vector<std::string>> denied_in(Fed& fed, const Sight& sight, const std::string& scope) {
  std::vector<std::string> denied;
  policy::Need need = need_of(scope);
  if (!sight.may_deny_below(need)) return denied;
  for (const auto& [id, stamp] : TRY(fed.stamps(scope))) {
    const DocumentId of = document_id(id);
    need.target = scope == kMemoryScope ? of.source : of.source + "/" + of.name;
    if (sight.is_denied(need)) denied.push_back(id);
  }
  return denied;
}

// What the rules hide, as long as they and what was fed are the same.
class Denied {
 public:
  Result<const std::vector<std::string>*> in(Fed& fed, const Sight& sight, const std::string& scope) {
    const auto version = TRY(fed.version());
    if (version != version_ || known_.size() >= kDeniedMax) known_.clear();
    version_ = version;
    const auto key = std::pair(sight.name(), scope);
    if (const auto found = known_.find(key); found != known_.end()) return &found->second;
    return &(known_[key] = TRY(denied_in(fed, sight, scope)));
  }

 private:
  std::pair<std::int64_t, std::int64_t> version_ = {};  // of what was fed
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> known_ = {};
};

// Absent for who may see all.
Result<std::optional<search::View>> view_of(Fed& fed, Denied& denied, const CallContext& call) {
  const Sight sight = TRY(Sight::of(call));
  search::View view;
  bool is_all = true;
  for (const std::string& scope : TRY(fed.scopes())) {
    const policy::Need need = need_of(scope);
    const bool is_denied = need.resource == "fs" && sight.is_denied(need);
    if (scope != kToolScope && (is_denied || !TRY(holds(call, need)))) {
      is_all = false;
      continue;
    }
    view.sources.push_back(scope);
    if (scope == kToolScope) continue;
    const std::vector<std::string>& hidden = *TRY(denied.in(fed, sight, scope));
    is_all = is_all && hidden.empty();
    view.hidden.insert(view.hidden.end(), hidden.begin(), hidden.end());
  }
  return is_all ? std::optional<search::View>() : std::move(view);
}

}  // namespace

// Its functions are called by who holds `feeding`, unless it is said otherwise.
struct FedIndex::Parts {
  explicit Parts(search::Embedder* embedder) : server(embedder) {}

  search::Embedder* server;
  std::timed_mutex feeding = {};
  std::unique_ptr<search::Index> index = {};
  std::optional<Fed> fed = {};
  Denied denied = {};
  std::string made = {};  // of the index that the following speak of
  struct Watched {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t used = 0;
    sys::Watch watch;
  };
  std::map<std::string, Watched> watched = {};  // folders that have been fed
  std::int64_t uses = 0;
  bool has_tools = false;
  std::optional<MemoryStore> memory = {};
  std::int64_t memory_version = 0;
  std::int64_t memory_until_us = 0;  // when a note expires

  Result<void> open(const CallContext& call);
  Result<void> bring_up(const CallContext& call, const Volumes& volumes, const std::vector<std::string>& scopes);
  Result<void> feed(const CallContext& call, const Volumes& volumes, const std::string& scope);
  Result<void> feed_volume(const CallContext& call, const item::Volume& volume);
  Result<void> feed_listed(const CallContext& call, const item::Volume& volume, std::vector<item::Listed> items);
  Result<void> feed_memory(const CallContext& call);
  bool is_quiet(const std::string& folder, const sys::Stat& now);
};

Result<void> FedIndex::Parts::open(const CallContext& call) {
  if (fed) return {};
  const std::string file = (call.kernel().folders().state / (server ? "search-server" : "search")).string();
  index = TRY(search::Index::open(file + ".db", server));
  fed = TRY(Fed::open(file + "-fed.db"));
  return {};
}

// Whether the folder that was fed still lies there and nothing in it has changed.
bool FedIndex::Parts::is_quiet(const std::string& folder, const sys::Stat& now) {
  const auto found = watched.find(folder);
  if (found == watched.end() || now.inode != found->second.inode || now.device != found->second.device) return false;
  found->second.used = ++uses;
  return found->second.watch.is_quiet();
}

Result<void> FedIndex::Parts::feed_volume(const CallContext& call, const item::Volume& volume) {
  const std::string& folder = volume.place().folder;
  const Result<sys::Stat> now = sys::stat(folder);
  if (now && is_quiet(folder, *now)) return {};
  watched.erase(folder);
  // Not for a search that may be the only one: to end a watch takes longer than to look at a few files.
  const bool is_kept = uses > 0 || call.kernel().role() == kernel::Kernel::Role::daemon;
  Result<sys::Watch> watch = sys::Watch::create();
  const bool is_watched = now && watch && is_kept;
  TRY(feed_listed(call, volume, volume.list({}, is_watched ? &*watch : nullptr).items));
  if (!is_watched) return {};
  watched.emplace(folder,
                  Watched{.device = now->device, .inode = now->inode, .used = ++uses, .watch = std::move(*watch)});
  if (watched.size() > kWatchedMax)
    watched.erase(std::ranges::min_element(watched, {}, [](const auto& one) { return one.second.used; }));
  return {};
}

// Nothing is compared one by one while the whole list is as it was.
Result<void> FedIndex::Parts::feed_listed(const CallContext& call, const item::Volume& volume,
                                          std::vector<item::Listed> items) {
  const std::string whole = kWhole + volume.place().folder;
  const std::string digest = digest_of(items);
  const Stamps known = TRY(fed->stamps(whole));
  if (const auto found = known.find(whole); found != known.end() && found->second == digest) return {};
  TRY(feed_scope(call, *fed, *index, volume.place().folder, items_of(volume, std::move(items))));
  return fed->record(whole, {{whole, digest}}, {});
}

Result<void> FedIndex::Parts::feed_memory(const CallContext& call) {
  if (!memory) memory.emplace(TRY(MemoryStore::open(call.kernel().folders().state / "memory.db")));
  const std::int64_t version = TRY(memory->version());
  if (version == memory_version && base::now_us() < memory_until_us) return {};
  const std::int64_t until_us = TRY(memory->next_expiry_us());
  TRY(feed_scope(call, *fed, *index, std::string(kMemoryScope), TRY(notes_of(*memory))));
  memory_version = version;
  memory_until_us = until_us == 0 ? std::numeric_limits<std::int64_t>::max() : until_us;
  return {};
}

Result<void> FedIndex::Parts::feed(const CallContext& call, const Volumes& volumes, const std::string& scope) {
  if (scope == kMemoryScope) return feed_memory(call);
  if (scope == kToolScope) {
    if (!has_tools) TRY(feed_scope(call, *fed, *index, scope, tools_of(call.kernel())));
    has_tools = true;
    return {};
  }
  const auto is_it = [&](const item::Volume& volume) { return volume.place().folder == scope; };
  const auto volume = std::ranges::find_if(volumes.set().volumes(), is_it);
  if (volume == volumes.set().volumes().end()) return feed_scope(call, *fed, *index, scope, {});
  return feed_volume(call, *volume);
}

Result<void> FedIndex::Parts::bring_up(const CallContext& call, const Volumes& volumes,
                                       const std::vector<std::string>& scopes) {
  TRY(open(call));
  const std::string made_now = TRY(index->statistics()).made;
  if (made != made_now) {
    TRY(fed->belong_to(made_now));
    watched.clear();
    has_tools = false;
    memory_version = 0;
    made = made_now;
  }
  for (const std::string& scope : scopes) TRY(feed(call, volumes, scope));
  ++uses;
  TRY(index->learn());
  return {};
}

FedIndex::FedIndex() : parts_(std::make_unique<Parts>(nullptr)) {}
FedIndex::FedIndex(search::Embedder& server) : parts_(std::make_unique<Parts>(&server)) {}
FedIndex::~FedIndex() = default;

Result<search::Answer> FedIndex::search(const CallContext& call, const Volumes& volumes, const search::Query& query) {
  search::Query seen = query;
  {
    std::unique_lock feeding(parts_->feeding, std::defer_lock);
    while (!feeding.try_lock_for(kPatience)) TRY(call.check_alive());
    TRY(parts_->bring_up(call, volumes, query.filters.sources));
    seen.view = TRY(view_of(*parts_->fed, parts_->denied, call));
  }
  return parts_->index->search(seen);
}

}  // namespace lilux::tools
