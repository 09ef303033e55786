#include "search/update.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "sys/error.h"

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::uint32_t kTitleCount = 2;
constexpr std::uint32_t kTextCount = 1;
constexpr std::size_t kNameBytesMax = kIdBytesMax / 4;

Result<void> check_name(std::string_view what, const std::string& name, const Document& document) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
  if (name.size() <= kNameBytesMax && base::is_utf8(name) && std::ranges::none_of(name, is_control)) return {};
  return fail(ErrorCode::invalid_argument,
              "document " + sys::quoted(document.id) + " has a bad " + std::string(what) + " " + sys::quoted(name),
              "UTF-8 on one line, at most " + std::to_string(kNameBytesMax) + " bytes");
}

Result<void> check(const Document& document) {
  if (document.id.empty() || document.id.size() > kIdBytesMax || !base::is_utf8(document.id))
    return fail(ErrorCode::invalid_argument, "bad document id " + sys::quoted(base::clipped(document.id, 100)),
                "UTF-8, 1 to " + std::to_string(kIdBytesMax) + " bytes");
  TRY(check_name("kind", document.kind, document));
  TRY(check_name("source", document.source, document));
  for (const std::string& tag : document.tags) TRY(check_name("tag", tag, document));
  if (document.title.size() + document.text.size() <= kTextBytesMax) return {};
  return fail(ErrorCode::invalid_argument, "document " + sys::quoted(document.id) + " is too long",
              "at most " + std::to_string(kTextBytesMax) + " bytes; put it in as several");
}

void count_words(Prepared& prepared, std::string_view text, std::uint32_t count, Words& words) {
  for (Word& word : words.split(text)) {
    if (is_content(word.term)) prepared.length += count;
    prepared.terms.emplace_back(std::move(word.term), count);
  }
}

std::string joined(const std::vector<std::string>& tags) {
  std::string lines;
  for (const std::string& tag : tags) lines += (lines.empty() ? "" : "\n") + tag;
  return lines;
}

std::string marked(char what, std::string_view name) {
  return std::string{kFilterMark, what}.append(name);
}

// Sorted, equal terms as one.
void add_up(std::vector<std::pair<std::string, std::uint32_t>>& terms) {
  std::ranges::sort(terms);
  auto kept = terms.begin();
  for (auto next = terms.begin(); next != terms.end(); ++next) {
    if (next != kept && next->first == kept->first)
      kept->second += next->second;
    else if (next != terms.begin())
      std::swap(*++kept, *next);
  }
  if (!terms.empty()) terms.erase(++kept, terms.end());
}

// Old postings of a block with changes in order. A document is put at most once: of two changes the one with a count,
// which comes last, holds.
template <class Changes>
std::vector<Posting> merged(const std::vector<Posting>& old, const Changes& changes) {
  std::vector<Posting> result;
  result.reserve(old.size() + changes.size());
  auto from = old.begin();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Posting& change = changes[i].posting;
    if (i + 1 < changes.size() && changes[i + 1].posting.document == change.document) continue;
    for (; from != old.end() && from->document < change.document; ++from) result.push_back(*from);
    if (from != old.end() && from->document == change.document) ++from;
    if (change.count > 0) result.push_back(change);
  }
  result.insert(result.end(), from, old.end());
  return result;
}

}  // namespace

std::string kind_term(std::string_view kind) {
  return marked('k', kind);
}
std::string source_term(std::string_view source) {
  return marked('s', source);
}
std::string tag_term(std::string_view tag) {
  return marked('t', tag);
}

Result<Prepared> prepare(const Document& document, Words& words) {
  TRY(check(document));
  Prepared prepared{.document = &document, .terms = {}, .length = 0, .vector = {}};
  count_words(prepared, document.title, kTitleCount, words);
  count_words(prepared, document.text, kTextCount, words);
  prepared.terms.emplace_back(kind_term(document.kind), 1);
  prepared.terms.emplace_back(source_term(document.source), 1);
  for (const std::string& tag : document.tags) {
    count_words(prepared, tag, kTitleCount, words);
    prepared.terms.emplace_back(tag_term(tag), 1);
  }
  add_up(prepared.terms);
  return prepared;
}

Result<Update> Update::begin(Store& store) {
  Update update(store, TRY(store.totals()));
  ++update.totals_.generation;
  const Totals& totals = update.totals_;
  if (totals.dimensions > 0 && totals.space == LearnedEmbedder::kSpace)
    update.learned_.emplace(store, static_cast<std::size_t>(totals.dimensions));
  return update;
}

Result<void> Update::put(const Prepared& prepared) {
  const Document& document = *prepared.document;
  const std::optional<Row> old = TRY(store_->find(document.id));
  if (old) TRY(take_out(*old));
  ++(old ? applied_.replaced : applied_.added);
  const std::uint32_t number = old ? old->number : TRY(new_number());
  std::vector<TermCount> terms;
  std::vector<TermCount> content;
  for (const auto& [term, count] : prepared.terms) {
    terms.push_back({.term = TRY(term_number(term)), .count = count});
    if (is_content(term)) content.push_back(terms.back());
    changes_.push_back({.term = terms.back().term, .posting = {.document = number, .count = count}});
  }
  std::ranges::sort(terms, {}, &TermCount::term);
  std::ranges::sort(content, {}, &TermCount::term);
  TRY(store_->put({.number = number,
                   .id = document.id,
                   .kind = document.kind,
                   .source = document.source,
                   .title = document.title,
                   .text = document.text,
                   .tags = joined(document.tags),
                   .time_us = document.time_us,
                   .length = prepared.length,
                   .distinct = static_cast<std::uint32_t>(content.size()),
                   .terms = encode_terms(terms)}));
  Page& page = *TRY(page_of(number));
  page.lengths[number % kPageDocuments] = prepared.length;
  page.times[number % kPageDocuments] = document.time_us;
  TRY(set_vector(number, TRY(vector_of(prepared, content))));
  ++totals_.documents;
  ++totals_.changed;
  totals_.length += prepared.length;
  totals_.distinct += static_cast<std::int64_t>(content.size());
  return {};
}

