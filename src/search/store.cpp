#include "search/store.h"

#include <algorithm>
#include <array>

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::array<db::Migration, 1> kMigrations{R"(
  create table totals (one integer primary key check (one = 0), generation integer not null, documents integer not null,
    end integer not null, length integer not null, distinct_terms integer not null, changed integer not null,
    dimensions integer not null, space text not null, made text not null);
  insert into totals values (0, 0, 0, 0, 0, 0, 0, 0, '', hex(randomblob(8)));
  create table documents (number integer primary key, id text not null unique, kind text not null,
    source text not null, title text not null, text text not null, tags text not null, time_us integer not null,
    length integer not null, distinct_terms integer not null, terms blob not null);
  create table free (number integer primary key);
  create table terms (number integer primary key, term text not null unique, holders integer not null);
  create table postings (place integer primary key, entries blob not null);
  create table pages (number integer primary key, generation integer not null, columns blob not null,
    vectors blob not null);
  create index pages_changed on pages (generation);
  create table term_vectors (term integer primary key, vector blob not null);
)"};

enum Which : std::size_t {
  totals_get,
  totals_set,
  term_get,
  term_add,
  term_by_number,
  term_holders,
  terms_marked,
  postings_get,
  block_get,
  block_set,
  block_drop,
  document_by_id,
  document_by_number,
  document_id,
  document_number,
  document_terms,
  document_put,
  document_drop,
  free_add,
  free_take,
  free_drop,
  pages_get,
  page_get,
  page_set,
  vector_get,
  vector_set,
  statement_count,
};

constexpr std::array<std::string_view, statement_count> kStatements{
    "select generation, documents, end, length, distinct_terms, changed, dimensions, space, made from totals",
    "update totals set generation = ?, documents = ?, end = ?, length = ?, distinct_terms = ?, changed = ?,"
    " dimensions = ?, space = ?",
    "select number, holders, term from terms where term = ?",
    "insert into terms (term, holders) values (?, 0)",
    "select number, holders, term from terms where number = ?",
    "update terms set holders = holders + ? where number = ?",
    "select number from terms where term < char(3)",
    "select place, entries from postings where place between ? and ? order by place",
    "select entries from postings where place = ?",
    "insert or replace into postings (place, entries) values (?, ?)",
    "delete from postings where place = ?",
    "select number, id, kind, source, title, text, tags, time_us, length, distinct_terms, terms from documents where "
    "id = ?",
    "select number, id, kind, source, title, text, tags, time_us, length, distinct_terms, terms from documents where "
    "number = ?",
    "select id from documents where number = ?",
    "select number from documents where id = ?",
    "select terms from documents where number = ?",
    "insert or replace into documents (number, id, kind, source, title, text, tags, time_us, length, distinct_terms, "
    "terms)"
    " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "delete from documents where number = ?",
    "insert into free (number) values (?)",
    "select min(number) from free",
    "delete from free where number = ?",
    "select number, generation, columns, vectors from pages where generation > ? order by number",
    "select number, generation, columns, vectors from pages where number = ?",
    "insert or replace into pages (number, generation, columns, vectors) values (?, ?, ?, ?)",
    "select vector from term_vectors where term = ?",
    "insert or replace into term_vectors (term, vector) values (?, ?)",
};

constexpr int kBlockBits = 20;

std::int64_t place_of(std::uint32_t term, std::uint32_t block) {
  return (static_cast<std::int64_t>(term) << kBlockBits) | block;
}

std::uint32_t number_in(const db::Statement& statement, int column) {
  return static_cast<std::uint32_t>(statement.integer(column));
}

Row row_in(const db::Statement& statement) {
  return {.number = number_in(statement, 0),
          .id = statement.text(1),
          .kind = statement.text(2),
          .source = statement.text(3),
          .title = statement.text(4),
          .text = statement.text(5),
          .tags = statement.text(6),
          .time_us = statement.integer(7),
          .length = number_in(statement, 8),
          .distinct = number_in(statement, 9),
          .terms = std::string(statement.blob(10))};
}

Store::Term term_in(const db::Statement& statement) {
  return {.number = number_in(statement, 0), .holders = statement.integer(1), .text = statement.text(2)};
}

Store::Page page_in(const db::Statement& statement) {
  return {.number = number_in(statement, 0),
          .generation = statement.integer(1),
          .columns = std::string(statement.blob(2)),
          .vectors = std::string(statement.blob(3))};
}

// The first row of a statement that gives one or none, taken out by `take`.
template <class Take>
auto first_row(db::Statement& statement, Take take) -> Result<std::optional<decltype(take(statement))>> {
  if (!TRY(statement.step())) return std::optional<decltype(take(statement))>();
  std::optional<decltype(take(statement))> taken = take(statement);
  statement.reset();
  return taken;
}

}  // namespace

