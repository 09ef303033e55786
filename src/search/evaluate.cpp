#include "search/evaluate.h"

#include <algorithm>
#include <iterator>

#include "search/index.h"

namespace lilux::search {

using base::Result;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBatch = 4096;  // as many as a block of postings has

std::chrono::microseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
}

Result<void> fill(Index& index, std::vector<Document> corpus) {
  for (std::size_t begin = 0; begin < corpus.size(); begin += kBatch) {
    const auto from = corpus.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = corpus.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kBatch, corpus.size()));
    TRY(index.apply({.put = {std::move_iterator(from), std::move_iterator(to)}, .remove = {}}));
  }
  TRY(index.learn());
  return {};
}

}  // namespace

Result<Evaluation> evaluate(std::vector<Document> corpus, std::span<const Topic> topics, const std::string& folder,
                            std::size_t depth) {
  Evaluation evaluation;
  const Clock::time_point begin = Clock::now();
  const auto index = TRY(Index::open(folder + "/search.db"));
  TRY(fill(*index, std::move(corpus)));
  evaluation.indexing = since(begin);
  std::vector<std::chrono::microseconds> times;
  for (const Topic& topic : topics) {
    const Clock::time_point asked = Clock::now();
    Result<Answer> answer = index->search({.text = topic.text, .limit = depth, .is_brief = true});
    times.push_back(since(asked));
    const bool has_no_word = !answer && answer.error().code == base::ErrorCode::invalid_argument;
    if (!has_no_word) TRY(answer);
    evaluation.ranking.push_back({.topic = topic.id, .hits = {}});
    if (answer) evaluation.ranking.back().hits = std::move(answer->hits);
  }
  std::ranges::sort(times);
  if (times.empty()) return evaluation;
  evaluation.median = times[times.size() / 2];
  evaluation.p99 = times[times.size() * 99 / 100];
  return evaluation;
}

}  // namespace lilux::search
