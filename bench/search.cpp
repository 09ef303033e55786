// The index beside SQLite's FTS5 and Xapian, over the same documents and queries in the same run:
//   bench_search FOLDER [documents] [corpus.jsonl queries.jsonl qrels.tsv]...
// The corpus is made: words after Zipf's law, 50,000 of them, in texts of 80 with a title of 6; a tenth of the
// documents in English that a grammar makes. Queries have 3, 8 and 24 words of the same law, and are ORs for the peers.
// Each peer ranks by BM25 and gives ten ids; ours does its whole work: words, related words, vectors, rows and
// snippets. Collections: how well each ranks, with the same stems where a peer has stems.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <sqlite3.h>
#include <xapian.h>

#include "search/collection.h"
#include "search/index.h"
#include "search/words.h"
#include "sys/file.h"

namespace {

using namespace lilux::search;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kVocabulary = 50'000;
constexpr std::size_t kBatch = 1000;

double milliseconds(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

template <class T>
T must(lilux::base::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

class Zipf {
 public:
  Zipf() {
    for (std::size_t i = 0; i < kVocabulary; ++i) sums_.push_back(total_ += 1.0 / static_cast<double>(i + 1));
  }
  std::string word() {
    const double at = std::uniform_real_distribution<>(0, total_)(random_);
    return "w" + std::to_string(std::ranges::lower_bound(sums_, at) - sums_.begin());
  }
  std::string text(std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += word() + " ";
    return text;
  }
  std::string sentence() {
    static const char* const subjects[] = {"the scheduler", "a worker", "the ledger", "our index", "the kernel"};
    static const char* const verbs[] = {"writes", "checks", "restores", "schedules", "rejects", "measures"};
    static const char* const objects[] = {"the record", "a failing call", "old segments", "the approval", "a budget"};
    static const char* const ends[] = {"before it answers.", "when the disk is full.", "after a crash.",
                                       "twice a day."};
    const auto of = [this](const auto& list) { return std::string(list[random_() % std::size(list)]) + " "; };
    return of(subjects) + of(verbs) + of(objects) + of(ends);
  }

 private:
  std::mt19937 random_{1};
  double total_ = 0;
  std::vector<double> sums_ = {};
};

std::vector<Document> made_corpus(Zipf& zipf, std::size_t size) {
  std::vector<Document> documents;
  for (std::size_t i = 0; i < size; ++i) {
    std::string text = zipf.text(80);
    if (i % 10 == 0) {
      for (int k = 0; k < 5; ++k) text += zipf.sentence();
    }
    documents.push_back({.id = std::to_string(i), .kind = "item", .title = zipf.text(6), .text = std::move(text)});
  }
  return documents;
}

// One that indexes and searches.
struct Peer {
  virtual ~Peer() = default;
  virtual const char* name() const = 0;
  virtual void add(const std::vector<Document>& documents) = 0;  // in one transaction
  virtual void done() {}
  virtual std::vector<Hit> search(const std::string& words, std::size_t limit) = 0;
};

struct Ours final : Peer {
  explicit Ours(const std::string& folder) : index(must(Index::open(folder + "/ours.db"))) {}
  const char* name() const override { return "ours"; }
  void add(const std::vector<Document>& documents) override { must(index->apply({.put = documents})); }
  void done() override { must(index->learn()); }
  std::vector<Hit> search(const std::string& words, std::size_t limit) override {
    return must(index->search({.text = words, .limit = limit, .is_brief = limit > 10})).hits;
  }
  std::unique_ptr<Index> index;
};

struct Fts5 final : Peer {
  explicit Fts5(const std::string& folder) {
    sqlite3_open((folder + "/fts5.db").c_str(), &database);
    run("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16384;"
        "create virtual table documents using fts5(title, body, tokenize = 'porter unicode61')");
    sqlite3_prepare_v2(database, "insert into documents values (?, ?)", -1, &insert, nullptr);
    sqlite3_prepare_v2(database, "select rowid from documents(?) order by bm25(documents, 2.0, 1.0) limit ?", -1,
                       &query, nullptr);
  }
  ~Fts5() override {
    sqlite3_finalize(insert);
    sqlite3_finalize(query);
    sqlite3_close(database);
  }
  void run(const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::exit(1);
  }
  const char* name() const override { return "FTS5"; }
  void add(const std::vector<Document>& documents) override {
    run("begin");
    for (const Document& document : documents) {
      ids.push_back(document.id);
      sqlite3_bind_text(insert, 1, document.title.c_str(), -1, SQLITE_TRANSIENT);
      sqlite3_bind_text(insert, 2, document.text.c_str(), -1, SQLITE_TRANSIENT);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    run("commit");
  }
  std::vector<Hit> search(const std::string& words, std::size_t limit) override {
    std::string match;
    for (const Word& word : splitter.split(words)) {
      if (is_content(word.term))
        match += (match.empty() ? "\"" : " OR \"") + words.substr(word.begin, word.end - word.begin) + "\"";
    }
    sqlite3_bind_text(query, 1, match.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(query, 2, static_cast<std::int64_t>(limit));
    std::vector<Hit> hits;
    while (sqlite3_step(query) == SQLITE_ROW)
      hits.push_back({.id = ids[static_cast<std::size_t>(sqlite3_column_int64(query, 0) - 1)]});
    sqlite3_reset(query);
    return hits;
  }
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* query = nullptr;
  std::vector<std::string> ids = {};
  Words splitter = {};
};

struct Xap final : Peer {
  explicit Xap(const std::string& folder) : database(folder + "/xapian", Xapian::DB_CREATE_OR_OVERWRITE) {
    generator.set_stemmer(Xapian::Stem("english"));
    generator.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
  }
  const char* name() const override { return "Xapian"; }
  void add(const std::vector<Document>& documents) override {
    for (const Document& document : documents) {
      Xapian::Document entry;
      generator.set_document(entry);
      generator.index_text_without_positions(document.title, 2);
      generator.index_text_without_positions(document.text);
      entry.set_data(document.id);
      database.add_document(entry);
    }
    database.commit();
  }
  std::vector<Hit> search(const std::string& words, std::size_t limit) override {
    const Xapian::Stem stem("english");
    std::vector<std::string> terms;
    for (const Word& word : splitter.split(words)) {
      if (is_content(word.term)) terms.push_back(word.term);
    }
    Xapian::Enquire enquire(database);
    enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
    std::vector<Hit> hits;
    const Xapian::MSet found = enquire.get_mset(0, static_cast<unsigned>(limit));
    for (auto hit = found.begin(); hit != found.end(); ++hit) hits.push_back({.id = hit.get_document().get_data()});
    return hits;
  }
  Xapian::WritableDatabase database;
  Xapian::TermGenerator generator;
  Words splitter = {};
};

void add_all(Peer& peer, const std::vector<Document>& documents) {
  const Clock::time_point begin = Clock::now();
  for (std::size_t i = 0; i < documents.size(); i += kBatch) {
    const auto from = documents.begin() + static_cast<std::ptrdiff_t>(i);
    peer.add({from, from + static_cast<std::ptrdiff_t>(std::min(kBatch, documents.size() - i))});
    if (i == 0) {
      peer.done();
      std::printf("%-8s first %zu documents, searchable: %.0f ms\n", peer.name(), std::min(kBatch, documents.size()),
                  milliseconds(begin));
    }
  }
  std::printf("%-8s all %zu documents: %.1f s", peer.name(), documents.size(), milliseconds(begin) / 1000);
  const Clock::time_point last = Clock::now();
  peer.done();
  std::printf(", then %.1f s for vectors\n", milliseconds(last) / 1000);
}

// Of a query: by the clock, and of the processor, which other programs on the machine disturb less.
struct Times {
  std::vector<double> clock = {};
  std::vector<double> processor = {};
};

double processor_now() {
  return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void print_times(const Peer& peer, const char* what, Times times) {
  std::printf("%-8s %-24s", peer.name(), what);
  for (auto* of : {&times.clock, &times.processor}) {
    std::ranges::sort(*of);
    std::printf("  %s median %7.2f p99 %7.2f ms", of == &times.clock ? "clock" : "| processor", (*of)[of->size() / 2],
                (*of)[of->size() * 99 / 100]);
  }
  std::printf("\n");
}

void time_queries(Peer& peer, const char* what, const std::vector<std::string>& queries, Times& all) {
  Times times;
  for (const std::string& query : queries) {
    const Clock::time_point begin = Clock::now();
    const double processor = processor_now();
    peer.search(query, 10);
    times.clock.push_back(milliseconds(begin));
    times.processor.push_back(processor_now() - processor);
  }
  all.clock.insert(all.clock.end(), times.clock.begin(), times.clock.end());
  all.processor.insert(all.processor.end(), times.processor.begin(), times.processor.end());
  print_times(peer, what, std::move(times));
}

std::vector<std::unique_ptr<Peer>> peers(const std::string& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::vector<std::unique_ptr<Peer>> all;
  all.push_back(std::make_unique<Ours>(folder));
  all.push_back(std::make_unique<Fts5>(folder));
  all.push_back(std::make_unique<Xap>(folder));
  return all;
}

void judge(const std::string& folder, char** files) {
  const auto text = [](const char* path) { return must(lilux::sys::read_file(path, std::size_t{1} << 32)); };
  const auto documents = must(parse_corpus(text(files[0]), files[0]));
  const auto topics = must(parse_topics(text(files[1]), files[1]));
  const auto judgements = must(parse_judgements(text(files[2]), files[2]));
  std::printf("\n%s\n", files[0]);
  for (const auto& peer : peers(folder)) {
    for (std::size_t i = 0; i < documents.size(); i += kBatch)
      peer->add({documents.begin() + static_cast<std::ptrdiff_t>(i),
                 documents.begin() + static_cast<std::ptrdiff_t>(std::min(i + kBatch, documents.size()))});
    peer->done();
    std::vector<Ranked> ranking;
    for (const Topic& topic : topics) ranking.push_back({.topic = topic.id, .hits = peer->search(topic.text, 100)});
    const Measures measures = measure(ranking, judgements);
    std::printf("%-8s nDCG@10 %.4f   recall@100 %.4f\n", peer->name(), measures.ndcg_10, measures.recall_100);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_search FOLDER [documents] [corpus.jsonl queries.jsonl qrels.tsv]...\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string folder = std::string(words[1]) + "/bench_search";
  const std::size_t size = count > 2 ? std::strtoul(words[2], nullptr, 10) : 100'000;
  Zipf zipf;
  const std::vector<Document> documents = made_corpus(zipf, size);
  std::vector<std::vector<std::string>> queries(4);
  for (int i = 0; i < 50; ++i) {
    queries[0].push_back(zipf.text(3));
    queries[1].push_back(zipf.text(8));
    queries[2].push_back(zipf.text(24));
    queries[3].push_back("Which of the workers " + zipf.sentence() + zipf.sentence() + zipf.sentence() + zipf.text(6));
  }
  for (const auto& peer : peers(folder)) {
    add_all(*peer, documents);
    const char* const kinds[] = {"3 words", "8 words", "24 words", "a question of 25 words"};
    Times all;
    for (std::size_t k = 0; k < queries.size(); ++k) time_queries(*peer, kinds[k], queries[k], all);
    print_times(*peer, "all of these", std::move(all));
  }
  for (int i = 3; i + 2 < count; i += 3) judge(folder, words + i);
  std::filesystem::remove_all(folder);
  return 0;
}
