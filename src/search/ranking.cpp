#include "search/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "search/vectors.h"

namespace lilux::search {

namespace {

// As in the literature; the middle of a wide flat maximum on every collection that was tried.
constexpr double kSaturation = 1.5;     // BM25's k1
constexpr double kLengthShare = 0.7;    // its b
constexpr double kQuerySaturation = 8;  // its k3

float factor_of(const QueryTerm& term, double weight) {
  return static_cast<float>(weight * term.rarity * (kSaturation + 1));
}

}  // namespace

Corpus corpus_of(const Totals& totals) {
  const auto documents = static_cast<double>(std::max<std::int64_t>(totals.documents, 1));
  return {.documents = documents,
          .length = std::max(1.0, static_cast<double>(totals.length) / documents),
          .distinct = static_cast<double>(totals.distinct) / documents};
}

double rarity_of(double documents, std::int64_t holders) {
  const auto held = std::clamp(static_cast<double>(holders), 0.0, documents);
  return std::log(1 + (documents - held + 0.5) / (held + 0.5));
}

double query_weight(double count) {
  return count * (kQuerySaturation + 1) / (count + kQuerySaturation);
}

std::vector<float> length_norms(const Snapshot& snapshot, double average) {
  std::vector<float> norms;
  norms.reserve(snapshot.pages.size() * kPageDocuments);
  const auto fixed = static_cast<float>(kSaturation * (1 - kLengthShare));
  const auto factor = static_cast<float>(kSaturation * kLengthShare / average);
  for (const auto& page : snapshot.pages) {
    for (const std::uint32_t length : page->lengths) norms.push_back(fixed + factor * static_cast<float>(length));
  }
  return norms;
}

double bm25(const QueryTerm& term, std::uint32_t count, float norm) {
  const auto times = static_cast<float>(count);
  return factor_of(term, term.weight) * times / (times + norm);
}

void add_bm25(const QueryTerm& term, double weight, std::span<const float> norms, std::span<float> scores) {
  const float factor = factor_of(term, weight);
  for (const Posting& posting : term.postings) {
    const auto count = static_cast<float>(posting.count);
    scores[posting.document] += factor * count / (count + norms[posting.document]);
  }
}

std::vector<float> likeness(const Snapshot& snapshot, const Coded& query) {
  std::vector<float> likes(snapshot.pages.size() * kPageDocuments);
  float* next = likes.data();
  std::array<std::int32_t, kPageDocuments> products{};
  for (const auto& page : snapshot.pages) {
    if (!page->scales.empty()) {
      multiply(query.codes, page->codes, products);
      for (std::size_t i = 0; i < kPageDocuments; ++i)
        next[i] = std::max(0.0F, static_cast<float>(products[i]) * page->scales[i] * query.scale);
    }
    next += kPageDocuments;
  }
  return likes;
}

std::vector<float> fused(std::span<const float> words, std::span<const float> likes, double weight) {
  std::vector<float> scores(words.begin(), words.end());
  const float most = scores.empty() ? 0 : std::ranges::max(scores);
  const float share = most > 0 ? 1 / most : 0;
  for (float& score : scores) score *= share;
  const auto factor = static_cast<float>(weight);
  for (std::size_t i = 0; i < likes.size(); ++i) scores[i] += factor * likes[i];
  return scores;
}

std::vector<std::uint32_t> best(std::span<const float> scores, std::span<const char> allowed, std::size_t limit) {
  const auto is_better = [&](std::uint32_t left, std::uint32_t right) {
    return scores[left] != scores[right] ? scores[left] > scores[right] : left < right;
  };
  std::vector<std::uint32_t> heap;  // the worst of the kept on top
  for (std::uint32_t document = 0; document < scores.size(); ++document) {
    if (!(scores[document] > 0) || allowed[document] == 0) continue;
    if (heap.size() == limit) {
      if (limit == 0 || !is_better(document, heap.front())) continue;
      std::ranges::pop_heap(heap, is_better);
      heap.pop_back();
    }
    heap.push_back(document);
    std::ranges::push_heap(heap, is_better);
  }
  std::ranges::sort_heap(heap, is_better);
  return heap;
}

std::vector<Related> candidates(std::span<const Example> examples) {
  std::map<std::uint32_t, double> weights;
  double total = 0;
  for (const Example& example : examples) {
    total += example.score;
    for (const TermCount& term : example.terms) {
      const double count = term.count;
      weights[term.term] += example.score * count / (count + example.norm);
    }
  }
  std::vector<Related> related;
  for (const auto& [term, weight] : weights) related.push_back({.term = term, .weight = weight / total});
  return related;
}

}  // namespace lilux::search
