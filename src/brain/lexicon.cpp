#include "brain/lexicon.h"

#include <algorithm>
#include <limits>

namespace lilux::brain {

namespace {

constexpr std::uint64_t kWhole = 1;
constexpr std::uint64_t kWord = 2;

std::uint32_t key(std::uint64_t kind, std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash_of_two(kind, hash) >> 32);
}

}  // namespace

std::uint64_t hash_of_two(std::uint64_t one, std::uint64_t other) {
  std::uint64_t hash = (one ^ (other + 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
  hash ^= hash >> 32;
  return hash * 0x9e3779b97f4a7c15;
}

std::vector<Lexicon::Entry> Lexicon::entries_of(std::span<const std::uint64_t> words, std::span<const Tag> tags) {
  std::vector<Entry> entries;
  for (std::size_t begin = 0; begin < words.size();) {
    if (tags[begin] == kNoSlot) {
      entries.push_back({.hash = key(kWord, words[begin]), .slot = kAnywhere, .count = 1});
      ++begin;
      continue;
    }
    const auto slot = static_cast<std::uint16_t>(slot_of(tags[begin]));
    std::uint64_t value = 0;
    std::size_t end = begin;
    do {
      entries.push_back({.hash = key(kWord, words[end]), .slot = slot, .count = 1});
      entries.push_back({.hash = key(kWord, words[end]), .slot = kAnywhere, .count = 1});
      value = hash_of_two(value, words[end]);
      ++end;
    } while (end < words.size() && tags[end] == other_tag(slot));
    if (end - begin <= kWordsMost) entries.push_back({.hash = key(kWhole, value), .slot = slot, .count = 1});
    begin = end;
  }
  return entries;
}

Lexicon::Lexicon(std::vector<Entry> entries) {
  std::ranges::sort(entries);
  for (const Entry& entry : entries) {
    if (entries_.empty() || entries_.back().hash != entry.hash || entries_.back().slot != entry.slot) {
      entries_.push_back(entry);
      continue;
    }
    constexpr unsigned kMost = std::numeric_limits<std::uint16_t>::max();
    entries_.back().count = static_cast<std::uint16_t>(std::min(kMost, unsigned{entries_.back().count} + entry.count));
  }
}

Lexicon::Entry* Lexicon::find(const Entry& entry) {
  const auto place = std::ranges::lower_bound(entries_, Entry{.hash = entry.hash, .slot = entry.slot, .count = 0});
  return place != entries_.end() && place->hash == entry.hash && place->slot == entry.slot ? &*place : nullptr;
}

void Lexicon::take(std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    if (Entry* known = find(entry)) --known->count;
  }
}

void Lexicon::put(std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    if (Entry* known = find(entry)) ++known->count;
  }
}

std::span<const Lexicon::Entry> Lexicon::with(std::uint32_t hash) const {
  const auto found = std::ranges::equal_range(entries_, hash, {}, &Entry::hash);
  return {found.begin(), found.end()};
}

std::span<const Lexicon::Entry> Lexicon::whole(std::uint64_t value) const {
  return with(key(kWhole, value));
}

std::span<const Lexicon::Entry> Lexicon::word(std::uint64_t word) const {
  return with(key(kWord, word));
}

}  // namespace lilux::brain
