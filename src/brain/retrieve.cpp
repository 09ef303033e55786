#include "brain/retrieve.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "brain/extract_text.h"
#include "search/words.h"

namespace lilux::brain {

namespace {

// What a word counts by where it stands.
constexpr double kNameWeight = 3;
constexpr double kDescriptionWeight = 2;
constexpr double kParameterWeight = 1;
constexpr double kParameterWordsWeight = 0.4;
constexpr double kPartWeight = 0.35;  // of a word's letters in threes to fives
constexpr double kSaturation = 1.2;
constexpr double kLength = 0.6;     // how much long texts lose
constexpr double kKnownPart = 0.5;  // of that, where the whole word is known
constexpr std::size_t kPart = 4;
constexpr std::size_t kFeedbackTools = 3;
constexpr double kFeedback = 0.1;
constexpr std::size_t kFeedbackTerms = 20;
constexpr double kLikeness = 30;  // what it counts to mean the same
constexpr double kCommon = 6;     // how rare a word is among all texts to count in full

// "#exch", "xcha", ...: so that "exchange" meets "ExchangeRates" and "exchanger".
std::vector<std::string> parts_of(const std::string& word) {
  std::vector<std::string> parts;
  if (word.size() <= kPart) return parts;
  for (std::size_t at = 0; at + kPart <= word.size(); ++at) parts.push_back("\x03" + word.substr(at, kPart));
  return parts;
}

}  // namespace

Retriever::Retriever(const ToolSet& tools, const Meanings& meanings)
    : meanings_(&meanings), tools_(tools.tools().size()), of_tool_(tools_), likeness_(tools, meanings) {
  for (std::size_t i = 0; i < tools_; ++i) {
    const Tool& tool = tools.tools()[i];
    std::map<std::string, double> weights;
    const auto count = [&](const std::vector<std::string>& stems, double weight) {
      for (const std::string& stem : stems) {
        weights[stem] += weight;
        for (const std::string& part : parts_of(stem)) weights[part] += weight * kPartWeight;
      }
    };
    count(tool.name_words, kNameWeight);
    count(tool.words, kDescriptionWeight);
    for (const Parameter& parameter : tool.parameters) {
      count(parameter.name, kParameterWeight);
      count(parameter.words, kParameterWordsWeight);
    }
    for (const auto& [term, weight] : weights) add(i, term, weight);
  }
  settle();
}

void Retriever::add(std::size_t tool, const std::string& term, double weight) {
  const auto [found, is_new] = numbers_.try_emplace(term, static_cast<std::uint32_t>(terms_.size()));
  if (is_new) terms_.emplace_back();
  terms_[found->second].postings.push_back(
      {.tool = static_cast<std::uint32_t>(tool), .weight = static_cast<float>(weight)});
  of_tool_[tool].emplace_back(found->second, static_cast<float>(weight));
}

// Counts become what BM25 makes of them.
void Retriever::settle() {
  std::vector<double> lengths(tools_);
  double total = 0;
  for (std::size_t i = 0; i < tools_; ++i) {
    for (const auto& [term, weight] : of_tool_[i]) lengths[i] += static_cast<double>(weight);
    total += lengths[i];
  }
  const double mean = tools_ == 0 || total <= 0 ? 1 : total / static_cast<double>(tools_);
  const auto count = static_cast<double>(tools_);
  for (Term& term : terms_) {
    const auto holders = static_cast<double>(term.postings.size());
    term.rarity = static_cast<float>(std::log(1 + (count - holders + 0.5) / (holders + 0.5)));
    for (Posting& posting : term.postings) {
      const auto weight = static_cast<double>(posting.weight);
      const double norm = kSaturation * (1 - kLength + kLength * lengths[posting.tool] / mean);
      posting.weight = static_cast<float>(weight * (kSaturation + 1) / (weight + norm));
    }
  }
}

// What nearly every text says ("find", "provide") counts less than the pool alone would make it.
Retriever::Weighted Retriever::terms_of(const std::vector<std::string>& stems) const {
  std::map<std::string, double> counts;
  for (const std::string& stem : stems) {
    const double weight = std::sqrt(static_cast<double>(meanings_->rarity(stem)) / kCommon);
    counts[stem] = weight;
    const double part_weight = weight * kPartWeight * (numbers_.contains(stem) ? kKnownPart : 1);
    for (const std::string& part : parts_of(stem)) counts[part] = std::max(counts[part], part_weight);
  }
  Weighted terms;
  for (const auto& [term, weight] : counts) {
    const auto found = numbers_.find(term);
    if (found != numbers_.end()) terms.emplace_back(found->second, weight);
  }
  return terms;
}

void Retriever::score(const Weighted& terms, std::vector<double>& scores) const {
  for (const auto& [number, weight] : terms) {
    const Term& term = terms_[number];
    for (const Posting& posting : term.postings)
      scores[posting.tool] += weight * static_cast<double>(term.rarity) * static_cast<double>(posting.weight);
  }
}

// The words of the best tools, as far as they are rare.
Retriever::Weighted Retriever::feedback(const std::vector<double>& scores) const {
  std::vector<std::uint32_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  const std::size_t count = std::min(kFeedbackTools, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](auto left, auto right) {
                      return scores[left] != scores[right] ? scores[left] > scores[right] : left < right;
                    });
  std::map<std::uint32_t, double> sums;
  for (std::size_t i = 0; i < count && scores[order[i]] > 0; ++i) {
    for (const auto& [term, weight] : of_tool_[order[i]])
      sums[term] +=
          scores[order[i]] / scores[order[0]] * static_cast<double>(weight) * static_cast<double>(terms_[term].rarity);
  }
  Weighted terms(sums.begin(), sums.end());
  std::ranges::sort(terms, [](const auto& left, const auto& right) {
    return left.second != right.second ? left.second > right.second : left.first < right.first;
  });
  terms.resize(std::min(terms.size(), kFeedbackTerms));
  double most = terms.empty() ? 1 : terms.front().second;
  for (auto& [term, weight] : terms) weight *= kFeedback / most;
  return terms;
}

std::vector<RankedTool> Retriever::rank(std::string_view text, std::size_t limit) const {
  search::Words words;
  const std::vector<std::string> stems = text_stems(text, words);
  std::vector<double> scores(tools_);
  score(terms_of(stems), scores);
  score(feedback(scores), scores);
  const std::vector<double> likeness = likeness_.of(stems);
  for (std::size_t i = 0; i < tools_; ++i) scores[i] += kLikeness * likeness[i];
  std::vector<RankedTool> ranked;
  for (std::size_t i = 0; i < tools_; ++i) {
    if (scores[i] > 0) ranked.push_back({.tool = i, .score = scores[i]});
  }
  limit = std::min(ranked.size(), limit);
  std::ranges::partial_sort(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(limit),
                            [](const RankedTool& left, const RankedTool& right) {
                              return left.score != right.score ? left.score > right.score : left.tool < right.tool;
                            });
  ranked.resize(limit);
  return ranked;
}

}  // namespace lilux::brain