Result<Store> Store::open(const std::string& path) {
  db::Database database = TRY(db::Database::open(path));
  TRY(database.migrate(kMigrations));
  TRY(database.execute("pragma cache_size = -16384; pragma temp_store = memory; pragma wal_autocheckpoint = 8192"));
  Store store(std::move(database));
  store.statements_.resize(statement_count);
  return store;
}

Result<db::Statement*> Store::prepared(std::size_t which) {
  std::optional<db::Statement>& statement = statements_[which];
  if (!statement) statement.emplace(TRY(database_.prepare(kStatements[which])));
  return &*statement;
}

Result<Totals> Store::totals() {
  db::Statement& query = *TRY(prepared(totals_get));
  TRY(query.bind());
  std::optional<Totals> totals = TRY(first_row(query, [](const db::Statement& row) {
    return Totals{.made = row.text(8),
                  .generation = row.integer(0),
                  .documents = row.integer(1),
                  .end = row.integer(2),
                  .length = row.integer(3),
                  .distinct = row.integer(4),
                  .changed = row.integer(5),
                  .dimensions = row.integer(6),
                  .space = row.text(7)};
  }));
  const bool is_sound = totals && totals->end >= 0 && totals->end <= kDocumentsMax && totals->documents >= 0 &&
                        totals->documents <= totals->end && totals->dimensions >= 0 && totals->dimensions <= 8192;
  if (!is_sound) return fail(ErrorCode::corrupt, "the search index has damaged totals");
  return *totals;
}

Result<void> Store::set_totals(const Totals& totals) {
  db::Statement& change = *TRY(prepared(totals_set));
  TRY(change.bind(totals.generation, totals.documents, totals.end, totals.length, totals.distinct, totals.changed,
                  totals.dimensions, totals.space));
  return change.run();
}

Result<std::optional<Store::Term>> Store::term(std::string_view text) {
  db::Statement& query = *TRY(prepared(term_get));
  TRY(query.bind(text));
  return first_row(query, term_in);
}

Result<Store::Term> Store::term(std::uint32_t number) {
  db::Statement& query = *TRY(prepared(term_by_number));
  TRY(query.bind(number));
  const std::optional<Term> term = TRY(first_row(query, term_in));
  if (!term) return fail(ErrorCode::corrupt, "the search index lacks a term");
  return *term;
}

Result<std::uint32_t> Store::term_or_new(std::string_view text) {
  if (const std::optional<Term> known = TRY(term(text))) return known->number;
  db::Statement& change = *TRY(prepared(term_add));
  TRY(change.bind(text));
  TRY(change.run());
  return static_cast<std::uint32_t>(database_.last_row_id());
}

Result<void> Store::add_holders(std::uint32_t term, std::int64_t more) {
  db::Statement& change = *TRY(prepared(term_holders));
  TRY(change.bind(more, term));
  return change.run();
}

Result<std::vector<Posting>> Store::postings(std::uint32_t term, std::uint32_t end) {
  db::Statement& query = *TRY(prepared(postings_get));
  TRY(query.bind(place_of(term, 0), place_of(term + 1, 0) - 1));
  std::vector<Posting> postings;
  while (TRY(query.step())) {
    const auto first = static_cast<std::uint32_t>(query.integer(0) & ((1 << kBlockBits) - 1)) * kBlockDocuments;
    const auto read = decode_postings(query.blob(1), first, std::min(first + kBlockDocuments, end), postings);
    if (!read) query.reset();
    TRY(read);
  }
  return postings;
}

Result<std::vector<Posting>> Store::block(std::uint32_t term, std::uint32_t block) {
  db::Statement& query = *TRY(prepared(block_get));
  TRY(query.bind(place_of(term, block)));
  const std::optional<std::string> bytes =
      TRY(first_row(query, [](const db::Statement& row) { return std::string(row.blob(0)); }));
  std::vector<Posting> postings;
  const std::uint32_t first = block * kBlockDocuments;
  if (bytes) TRY(decode_postings(*bytes, first, first + kBlockDocuments, postings));
  return postings;
}

Result<void> Store::set_block(std::uint32_t term, std::uint32_t block, const std::vector<Posting>& postings) {
  const std::int64_t place = place_of(term, block);
  db::Statement& change = *TRY(prepared(postings.empty() ? block_drop : block_set));
  if (postings.empty())
    TRY(change.bind(place));
  else
    TRY(change.bind(place, db::Blob{encode_postings(postings, block * kBlockDocuments)}));
  return change.run();
}

Result<std::optional<Row>> Store::find(std::string_view id) {
  db::Statement& query = *TRY(prepared(document_by_id));
  TRY(query.bind(id));
  return first_row(query, row_in);
}

Result<std::optional<Row>> Store::row(std::uint32_t number) {
  db::Statement& query = *TRY(prepared(document_by_number));
  TRY(query.bind(number));
  return first_row(query, row_in);
}

Result<std::string> Store::id_of(std::uint32_t number) {
  db::Statement& query = *TRY(prepared(document_id));
  TRY(query.bind(number));
  const std::optional<std::string> id = TRY(first_row(query, [](const db::Statement& row) { return row.text(0); }));
  if (!id) return fail(ErrorCode::corrupt, "the search index lacks a document");
  return *id;
}

