#include "brain/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace lilux::brain {

namespace {

// What an unknown feature would weigh, as rare as the rarest.
constexpr float kUnknownRarity = 8;

struct Seen {
  std::uint32_t hash = 0;
  Group group = Group::words;
  std::uint32_t texts = 0;
  std::size_t first = 0;  // text that it stands in
};

std::vector<Seen> counted(std::span<const std::vector<Feature>> texts, bool has_details) {
  std::unordered_map<std::uint32_t, Seen> seen;
  std::unordered_map<std::uint32_t, std::size_t> last;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (const Feature& feature : texts[text]) {
      if (feature.is_detail && !has_details) continue;
      const auto [place, is_new] = last.try_emplace(feature.hash, text);
      if (!is_new && place->second == text) continue;
      place->second = text;
      Seen& entry = seen[feature.hash];
      if (entry.texts++ == 0) entry = {.hash = feature.hash, .group = feature.group, .texts = 1, .first = text};
    }
  }
  std::vector<Seen> all;
  all.reserve(seen.size());
  for (const auto& [hash, entry] : seen) all.push_back(entry);
  return all;
}

float rarity_of(std::size_t texts, std::size_t with_it) {
  return static_cast<float>(std::log(1 + static_cast<double>(texts) / static_cast<double>(with_it)));
}

}  // namespace

Vocabulary Vocabulary::learn(std::span<const std::vector<Feature>> texts, const Choice& choice) {
  std::vector<Seen> seen = counted(texts, choice.has_details);
  std::erase_if(seen, [&](const Seen& entry) {
    return entry.texts < (entry.first < choice.own ? choice.texts_least : choice.others_least);
  });
  std::ranges::sort(seen, [](const Seen& one, const Seen& other) {
    return one.texts != other.texts ? one.texts > other.texts : one.hash < other.hash;
  });
  if (seen.size() > choice.entries_max) seen.resize(choice.entries_max);
  std::ranges::sort(seen, {}, &Seen::hash);
  std::vector<Entry> entries;
  entries.reserve(seen.size());
  for (const Seen& entry : seen)
    entries.push_back({.hash = entry.hash, .group = entry.group, .rarity = rarity_of(texts.size(), entry.texts)});
  return {std::move(entries), texts.size(), choice.has_details};
}

Vocabulary::Vocabulary(std::vector<Entry> entries, std::size_t texts, bool has_details)
    : entries_(std::move(entries)), texts_(texts), has_details_(has_details) {
  slots_.resize(std::bit_ceil(entries_.size() * 2 + 1));
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t row = 0; row < entries_.size(); ++row) {
    std::size_t slot = entries_[row].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::uint32_t>(row + 1);
  }
}

std::optional<std::uint32_t> Vocabulary::row_of(std::uint32_t hash) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t row = slots_[slot] - 1;
    if (entries_[row].hash == hash) return row;
  }
  return std::nullopt;
}

double Vocabulary::texts_with(const Entry& entry) const {
  const auto texts = static_cast<double>(texts_);
  return std::clamp(std::round(texts / std::expm1(static_cast<double>(entry.rarity))), 1.0, std::max(1.0, texts));
}

Rows Vocabulary::rows_of(std::span<const Feature> features) const {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> found;  // row, words
  found.reserve(features.size());
  float unknown = 0;
  for (const Feature& feature : features) {
    if (feature.is_detail && !has_details_) continue;
    if (const std::optional<std::uint32_t> row = row_of(feature.hash))
      found.emplace_back(*row, feature.words);
    else if (!feature.is_detail)
      unknown += kUnknownRarity;
  }
  std::ranges::sort(found);
  Rows result;
  std::array<float, kGroups> squares{};
  float known = 0;
  for (std::size_t i = 0; i < found.size();) {
    const std::size_t begin = i;
    std::uint64_t words = 0;
    for (; i < found.size() && found[i].first == found[begin].first; ++i) words |= found[i].second;
    const Entry& entry = entries_[found[begin].first];
    // A feature that stands twice does not say twice as much.
    const float weight = (1 + std::log(static_cast<float>(i - begin))) * entry.rarity;
    known += entry.rarity * static_cast<float>(i - begin);
    squares[static_cast<std::size_t>(entry.group)] += weight * weight;
    result.rows.push_back(found[begin].first);
    result.words.push_back(words);
    result.weights.push_back(weight);
  }
  for (std::size_t i = 0; i < result.rows.size(); ++i)
    result.weights[i] /= std::sqrt(squares[static_cast<std::size_t>(entries_[result.rows[i]].group)]);
  result.unknown = known + unknown > 0 ? unknown / (known + unknown) : 1;
  return result;
}

}  // namespace lilux::brain
