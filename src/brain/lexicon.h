#pragma once

// The values that stood in slots when a labeller learned: whole ones, their words, and all words it saw. What a text
// finds here tells values that come again from those that are new. A value; any thread reads it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lilux::brain {

// 0: in no slot; then, for each slot in the order of names, its first piece and its others.
using Tag = std::uint16_t;
inline constexpr Tag kNoSlot = 0;
constexpr Tag first_tag(std::size_t slot) {
  return static_cast<Tag>(2 * slot + 1);
}
constexpr Tag other_tag(std::size_t slot) {
  return static_cast<Tag>(2 * slot + 2);
}
constexpr bool goes_on(Tag tag) {
  return tag != kNoSlot && tag % 2 == 0;
}
constexpr std::size_t slot_of(Tag tag) {
  return (std::size_t{tag} - 1) / 2;
}
// A tag that goes on needs one of its slot before it.
constexpr bool may_follow(Tag before, Tag tag) {
  return !goes_on(tag) || (before != kNoSlot && slot_of(before) == slot_of(tag));
}

std::uint64_t hash_of_two(std::uint64_t one, std::uint64_t other);

class Lexicon {
 public:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint16_t slot = 0;  // kAnywhere: how often the word stood in a text at all
    std::uint16_t count = 0;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  static constexpr std::uint16_t kAnywhere = 0xffff;
  static constexpr std::size_t kWordsMost = 8;  // of a whole value

  // What one text says: the hashes of its words, and their tags. Once for each value and word in it.
  static std::vector<Entry> entries_of(std::span<const std::uint64_t> words, std::span<const Tag> tags);

  Lexicon() = default;
  // Entries in any order, equal ones added up; or what was stored.
  explicit Lexicon(std::vector<Entry> entries);

  // A text looks at what the others said: its own entries are taken out and put back.
  void take(std::span<const Entry> entries);
  void put(std::span<const Entry> entries);

  // Those with that hash; the count may be 0.
  std::span<const Entry> whole(std::uint64_t value) const;
  std::span<const Entry> word(std::uint64_t word) const;

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  Entry* find(const Entry& entry);
  std::span<const Entry> with(std::uint32_t hash) const;
  std::vector<Entry> entries_;
};

}  // namespace lilux::brain
