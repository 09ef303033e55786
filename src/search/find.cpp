#include "search/find.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "search/learned.h"
#include "search/ranking.h"
#include "search/snippet.h"
#include "search/update.h"
#include "search/view.h"

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kQueryTermsMax = 256;
constexpr std::size_t kCandidatesMax = 300;  // of related words, whose rarity is looked up
constexpr std::size_t kVectorExamples = 5;
constexpr double kRelatedShare = 0.5;         // of the query, where documents are rich
constexpr double kExampleVectorShare = 0.5;   // likewise
constexpr double kRelatedHoldersShare = 0.1;  // a word in more documents than that relates to everything
constexpr double kRelatedHoldersFree = 20;    // but not in a small corpus

class Search {
 public:
  Search(Store& store, const Snapshot& snapshot, Words& words, const Query& query)
      : store_(store), snapshot_(snapshot), words_(words), query_(query), corpus_(corpus_of(snapshot.totals)) {}

  Result<Answer> run(const Vector& asked) {
    TRY(read_view());
    TRY(read_query());
    if (terms_.empty() && asked.empty()) return Answer{.hits = {}, .note = note_, .has_words = false};
    TRY(read_filters());
    norms_ = length_norms(snapshot_, corpus_.length);
    TRY(read_vector(asked));
    bm25_.resize(norms_.size());
    has_words_ = !terms_.empty();
    for (const QueryTerm& term : terms_) add_bm25(term, term.weight, norms_, bm25_);
    rank();
    if (!query_.view) {
      TRY(learn_from_the_best());
      rank();
    }
    return answer();
  }

 private:
  Result<void> read_view() {
    if (!query_.view) return {};
    shown_ = TRY(shown(store_, snapshot_, *query_.view));
    corpus_ = corpus_of(snapshot_, shown_);
    return {};
  }

  // The words of the query that the index has, and what they are worth.
  Result<void> read_query() {
    std::map<std::string, std::pair<std::uint32_t, std::string>> counts;  // by term; the word as it was written
    bool has_content = false;
    for (Word& word : words_.split(query_.text)) {
      has_content = has_content || is_content(word.term);
      auto& [count, written] = counts[std::move(word.term)];
      ++count;
      if (written.empty()) written = query_.text.substr(word.begin, word.end - word.begin);
    }
    if (counts.empty()) return fail(ErrorCode::invalid_argument, "no word to search for", "give one or more words");
    for (auto& [text, counted] : counts) {
      if (has_content && !is_content(text)) continue;
      if (terms_.size() == kQueryTermsMax) {
        note_ = "only " + std::to_string(kQueryTermsMax) + " words of the query were used";
        break;
      }
      const std::optional<Store::Term> term = TRY(store_.term(text));
      if (!term || term->holders == 0) continue;
      TRY(add_term(*term, std::move(counted.second), query_weight(counted.first), false));
      if (terms_.back().postings.empty()) terms_.pop_back();
      if (is_content(text)) asked_.push_back({.term = term->number, .count = counted.first});
    }
    std::ranges::sort(terms_, {}, &QueryTerm::term);
    std::ranges::sort(asked_, {}, &TermCount::term);
    return {};
  }

  Result<void> add_term(const Store::Term& term, std::string written, double weight, bool is_related) {
    std::vector<Posting> postings = TRY(store_.postings(term.number, end()));
    if (query_.view) std::erase_if(postings, [&](const Posting& one) { return shown_[one.document] == 0; });
    const auto known = query_.view ? static_cast<std::int64_t>(postings.size()) : term.holders;
    terms_.push_back({.term = term.number,
                      .word = std::move(written),
                      .text = term.text,
                      .weight = weight,
                      .rarity = rarity_of(corpus_.documents, known),
                      .is_related = is_related,
                      .postings = std::move(postings)});
    return {};
  }

  std::uint32_t end() const { return static_cast<std::uint32_t>(snapshot_.totals.end); }

  Result<void> read_filters() {
    allowed_.reserve(snapshot_.pages.size() * kPageDocuments);
    const Filters& filters = query_.filters;
    for (const auto& page : snapshot_.pages) {
      for (std::size_t i = 0; i < kPageDocuments; ++i) {
        const bool is_late = !filters.since_us || page->times[i] >= *filters.since_us;
        const bool is_early = !filters.until_us || page->times[i] < *filters.until_us;
        allowed_.push_back(page->lengths[i] != kNoDocument && is_late && is_early ? 1 : 0);
      }
    }
    if (query_.view) allow_only(shown_);
    std::vector<std::string> names;
    for (const std::string& kind : filters.kinds) names.push_back(kind_term(kind));
    if (!names.empty()) TRY(allow_only(std::exchange(names, {})));
    for (const std::string& source : filters.sources) names.push_back(source_term(source));
    if (!names.empty()) TRY(allow_only(std::exchange(names, {})));
    for (const std::string& tag : filters.tags) TRY(allow_only({tag_term(tag)}));
    return {};
  }

