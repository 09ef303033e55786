#include "search/index.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/guarded.h"
#include "search/find.h"
#include "search/learned.h"
#include "search/snapshot.h"
#include "search/store.h"
#include "search/update.h"
#include "search/words.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::search {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kIdleMost = 8;  // connections kept for later
constexpr std::size_t kEmbedAtOnce = 32;
constexpr std::size_t kEmbedBytesMost = 8'000;  // of one text; models cut it somewhere there too

// Which file it is: the path may be given to another one meanwhile.
struct Identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const Identity&, const Identity&) = default;
};

Result<std::optional<Identity>> identity_of(const std::string& path) {
  const std::optional<sys::Stat> stat = TRY(sys::stat_if_there(path));
  if (!stat) return std::optional<Identity>();
  return Identity{.device = stat->device, .inode = stat->inode};
}

struct Connection {
  Store store;
  Words words = {};
  Identity identity = {};
};

std::string text_to_embed(const std::string& title, const std::string& text) {
  std::string whole = title.empty() ? text : title + "\n" + text;
  whole.resize(base::clipped(whole, kEmbedBytesMost).size());
  return whole;
}

bool is_learning_due(const Totals& totals) {
  const bool is_enough = totals.documents >= static_cast<std::int64_t>(kLearnFromLeast);
  return is_enough &&
         (totals.space != LearnedEmbedder::kSpace || totals.dimensions == 0 || totals.changed * 2 >= totals.documents);
}

// What is to be put, each id once, the last of it.
std::vector<const Document*> each_once(const std::vector<Document>& documents) {
  std::map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < documents.size(); ++i) last[documents[i].id] = i;
  std::vector<const Document*> kept;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (last[documents[i].id] == i) kept.push_back(&documents[i]);
  }
  return kept;
}

}  // namespace

struct Index::Parts {
  std::string path;
  Embedder* embedder = nullptr;
  std::mutex changing = {};  // one change at a time; other processes are held off by the file's own lock
  base::Guarded<std::vector<std::unique_ptr<Connection>>> idle = {};
  base::Guarded<std::shared_ptr<const Snapshot>> snapshot = {};  // shared by the searches that use it
  base::Guarded<std::string> dropped = {};

  Result<std::unique_ptr<Connection>> connect();
  Result<std::unique_ptr<Connection>> borrow();
  Result<void> drop(const Identity& damaged, const Error& why);
  template <class Work>
  auto use(Work work) -> decltype(work(std::declval<Connection&>()));

  Result<std::shared_ptr<const Snapshot>> current(Connection& connection);
  Result<std::string> embed_documents(Connection& connection, std::vector<Prepared>& prepared);
  Result<Applied> apply(Connection& connection, const Batch& batch);
  Result<Learned> learn_here(Connection& connection);
  Result<Learned> ask_embedder(Connection& connection);
  Result<std::vector<Row>> without_vector(Connection& connection, std::uint32_t& from);
  Result<Answer> search(Connection& connection, const Query& query);
};

// A new file where there is none, and where there was a damaged one.
Result<std::unique_ptr<Connection>> Index::Parts::connect() {
  for (int attempt = 0;; ++attempt) {
    const std::optional<Identity> before = TRY(identity_of(path));
    Result<Store> store = Store::open(path);
    if (store) {
      const std::optional<Identity> after = TRY(identity_of(path));
      if (!after || (before && before != after)) continue;
      return std::make_unique<Connection>(Connection{.store = std::move(*store), .words = {}, .identity = *after});
    }
    if (store.error().code != ErrorCode::corrupt || !before || attempt == 3)
      return std::unexpected(std::move(store).error());
    TRY(drop(*before, store.error()));
  }
}

Result<std::unique_ptr<Connection>> Index::Parts::borrow() {
  const std::optional<Identity> now = TRY(identity_of(path));
  std::unique_ptr<Connection> found = idle.with([&](auto& connections) {
    std::erase_if(connections, [&](const auto& one) { return !now || one->identity != *now; });
    std::unique_ptr<Connection> taken;
    if (!connections.empty()) {
      taken = std::move(connections.back());
      connections.pop_back();
    }
    return taken;
  });
  return found ? std::move(found) : connect();
}

// Unless somebody else has already put another file there.
Result<void> Index::Parts::drop(const Identity& damaged, const Error& why) {
  if (TRY(identity_of(path)) != damaged) return {};
  TRY(db::Database::remove(path));
  dropped.with([&](std::string& text) { text = why.message; });
  return {};
}

