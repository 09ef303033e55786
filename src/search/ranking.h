#pragma once

// How well documents fit a query, as numbers: BM25 over words, likeness of vectors, the two together, and what the best
// documents say about the query itself (relevance feedback). Pure; sums are made in a fixed order, so that the same
// index gives the same scores. docs/search.md tells the whole of it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "search/postings.h"
#include "search/snapshot.h"
#include "search/vectors.h"

namespace lilux::search {

struct QueryTerm {
  std::uint32_t term = 0;
  std::string word = {};  // as it was written; a related one as it is indexed
  std::string text = {};  // as it is indexed
  double weight = 0;      // how much of the query it is
  double rarity = 0;
  bool is_related = false;  // not asked for, but in what fits best
  std::vector<Posting> postings = {};
};

// Averages that weights hang on.
struct Corpus {
  double documents = 0;
  double length = 0;    // of a document
  double distinct = 0;  // terms of a document
  // From 0 to 1: how much a document tells about words that stand together. Where documents are a line each, likeness
  // and feedback mislead more than they help.
  double richness() const { return distinct / (distinct + 20); }
};
Corpus corpus_of(const Totals& totals);

double rarity_of(double documents, std::int64_t holders);
// What a word counts that stands in the query so often.
double query_weight(double count);

// For each document, what BM25 puts under the fraction line besides the count.
std::vector<float> length_norms(const Snapshot& snapshot, double average);
double bm25(const QueryTerm& term, std::uint32_t count, float norm);
// What the term gives every document that has it, were it of that weight.
void add_bm25(const QueryTerm& term, double weight, std::span<const float> norms, std::span<float> scores);

// The cosine of each document's vector with the query's, not below 0.
std::vector<float> likeness(const Snapshot& snapshot, const Coded& query);

// Words' scores as a share of the best, plus `weight` times likeness; `likes` may be empty.
std::vector<float> fused(std::span<const float> words, std::span<const float> likes, double weight);
// The best of those that are allowed and have more than 0, best first.
std::vector<std::uint32_t> best(std::span<const float> scores, std::span<const char> allowed, std::size_t limit);

// A document that fits, and its terms of content.
struct Example {
  std::uint32_t document = 0;
  double score = 0;
  double norm = 0;
  std::vector<TermCount> terms = {};
};
struct Related {
  std::uint32_t term = 0;
  double weight = 0;  // all together 1
};
inline constexpr std::size_t kExamples = 10;
inline constexpr std::size_t kRelatedMost = 30;
// How much each term stands for the examples, before anything is known of how rare it is.
std::vector<Related> candidates(std::span<const Example> examples);

}  // namespace lilux::search