  // Documents that have one of these.
  Result<void> allow_only(const std::vector<std::string>& names) {
    allow_only(TRY(holders(store_, snapshot_, names)));
    return {};
  }

  void allow_only(const std::vector<char>& these) {
    for (std::size_t i = 0; i < allowed_.size(); ++i) allowed_[i] = static_cast<char>(allowed_[i] & these[i]);
  }

  Result<void> read_vector(const Vector& asked) {
    const auto dimensions = static_cast<std::size_t>(snapshot_.totals.dimensions);
    is_learned_ = snapshot_.totals.space == LearnedEmbedder::kSpace;
    if (dimensions == 0) return {};
    if (!is_learned_) {
      if (asked.size() == dimensions) vector_ = asked;
    } else if (!query_.view) {
      LearnedEmbedder embedder(store_, dimensions);
      vector_ = TRY(embedder.embed(asked_));
    }
    normalise(vector_);
    like();
    return {};
  }

  void like() {
    if (!vector_.empty()) likes_ = likeness(snapshot_, encode_vector(vector_));
  }

  // How much likeness counts beside the words of the best.
  double like_weight() const { return is_learned_ ? corpus_.richness() : 1; }

  void rank() {
    for (std::size_t i = 0; i < bm25_.size(); ++i) bm25_[i] = allowed_[i] != 0 ? bm25_[i] : 0;
    scores_ = fused(bm25_, likes_, like_weight());
  }

  // The best documents tell more words of the matter, and what its vectors look like.
  Result<void> learn_from_the_best() {
    std::vector<Example> examples;
    for (const std::uint32_t document : best(scores_, allowed_, kExamples)) {
      Example example{.document = document, .score = scores_[document], .norm = norms_[document], .terms = {}};
      example.terms = TRY(store_.terms_of(document));
      examples.push_back(std::move(example));
    }
    if (examples.empty()) return {};
    TRY(add_related(examples));
    add_vectors(examples);
    return {};
  }

  Result<void> add_related(const std::vector<Example>& examples) {
    std::vector<Related> related = candidates(examples);
    const auto count = std::min(kCandidatesMax, related.size());
    const auto is_heavier = [](const Related& left, const Related& right) {
      return left.weight != right.weight ? left.weight > right.weight : left.term < right.term;
    };
    std::ranges::partial_sort(related, related.begin() + static_cast<std::ptrdiff_t>(count), is_heavier);
    related.resize(count);
    std::map<std::uint32_t, Store::Term> known;
    const double holders_max = std::max(kRelatedHoldersFree, kRelatedHoldersShare * corpus_.documents);
    std::erase_if(related, [](const Related& one) { return !(one.weight > 0); });
    std::vector<std::pair<double, Related>> rated;
    for (const Related& one : related) {
      Store::Term term = TRY(store_.term(one.term));
      const auto holders = static_cast<double>(term.holders);
      if (!is_content(term.text) || holders < 2 || holders > holders_max) continue;
      rated.emplace_back(-one.weight * rarity_of(corpus_.documents, term.holders), one);
      known.emplace(one.term, std::move(term));
    }
    std::ranges::sort(rated, [](const auto& left, const auto& right) {
      return left.first != right.first ? left.first < right.first : left.second.term < right.second.term;
    });
    if (rated.size() > kRelatedMost) rated.resize(kRelatedMost);
    return mix(rated, known);
  }

  // The query's own words and the related ones, in shares.
  Result<void> mix(const std::vector<std::pair<double, Related>>& rated,
                   const std::map<std::uint32_t, Store::Term>& known) {
    const double richness = corpus_.richness();
    const double share = kRelatedShare * richness * richness * richness;
    double own = 0;
    double others = 0;
    for (const QueryTerm& term : terms_) own += term.weight;
    for (const auto& [rating, one] : rated) others += one.weight;
    const double kept = own > 0 && others > 0 ? (1 - share) / own : 1;
    for (QueryTerm& term : terms_) term.weight *= kept;
    for (float& score : bm25_) score *= static_cast<float>(kept);
    const std::size_t asked = terms_.size();
    for (const auto& [rating, one] : rated) {
      const double weight = share * one.weight / others;
      const auto same = std::ranges::find(terms_.begin(), terms_.begin() + static_cast<std::ptrdiff_t>(asked), one.term,
                                          &QueryTerm::term);
      const bool is_asked = same != terms_.begin() + static_cast<std::ptrdiff_t>(asked);
      if (is_asked)
        same->weight += weight;
      else
        TRY(add_term(known.at(one.term), known.at(one.term).text, weight, true));
      add_bm25(is_asked ? *same : terms_.back(), weight, norms_, bm25_);
    }
    return {};
  }

