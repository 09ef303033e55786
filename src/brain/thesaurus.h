#pragma once

// Words that stand for each other, from WordNet: buy and purchase, couch and sofa, enormous and large. A table of
// groups of words; what has no row stands for nothing but itself. It is made when the program is built
// (compile/thesaurus.cpp) and a part of it. Immutable; any thread.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

// same: both are words for one thing. near: one is a word for what the other is a kind of, as enormous is of large.
enum class Kin : std::uint8_t { none, near, same };

class Thesaurus {
 public:
  // A word or phrase is its stems with a blank between; its groups are numbers below kGroupsMax, each once, with
  // kNear added where it only comes near the others.
  static constexpr std::uint16_t kNear = 0x8000;
  static constexpr std::size_t kGroupsMax = kNear;
  using Groups = std::map<std::string, std::vector<std::uint16_t>, std::less<>>;
  // `invalid_argument` where they are too many; otherwise the same groups give the same bytes.
  static base::Result<Thesaurus> of(const Groups& groups);

  // `corrupt` unless save wrote them.
  static base::Result<Thesaurus> load(std::string_view bytes);
  std::string save() const;

  Kin kin(std::string_view one, std::string_view other) const;
  // Groups of a word, ascending; those of two tell their kin.
  std::span<const std::uint16_t> groups_of(std::string_view stems) const;
  static Kin kin(std::span<const std::uint16_t> one, std::span<const std::uint16_t> other);
  std::size_t size() const { return hashes_.size(); }

 private:
  std::vector<std::uint32_t> hashes_ = {};   // of words; ascending
  std::vector<std::uint16_t> ends_ = {};     // where the groups of each end
  std::vector<std::uint16_t> members_ = {};  // groups of the first word, of the second, …
};

// The one that is shipped.
const Thesaurus& shipped_thesaurus();

}  // namespace lilux::brain
