#include "brain/meanings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "base/hash.h"
#include "brain/caller_weights.h"
#include "brain/loops.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Result;

static_assert(std::endian::native == std::endian::little, "meanings are stored as they lie in memory");

namespace {

constexpr std::string_view kMagic = "LILUXMNG";
constexpr std::size_t kPart = 4;
constexpr float kPartsWeight = 0.5F;
constexpr std::size_t kRowsMax = 1'000'000;
constexpr float kNumberMost = 1e3F;

struct Head {
  std::array<char, kMagic.size()> magic{};
  std::uint32_t version = 1;
  std::uint32_t checksum = 0;  // of what follows it
  std::uint32_t dimensions = 0;
  std::uint32_t rows = 0;
  float unknown_rarity = 0;
};
constexpr std::size_t kCheckedFrom = kMagic.size() + 2 * sizeof(std::uint32_t);

std::unexpected<base::Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt, "the table of meanings " + what,
              "lilux brain retrieve-train --pairs FILE --out TABLE");
}

template <class T>
void take(std::string_view& bytes, std::vector<T>& into, std::size_t count) {
  into.resize(count);
  bytes.copy(reinterpret_cast<char*>(into.data()), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
}

template <class T>
void put(std::string& bytes, const std::vector<T>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

bool is_number(float value) {
  return value >= 0 && value <= kNumberMost;
}

}  // namespace

std::vector<WordPiece> pieces_of(std::string_view stem) {
  std::vector<WordPiece> pieces{{.hash = mixed(1, hash_of(stem)), .weight = 1}};
  if (stem.size() + 2 <= kPart) return pieces;
  const std::string bordered = "#" + std::string(stem) + "#";
  const std::size_t count = bordered.size() + 1 - kPart;
  const float weight = kPartsWeight / std::sqrt(static_cast<float>(count));
  for (std::size_t at = 0; at < count; ++at)
    pieces.push_back({.hash = mixed(2, hash_of(std::string_view(bordered).substr(at, kPart))), .weight = weight});
  return pieces;
}

float repeated(std::size_t times) {
  constexpr std::array<float, 5> kCounts{0, 1, 1.35F, 1.55F, 1.7F};
  return kCounts[std::min(times, kCounts.size() - 1)];
}

std::optional<std::size_t> Meanings::row_of(std::uint32_t hash) const {
  const auto found = std::ranges::lower_bound(table_.hashes, hash);
  if (found == table_.hashes.end() || *found != hash) return std::nullopt;
  return static_cast<std::size_t>(found - table_.hashes.begin());
}

float Meanings::rarity_of(std::optional<std::size_t> row) const {
  return row ? table_.rarities[*row] : table_.unknown_rarity;
}

float Meanings::rarity(std::string_view stem) const {
  return rarity_of(row_of(pieces_of(stem).front().hash));
}

void Meanings::add_row(std::size_t row, float weight, std::vector<float>& into) const {
  const std::size_t half = table_.dimensions / 2;
  const std::uint8_t* codes = table_.codes.data() + row * half;
  const float factor = weight * table_.scales[row];
  for (std::size_t i = 0; i < half; ++i) {
    into[2 * i] += factor * static_cast<float>((codes[i] & 15) - 8);
    into[2 * i + 1] += factor * static_cast<float>((codes[i] >> 4) - 8);
  }
}

void Meanings::add_word(std::string_view stem, float weight, std::vector<float>& into) const {
  const std::vector<WordPiece> pieces = pieces_of(stem);
  const float rarity = rarity_of(row_of(pieces.front().hash));
  for (const WordPiece& piece : pieces) {
    if (const auto row = row_of(piece.hash)) add_row(*row, weight * rarity * piece.weight, into);
  }
}

std::vector<float> Meanings::of(std::span<const std::string> stems) const {
  std::map<std::string_view, std::size_t> counts;
  for (const std::string& stem : stems) ++counts[stem];
  std::vector<float> sum(table_.dimensions);
  for (const auto& [stem, times] : counts) add_word(stem, repeated(times), sum);
  const float squares = dot(sum, sum.data());
  if (!(squares > 0) || !std::isfinite(squares)) return std::vector<float>(table_.dimensions);
  for (float& value : sum) value /= std::sqrt(squares);
  return sum;
}

std::string Meanings::save() const {
  Head head{.dimensions = table_.dimensions,
            .rows = static_cast<std::uint32_t>(table_.hashes.size()),
            .unknown_rarity = table_.unknown_rarity};
  std::ranges::copy(kMagic, head.magic.begin());
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  put(bytes, table_.hashes);
  put(bytes, table_.rarities);
  put(bytes, table_.scales);
  put(bytes, table_.codes);
  head.checksum = base::crc32c(std::string_view(bytes).substr(kCheckedFrom));
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

Result<Meanings> Meanings::load(std::string_view bytes) {
  Head head;
  if (bytes.size() < sizeof head) return corrupt("is too short");
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::string_view(head.magic.data(), head.magic.size()) != kMagic) return corrupt("is none");
  if (head.version != 1) return corrupt("is of version " + std::to_string(head.version));
  if (base::crc32c(bytes.substr(kCheckedFrom)) != head.checksum) return corrupt("is damaged");
  bytes.remove_prefix(sizeof head);
  const std::size_t row_bytes = 3 * sizeof(float) + head.dimensions / 2;
  if (head.dimensions < 2 || head.dimensions > kMeaningDimensionsMax || head.dimensions % 2 != 0 ||
      head.rows > kRowsMax || bytes.size() != head.rows * row_bytes)
    return corrupt("has a wrong size");
  MeaningTable table{.dimensions = head.dimensions, .unknown_rarity = head.unknown_rarity};
  take(bytes, table.hashes, head.rows);
  take(bytes, table.rarities, head.rows);
  take(bytes, table.scales, head.rows);
  take(bytes, table.codes, std::size_t{head.rows} * (head.dimensions / 2));
  if (std::ranges::adjacent_find(table.hashes, std::ranges::greater_equal{}) != table.hashes.end())
    return corrupt("has rows out of order");
  if (!is_number(table.unknown_rarity) || !std::ranges::all_of(table.rarities, is_number) ||
      !std::ranges::all_of(table.scales, is_number))
    return corrupt("holds what is no number");
  return Meanings(std::move(table));
}

}  // namespace lilux::brain