Result<std::optional<std::uint32_t>> Store::number_of(std::string_view id) {
  db::Statement& query = *TRY(prepared(document_number));
  TRY(query.bind(id));
  return first_row(query, [](const db::Statement& row) { return number_in(row, 0); });
}

Result<std::vector<TermCount>> Store::terms_of(std::uint32_t number) {
  db::Statement& query = *TRY(prepared(document_terms));
  TRY(query.bind(number));
  const std::optional<std::string> bytes =
      TRY(first_row(query, [](const db::Statement& row) { return std::string(row.blob(0)); }));
  if (!bytes) return std::vector<TermCount>();
  return decode_terms(*bytes);
}

// Stop words and filters.
Result<std::unordered_set<std::uint32_t>> Store::marked_terms() {
  db::Statement& query = *TRY(prepared(terms_marked));
  TRY(query.bind());
  std::unordered_set<std::uint32_t> numbers;
  while (TRY(query.step())) numbers.insert(number_in(query, 0));
  return numbers;
}

Result<void> Store::each_content(
    const std::function<Result<void>(std::uint32_t number, std::span<const TermCount> terms)>& take) {
  const std::unordered_set<std::uint32_t> marked = TRY(marked_terms());
  db::Statement query = TRY(database_.prepare("select number, terms from documents order by number"));
  while (TRY(query.step())) {
    std::vector<TermCount> terms = TRY(decode_terms(query.blob(1)));
    std::erase_if(terms, [&](const TermCount& term) { return marked.contains(term.term); });
    TRY(take(number_in(query, 0), terms));
  }
  return {};
}

Result<std::vector<std::vector<TermCount>>> Store::content_of_documents(std::size_t most) {
  const auto all = static_cast<std::size_t>(TRY(totals()).documents);
  const std::size_t wanted = std::min(most, all);
  std::size_t seen = 0;
  std::vector<std::vector<TermCount>> documents;
  TRY(each_content([&](std::uint32_t, std::span<const TermCount> terms) -> Result<void> {
    if (seen++ * wanted / all >= documents.size() && documents.size() < wanted)
      documents.emplace_back(terms.begin(), terms.end());
    return {};
  }));
  return documents;
}

Result<void> Store::put(const Row& row) {
  db::Statement& change = *TRY(prepared(document_put));
  TRY(change.bind(row.number, row.id, row.kind, row.source, row.title, row.text, row.tags, row.time_us, row.length,
                  row.distinct, db::Blob{row.terms}));
  return change.run();
}

Result<void> Store::remove(std::uint32_t number) {
  for (const Which which : {document_drop, free_add}) {
    db::Statement& change = *TRY(prepared(which));
    TRY(change.bind(number));
    TRY(change.run());
  }
  return {};
}

Result<std::optional<std::uint32_t>> Store::take_free() {
  db::Statement& query = *TRY(prepared(free_take));
  TRY(query.bind());
  const auto number = TRY(first_row(query, [](const db::Statement& row) {
    return row.is_null(0) ? std::optional<std::uint32_t>() : number_in(row, 0);
  }));
  if (!number || !*number) return std::optional<std::uint32_t>();
  db::Statement& change = *TRY(prepared(free_drop));
  TRY(change.bind(**number));
  TRY(change.run());
  return *number;
}

Result<std::vector<Store::Page>> Store::pages_since(std::int64_t generation) {
  db::Statement& query = *TRY(prepared(pages_get));
  TRY(query.bind(generation));
  std::vector<Page> pages;
  while (TRY(query.step())) pages.push_back(page_in(query));
  return pages;
}

Result<Store::Page> Store::page(std::uint32_t number) {
  db::Statement& query = *TRY(prepared(page_get));
  TRY(query.bind(number));
  const std::optional<Page> page = TRY(first_row(query, page_in));
  return page.value_or(Page{.number = number, .generation = 0, .columns = {}, .vectors = {}});
}

Result<void> Store::set_page(const Page& page) {
  db::Statement& change = *TRY(prepared(page_set));
  TRY(change.bind(page.number, page.generation, db::Blob{page.columns}, db::Blob{page.vectors}));
  return change.run();
}

Result<std::string> Store::term_vector(std::uint32_t term) {
  db::Statement& query = *TRY(prepared(vector_get));
  TRY(query.bind(term));
  const auto bytes = TRY(first_row(query, [](const db::Statement& row) { return std::string(row.blob(0)); }));
  return bytes.value_or(std::string());
}

Result<void> Store::set_term_vector(std::uint32_t term, std::string_view bytes) {
  db::Statement& change = *TRY(prepared(vector_set));
  TRY(change.bind(term, db::Blob{bytes}));
  return change.run();
}

Result<void> Store::forget_term_vectors() {
  return database_.execute("delete from term_vectors");
}

}  // namespace lilux::search
