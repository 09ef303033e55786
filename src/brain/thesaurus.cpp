#include "brain/thesaurus.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "brain/caller_weights.h"
#include "brain/model_bytes.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Result;

static_assert(std::endian::native == std::endian::little, "the thesaurus is stored as it lies in memory");

namespace {

constexpr std::uint32_t kMagic = 0x5554584c;  // "LXTU"
constexpr std::size_t kMembersMax = std::numeric_limits<std::uint16_t>::max();

std::uint16_t number_of(std::uint16_t group) {
  return group & static_cast<std::uint16_t>(~Thesaurus::kNear);
}

std::unexpected<base::Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt, "the thesaurus " + what, "build the program anew");
}

// By number, each once: what is the same and near as well is the same.
std::vector<std::uint16_t> in_order(std::vector<std::uint16_t> groups) {
  const auto by_number = [](std::uint16_t left, std::uint16_t right) {
    return std::pair(number_of(left), left) < std::pair(number_of(right), right);
  };
  std::ranges::sort(groups, by_number);
  groups.erase(std::ranges::unique(groups, {}, number_of).begin(), groups.end());
  return groups;
}

bool is_in_order(std::span<const std::uint16_t> groups) {
  for (std::size_t i = 1; i < groups.size(); ++i)
    if (number_of(groups[i - 1]) >= number_of(groups[i])) return false;
  return !groups.empty();
}

}  // namespace

Result<Thesaurus> Thesaurus::of(const Groups& groups) {
  std::map<std::uint32_t, std::vector<std::uint16_t>> by_hash;  // words of one hash are one
  for (const auto& [stems, members] : groups) {
    std::vector<std::uint16_t>& all = by_hash[hash_of(stems)];
    all.insert(all.end(), members.begin(), members.end());
  }
  Thesaurus made;
  for (auto& [hash, members] : by_hash) {
    const std::vector<std::uint16_t> ordered = in_order(std::move(members));
    if (ordered.empty()) continue;
    made.members_.insert(made.members_.end(), ordered.begin(), ordered.end());
    if (made.members_.size() > kMembersMax)
      return fail(ErrorCode::invalid_argument, "more than " + std::to_string(kMembersMax) + " members of groups",
                  "take fewer senses of each word");
    made.hashes_.push_back(hash);
    made.ends_.push_back(static_cast<std::uint16_t>(made.members_.size()));
  }
  return made;
}

std::string Thesaurus::save() const {
  ModelWriter writer;
  writer.put(kMagic);
  writer.put_count(hashes_.size());
  writer.put_count(members_.size());
  writer.put_all(hashes_);
  writer.put_all(ends_);
  writer.put_all(members_);
  return writer.take();
}

Result<Thesaurus> Thesaurus::load(std::string_view bytes) {
  ModelReader reader(bytes);
  const auto number = [&] { return reader.value<std::uint32_t>(); };
  if (number().value_or(0) != kMagic) return corrupt("has another beginning");
  const std::uint32_t words = number().value_or(0);
  const std::uint32_t members = number().value_or(0);
  Thesaurus made;
  if (words == 0 || members > kMembersMax) return corrupt("has no words or too many groups");
  made.hashes_ = reader.values<std::uint32_t>(words).value_or(made.hashes_);
  made.ends_ = reader.values<std::uint16_t>(words).value_or(made.ends_);
  made.members_ = reader.values<std::uint16_t>(members).value_or(made.members_);
  if (made.members_.size() != members || made.hashes_.size() != words || made.ends_.size() != words ||
      !reader.is_empty())
    return corrupt("is longer or shorter than it says");
  if (std::ranges::adjacent_find(made.hashes_, std::greater_equal()) != made.hashes_.end())
    return corrupt("has words out of order");
  std::size_t begin = 0;
  for (const std::uint16_t end : made.ends_) {
    if (end <= begin || end > members || !is_in_order(std::span(made.members_).subspan(begin, end - begin)))
      return corrupt("has groups out of order");
    begin = end;
  }
  if (begin != members) return corrupt("has groups of no word");
  return made;
}

std::span<const std::uint16_t> Thesaurus::groups_of(std::string_view stems) const {
  const auto found = std::ranges::lower_bound(hashes_, hash_of(stems));
  if (found == hashes_.end() || *found != hash_of(stems)) return {};
  const auto at = static_cast<std::size_t>(found - hashes_.begin());
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  return std::span(members_).subspan(begin, ends_[at] - begin);
}

// Two that only come near the same need have nothing to do with each other.
Kin Thesaurus::kin(std::span<const std::uint16_t> one, std::span<const std::uint16_t> other) {
  Kin best = Kin::none;
  for (std::size_t i = 0, j = 0; i < one.size() && j < other.size();) {
    const std::uint16_t left = number_of(one[i]);
    const std::uint16_t right = number_of(other[j]);
    const bool is_near = one[i] != left || other[j] != right;
    if (left == right && !is_near) return Kin::same;
    if (left == right && (one[i] == left || other[j] == right)) best = Kin::near;
    i += left <= right ? 1 : 0;
    j += right <= left ? 1 : 0;
  }
  return best;
}

Kin Thesaurus::kin(std::string_view one, std::string_view other) const {
  return one == other ? Kin::same : kin(groups_of(one), groups_of(other));
}

}  // namespace lilux::brain