Result<void> Update::remove(const std::string& id) {
  const std::optional<Row> old = TRY(store_->find(id));
  if (!old) return {};
  TRY(take_out(*old));
  ++applied_.removed;
  ++totals_.changed;
  Page& page = *TRY(page_of(old->number));
  page.lengths[old->number % kPageDocuments] = kNoDocument;
  TRY(set_vector(old->number, Vector(static_cast<std::size_t>(totals_.dimensions))));
  return store_->remove(old->number);
}

// From the postings and the totals.
Result<void> Update::take_out(const Row& row) {
  for (const TermCount& term : TRY(decode_terms(row.terms)))
    changes_.push_back({.term = term.term, .posting = {.document = row.number, .count = 0}});
  --totals_.documents;
  totals_.length -= row.length;
  totals_.distinct -= row.distinct;
  return {};
}

// Zeros when it cannot be had: such a document is found by its words alone.
Result<Vector> Update::vector_of(const Prepared& prepared, std::span<const TermCount> terms) {
  const auto dimensions = static_cast<std::size_t>(totals_.dimensions);
  if (learned_) return learned_->embed(terms);
  if (prepared.vector && prepared.vector->size() == dimensions) return *prepared.vector;
  return Vector(dimensions);
}

Result<void> Update::set_vector(std::uint32_t number, const Vector& vector) {
  const auto dimensions = static_cast<std::size_t>(totals_.dimensions);
  if (dimensions == 0) return {};
  Page& page = *TRY(page_of(number));
  page.scales.resize(kPageDocuments);
  page.codes.resize(kPageDocuments * dimensions);
  const Coded coded = encode_vector(vector);
  page.scales[number % kPageDocuments] = coded.scale;
  std::ranges::copy(coded.codes,
                    page.codes.begin() + static_cast<std::ptrdiff_t>(number % kPageDocuments * dimensions));
  return {};
}

Result<void> Update::set_space(const std::string& space, std::size_t dimensions) {
  const auto count = static_cast<std::uint32_t>((totals_.end + kPageDocuments - 1) / kPageDocuments);
  for (std::uint32_t number = 0; number < count; ++number) {
    Page& page = *TRY(page_of(number * kPageDocuments));
    page.scales.clear();
    page.codes.clear();
    if (dimensions == 0) continue;
    page.scales.resize(kPageDocuments);
    page.codes.resize(kPageDocuments * dimensions);
  }
  learned_.reset();
  totals_.space = space;
  totals_.dimensions = static_cast<std::int64_t>(dimensions);
  return {};
}

Result<void> Update::write_postings() {
  std::ranges::sort(changes_);
  std::map<std::uint32_t, std::int64_t> more;  // documents that have a term
  for (std::size_t begin = 0, end = 0; begin < changes_.size(); begin = end) {
    const std::uint32_t term = changes_[begin].term;
    const std::uint32_t block = changes_[begin].posting.document / kBlockDocuments;
    const auto is_here = [&](const Change& change) {
      return change.term == term && change.posting.document / kBlockDocuments == block;
    };
    while (end < changes_.size() && is_here(changes_[end])) ++end;
    const std::vector<Posting> old = TRY(store_->block(term, block));
    const std::vector<Posting> now = merged(old, std::span(changes_).subspan(begin, end - begin));
    TRY(store_->set_block(term, block, now));
    more[term] += static_cast<std::int64_t>(now.size()) - static_cast<std::int64_t>(old.size());
  }
  for (const auto& [term, change] : more) {
    if (change != 0) TRY(store_->add_holders(term, change));
  }
  return {};
}

Result<void> Update::finish() {
  TRY(write_postings());
  const auto dimensions = static_cast<std::size_t>(totals_.dimensions);
  for (const auto& [number, page] : pages_)
    TRY(store_->set_page(encode_page(number, totals_.generation, page, dimensions)));
  return store_->set_totals(totals_);
}

Result<std::uint32_t> Update::term_number(const std::string& term) {
  const auto known = terms_.find(term);
  if (known != terms_.end()) return known->second;
  const std::uint32_t number = TRY(store_->term_or_new(term));
  terms_.emplace(term, number);
  return number;
}

Result<Page*> Update::page_of(std::uint32_t document) {
  const std::uint32_t number = document / kPageDocuments;
  const auto known = pages_.find(number);
  if (known != pages_.end()) return &known->second;
  const Store::Page stored = TRY(store_->page(number));
  Page page = TRY(decode_page(stored, static_cast<std::size_t>(totals_.dimensions)));
  return &pages_.emplace(number, std::move(page)).first->second;
}

Result<std::uint32_t> Update::new_number() {
  if (const std::optional<std::uint32_t> number = TRY(store_->take_free())) return *number;
  if (totals_.end >= kDocumentsMax)
    return fail(ErrorCode::over_budget, "the search index is full: " + std::to_string(kDocumentsMax) + " documents",
                "remove some");
  return static_cast<std::uint32_t>(totals_.end++);
}

}  // namespace lilux::search