template <class Work>
auto Index::Parts::use(Work work) -> decltype(work(std::declval<Connection&>())) {
  std::unique_ptr<Connection> connection = TRY(borrow());
  auto result = work(*connection);
  if (!result && result.error().code == ErrorCode::corrupt) {
    const Identity identity = connection->identity;
    connection.reset();
    TRY(drop(identity, result.error()));
    return fail(ErrorCode::corrupt, result.error().message + "; the index was dropped and is empty now",
                "it is filled again from what it was made of");
  }
  idle.with([&](auto& connections) {
    if (connections.size() < kIdleMost) connections.push_back(std::move(connection));
  });
  return result;
}

Result<std::shared_ptr<const Snapshot>> Index::Parts::current(Connection& connection) {
  const auto known = snapshot.with([](const auto& kept) { return kept; });
  const auto fresh = TRY(snapshot_of(connection.store, known));
  if (fresh != known) snapshot.with([&](auto& kept) { kept = fresh; });
  return fresh;
}

// Before the transaction, since a server may take long. Gives why it did not work.
Result<std::string> Index::Parts::embed_documents(Connection& connection, std::vector<Prepared>& prepared) {
  if (embedder == nullptr || TRY(connection.store.totals()).space != embedder->space()) return std::string();
  for (std::size_t begin = 0; begin < prepared.size(); begin += kEmbedAtOnce) {
    const std::size_t end = std::min(prepared.size(), begin + kEmbedAtOnce);
    std::vector<Passage> passages;
    for (std::size_t i = begin; i < end; ++i)
      passages.push_back({.text = text_to_embed(prepared[i].document->title, prepared[i].document->text), .terms = {}});
    auto vectors = embedder->embed(passages);
    if (!vectors) return vectors.error().message;
    for (std::size_t i = begin; i < end; ++i) prepared[i].vector = std::move((*vectors)[i - begin]);
  }
  return std::string();
}

Result<Applied> Index::Parts::apply(Connection& connection, const Batch& batch) {
  std::vector<Prepared> prepared;
  std::set<std::string_view> put;
  for (const Document* document : each_once(batch.put)) {
    prepared.push_back(TRY(prepare(*document, connection.words)));
    put.insert(document->id);
  }
  const std::string note = TRY(embed_documents(connection, prepared));
  const std::lock_guard one(changing);
  db::Transaction transaction = TRY(connection.store.begin());
  Update update = TRY(Update::begin(connection.store));
  for (const std::string& id : batch.remove) {
    if (!put.contains(id)) TRY(update.remove(id));
  }
  for (const Prepared& document : prepared) TRY(update.put(document));
  TRY(update.finish());
  TRY(transaction.commit());
  Applied applied = update.applied();
  applied.note = note;
  return applied;
}

// Reads and learns from one state, then gives every document of the state that is there by then its vector.
Result<Learned> Index::Parts::learn_here(Connection& connection) {
  Store& store = connection.store;
  std::vector<std::vector<TermCount>> examples;
  {
    const db::Transaction reading = TRY(store.begin_reading());
    if (!is_learning_due(TRY(store.totals()))) return Learned{};
    examples = TRY(store.content_of_documents(kLearnFromMost));
  }
  const TermVectors vectors = learn_vectors(examples);
  if (vectors.dimensions == 0) return Learned{};
  const std::lock_guard one(changing);
  db::Transaction transaction = TRY(store.begin());
  Update update = TRY(Update::begin(store));
  TRY(update.set_space(LearnedEmbedder::kSpace, vectors.dimensions));
  TRY(store.forget_term_vectors());
  for (const auto& [term, vector] : vectors.terms) TRY(store.set_term_vector(term, to_bytes(encode_vector(vector))));
  LearnedEmbedder learned(store, vectors.dimensions);
  Learned done{.is_new = true, .documents = 0, .dimensions = vectors.dimensions};
  TRY(store.each_content([&](std::uint32_t number, std::span<const TermCount> terms) -> Result<void> {
    ++done.documents;
    return update.set_vector(number, TRY(learned.embed(terms)));
  }));
  update.set_learned();
  TRY(update.finish());
  TRY(transaction.commit());
  return done;
}