  void add_vectors(const std::vector<Example>& examples) {
    if (vector_.empty()) return;
    Vector sum(vector_.size());
    for (std::size_t i = 0; i < std::min(kVectorExamples, examples.size()); ++i) {
      const std::uint32_t document = examples[i].document;
      const Page& page = *snapshot_.pages[document / kPageDocuments];
      if (page.scales.empty()) continue;
      const std::size_t at = document % kPageDocuments;
      for (std::size_t k = 0; k < sum.size(); ++k)
        sum[k] += page.scales[at] * static_cast<float>(page.codes[at * sum.size() + k]);
    }
    normalise(sum);
    const double weight = kExampleVectorShare * like_weight() * like_weight();
    for (std::size_t k = 0; k < sum.size(); ++k) vector_[k] += static_cast<float>(weight) * sum[k];
    normalise(vector_);
    like();
  }

  Result<Answer> answer() {
    Answer answer{.hits = {}, .note = note_, .has_words = has_words_};
    std::map<std::string, double> wanted;
    for (const QueryTerm& term : terms_) wanted[term.text] = term.weight * term.rarity;
    for (const std::uint32_t document : best(scores_, allowed_, std::min(query_.limit, kResultsMax)))
      answer.hits.push_back(TRY(hit_of(document, wanted)));
    std::ranges::sort(answer.hits, [](const Hit& left, const Hit& right) {
      return left.score != right.score ? left.score > right.score : left.id < right.id;
    });
    return answer;
  }

  Result<Hit> hit_of(std::uint32_t document, const std::map<std::string, double>& wanted) {
    if (query_.is_brief) return Hit{.id = TRY(store_.id_of(document)), .score = scores_[document]};
    std::optional<Row> row = TRY(store_.row(document));
    if (!row) return fail(ErrorCode::corrupt, "the search index lacks a document");
    Hit hit{.id = std::move(row->id),
            .kind = std::move(row->kind),
            .source = std::move(row->source),
            .title = std::move(row->title),
            .snippet = snippet(row->text, wanted, words_),
            .tags = lines_of(row->tags),
            .time_us = row->time_us,
            .score = scores_[document],
            .parts = {}};
    if (query_.explain) hit.parts = parts_of(document);
    return hit;
  }

  static std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
      lines.emplace_back(text.substr(0, text.find('\n')));
      text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
    }
    return lines;
  }

  std::vector<Part> parts_of(std::uint32_t document) const {
    std::vector<Part> parts;
    const float most = std::ranges::max(bm25_);
    for (const QueryTerm& term : terms_) {
      const auto posting = std::ranges::lower_bound(term.postings, document, {}, &Posting::document);
      if (posting == term.postings.end() || posting->document != document) continue;
      parts.push_back({.what = (term.is_related ? "related word '" : "word '") + term.word + "'",
                       .value = bm25(term, posting->count, norms_[document]) / most});
    }
    if (!likes_.empty() && likes_[document] > 0)
      parts.push_back({.what = "meaning", .value = like_weight() * likes_[document]});
    std::ranges::sort(parts, [](const Part& left, const Part& right) {
      return left.value != right.value ? left.value > right.value : left.what < right.what;
    });
    return parts;
  }

  Store& store_;
  const Snapshot& snapshot_;
  Words& words_;
  const Query& query_;
  Corpus corpus_;
  std::vector<char> shown_ = {};  // by number; only with a view
  std::string note_ = {};
  bool has_words_ = false;
  std::vector<QueryTerm> terms_ = {};
  std::vector<TermCount> asked_ = {};  // those of content, as often as they stand in the query
  std::vector<char> allowed_ = {};
  std::vector<float> norms_ = {};
  Vector vector_ = {};
  bool is_learned_ = false;
  std::vector<float> likes_ = {};
  std::vector<float> bm25_ = {};
  std::vector<float> scores_ = {};
};

}  // namespace

Result<Answer> find(Store& store, const Snapshot& snapshot, Words& words, const Query& query, const Vector& asked) {
  return Search(store, snapshot, words, query).run(asked);
}

}  // namespace lilux::search
