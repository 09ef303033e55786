#include "brain/domains.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace lilux::brain {

namespace {

// So many domains are asked, the likeliest by their words.
constexpr std::size_t kAskedMost = 4;
constexpr std::size_t kOthers = 4;
// Words of a text say the same thing over and over: of what they say together so much counts; and of what a classifier
// says that has never seen texts of the others, so much.
constexpr double kEvidence = 0.12;
constexpr double kOwnWord = 0.6;
// A word that was not seen might still have been.
constexpr double kUnseen = 0.5;
constexpr double kConfidenceLeast = 1e-4;
constexpr double kOddsMost = 50;  // as a power of e

// The logarithm of the share of texts that hold a word.
double log_share(double with_it, double texts) {
  return std::log((with_it + kUnseen) / (texts + 2 * kUnseen));
}

double log_odds(double confidence) {
  const double bounded = std::clamp(confidence, kConfidenceLeast, 1 - kConfidenceLeast);
  return std::log(bounded / (1 - bounded));
}

}  // namespace

Domains::Domains(std::map<std::string, Classifier> classifiers) {
  for (auto& [name, classifier] : classifiers) domains_.push_back({.name = name, .classifier = std::move(classifier)});
  weigh();
}

void Domains::add(std::string name, Classifier classifier) {
  const auto place = std::ranges::lower_bound(domains_, name, {}, &Domain::name);
  if (place != domains_.end() && place->name == name)
    place->classifier = std::move(classifier);
  else
    domains_.insert(place, {.name = std::move(name), .classifier = std::move(classifier)});
  weigh();
}

bool Domains::remove(std::string_view name) {
  const bool was_there = std::erase_if(domains_, [&](const Domain& domain) { return domain.name == name; }) > 0;
  if (was_there) weigh();
  return was_there;
}

const Classifier* Domains::find(std::string_view name) const {
  const auto place = std::ranges::lower_bound(domains_, name, {}, &Domain::name);
  return place != domains_.end() && place->name == name ? &place->classifier : nullptr;
}

bool Domains::has_slots() const {
  return std::ranges::any_of(domains_, [](const Domain& domain) { return !domain.classifier.slots().empty(); });
}

// How often each word stands in the texts of each domain against those of all others.
void Domains::weigh() {
  struct Count {
    std::uint32_t hash;
    std::uint32_t domain;
    double texts;
  };
  std::vector<Count> counts;
  double all = 0;
  for (std::size_t i = 0; i < domains_.size(); ++i) {
    const Vocabulary& vocabulary = domains_[i].classifier.vocabulary();
    domains_[i].texts = static_cast<double>(vocabulary.texts());
    all += domains_[i].texts;
    for (const Vocabulary::Entry& entry : vocabulary.entries()) {
      if (entry.group == Group::words)
        counts.push_back({entry.hash, static_cast<std::uint32_t>(i), vocabulary.texts_with(entry)});
    }
  }
  std::ranges::sort(counts, {}, [](const Count& count) { return std::pair(count.hash, count.domain); });
  words_.clear();
  postings_.clear();
  absent_.clear();
  for (const Domain& domain : domains_)
    absent_.push_back(log_share(0, domain.texts) - log_share(0, all - domain.texts));
  for (std::size_t begin = 0, end = 0; begin < counts.size(); begin = end) {
    double total = 0;
    for (; end < counts.size() && counts[end].hash == counts[begin].hash; ++end) total += counts[end].texts;
    for (std::size_t i = begin; i < end; ++i) {
      const double texts = domains_[counts[i].domain].texts;
      const double here = log_share(counts[i].texts, texts) - log_share(total - counts[i].texts, all - texts);
      const double absent = log_share(0, texts) - log_share(total, all - texts);
      postings_.push_back({.domain = counts[i].domain, .weight = static_cast<float>(here - absent)});
    }
    words_.push_back({.hash = counts[begin].hash,
                      .end = static_cast<std::uint32_t>(postings_.size()),
                      .absent = static_cast<float>(std::log(kUnseen / (total + kUnseen)))});
  }
}

// For each domain against all others; a word that none of them knows says nothing.
std::vector<double> Domains::evidence(std::span<const Feature> features) const {
  std::vector<std::uint32_t> hashes;
  for (const Feature& feature : features) {
    if (feature.group == Group::words) hashes.push_back(feature.hash);
  }
  std::ranges::sort(hashes);
  const auto again = std::ranges::unique(hashes);
  hashes.erase(again.begin(), again.end());
  std::vector<double> sums(domains_.size());
  double known = 0;
  double absent = 0;
  for (const std::uint32_t hash : hashes) {
    const auto word = std::ranges::lower_bound(words_, hash, {}, &Word::hash);
    if (word == words_.end() || word->hash != hash) continue;
    ++known;
    absent += static_cast<double>(word->absent);
    for (std::size_t i = word == words_.begin() ? 0 : (word - 1)->end; i < word->end; ++i)
      sums[postings_[i].domain] += static_cast<double>(postings_[i].weight);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += absent + known * absent_[i];
  return sums;
}

std::vector<Domains::Answer> Domains::ask(std::span<const Feature> features) const {
  const std::vector<double> sums = evidence(features);
  std::vector<std::size_t> order(domains_.size());
  std::iota(order.begin(), order.end(), 0);
  const std::size_t count = std::min(order.size(), kAskedMost);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), [&](auto one, auto other) {
    return sums[one] != sums[other] ? sums[one] > sums[other] : one < other;
  });
  order.resize(count);
  std::vector<Answer> answers;
  for (const std::size_t domain : order) {
    Decision decision = domains_[domain].classifier.decide(features);
    const double value = kOwnWord * log_odds(decision.confidence) + kEvidence * sums[domain];
    answers.push_back({.domain = domain,
                       .decision = std::move(decision),
                       .odds = std::exp(std::clamp(value, -kOddsMost, kOddsMost))});
  }
  std::ranges::sort(answers, [](const Answer& one, const Answer& other) {
    return one.odds != other.odds ? one.odds > other.odds : one.domain < other.domain;
  });
  return answers;
}

DomainDecision Domains::decide(std::string_view text) const {
  if (domains_.empty()) return {};
  const std::vector<Feature> features = features_of(tokens_of(text));
  if (domains_.size() == 1)
    return {.domain = domains_.front().name, .decision = domains_.front().classifier.decide(features)};
  const std::vector<Answer> answers = ask(features);
  double odds = 1;  // of none
  for (const Answer& answer : answers) odds += answer.odds;
  DomainDecision made{.domain = domains_[answers.front().domain].name,
                      .decision = {.label = answers.front().decision.label, .confidence = answers.front().odds / odds}};
  for (std::size_t i = 1; i < std::min(answers.size(), kOthers + 1); ++i)
    made.decision.others.push_back({.label = answers[i].decision.label, .share = answers[i].odds / odds});
  return made;
}

}  // namespace lilux::brain