// Some documents that have no vector, from that number on.
Result<std::vector<Row>> Index::Parts::without_vector(Connection& connection, std::uint32_t& from) {
  const db::Transaction reading = TRY(connection.store.begin_reading());
  const auto state = TRY(current(connection));
  const bool is_ours = state->totals.space == embedder->space();
  std::vector<Row> rows;
  for (; from < state->totals.end && rows.size() < kEmbedAtOnce; ++from) {
    const Page& page = *state->pages[from / kPageDocuments];
    const std::size_t at = from % kPageDocuments;
    const bool has_vector = is_ours && !page.scales.empty() && page.scales[at] > 0;
    if (page.lengths[at] == kNoDocument || has_vector) continue;
    if (std::optional<Row> row = TRY(connection.store.row(from))) rows.push_back(std::move(*row));
  }
  return rows;
}

Result<Learned> Index::Parts::ask_embedder(Connection& connection) {
  Learned done;
  std::uint32_t from = 0;
  while (true) {
    const std::vector<Row> rows = TRY(without_vector(connection, from));
    if (rows.empty()) return done;
    std::vector<Passage> passages;
    for (const Row& row : rows) passages.push_back({.text = text_to_embed(row.title, row.text), .terms = {}});
    const std::vector<Vector> vectors = TRY(embedder->embed(passages));
    const std::lock_guard one(changing);
    db::Transaction transaction = TRY(connection.store.begin());
    Update update = TRY(Update::begin(connection.store));
    done.dimensions = vectors.front().size();
    const Totals& totals = update.totals();
    if (totals.space != embedder->space() || totals.dimensions != static_cast<std::int64_t>(done.dimensions))
      TRY(update.set_space(embedder->space(), done.dimensions));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::optional<Row> now = TRY(connection.store.row(rows[i].number));
      if (!now || now->id != rows[i].id || now->text != rows[i].text) continue;  // changed meanwhile
      TRY(update.set_vector(rows[i].number, vectors[i]));
      ++done.documents;
    }
    TRY(update.finish());
    TRY(transaction.commit());
    done.is_new = true;
  }
}

Result<Answer> Index::Parts::search(Connection& connection, const Query& query) {
  Vector asked;
  std::string note;
  if (embedder != nullptr && TRY(connection.store.totals()).space == embedder->space()) {
    const std::vector<Passage> passages{{.text = text_to_embed("", query.text), .terms = {}}};
    auto vectors = embedder->embed(passages);
    if (vectors)
      asked = std::move(vectors->front());
    else
      note = "found by full text alone: " + vectors.error().message;
  }
  const db::Transaction reading = TRY(connection.store.begin_reading());
  const auto state = TRY(current(connection));
  const auto dimensions = static_cast<std::size_t>(state->totals.dimensions);
  if (!asked.empty() && asked.size() != dimensions)
    note = "found by full text alone: the embedder gave " + std::to_string(asked.size()) +
           " dimensions, the index has " + std::to_string(dimensions);
  Answer answer = TRY(find(connection.store, *state, connection.words, query, asked));
  if (!note.empty()) answer.note += (answer.note.empty() ? "" : "; ") + note;
  return answer;
}

Index::Index(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(std::string path, Embedder* embedder) {
  auto parts = std::make_unique<Parts>();
  parts->path = std::move(path);
  parts->embedder = embedder;
  auto connection = TRY(parts->connect());
  parts->idle.with([&](auto& connections) { connections.push_back(std::move(connection)); });
  return std::unique_ptr<Index>(new Index(std::move(parts)));
}

Result<Applied> Index::apply(const Batch& batch) {
  return parts_->use([&](Connection& connection) { return parts_->apply(connection, batch); });
}

Result<Learned> Index::learn() {
  return parts_->use([&](Connection& connection) {
    return parts_->embedder != nullptr ? parts_->ask_embedder(connection) : parts_->learn_here(connection);
  });
}

Result<Answer> Index::search(const Query& query) {
  return parts_->use([&](Connection& connection) { return parts_->search(connection, query); });
}

Result<Statistics> Index::statistics() {
  return parts_->use([&](Connection& connection) -> Result<Statistics> {
    const Totals totals = TRY(connection.store.totals());
    return Statistics{.made = totals.made,
                      .documents = totals.documents,
                      .vectors = totals.space,
                      .dimensions = totals.dimensions,
                      .is_learning_due = parts_->embedder == nullptr && is_learning_due(totals),
                      .dropped = parts_->dropped.with([](const std::string& text) { return text; })};
  });
}

}  // namespace lilux::search
