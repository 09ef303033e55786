#include "brain/meanings_train.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "brain/dice.h"
#include "brain/extract_text.h"
#include "brain/json_lines.h"
#include "brain/loops.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::size_t kStemsMax = 30;  // of a text
constexpr std::size_t kBatch = 128;    // pairs that are told from each other at a time
constexpr std::size_t kBatchLeast = 8;
constexpr float kSharpness = 5;  // what a likeness of 1 counts
constexpr float kRate = 0.05F;
constexpr float kRateLast = 0.1F;  // share of it that is left at the end
constexpr float kSquaresBefore = 1e-12F;
constexpr float kRareBefore = 3;  // texts that every word is taken to have stood in
constexpr float kCodeMost = 7;

// A row of the table and what it counts.
using Pieces = std::vector<std::pair<std::uint32_t, float>>;
// Numbers of words and how often they stand there.
using Bag = std::vector<std::pair<std::uint32_t, std::size_t>>;

struct Bags {
  Bag left = {};
  Bag right = {};
  std::size_t set = 0;
  std::size_t meaning = 0;  // of the right text: the same text is never told from itself
};

class Pupil {
 public:
  Pupil(std::span<const MeaningPair> pairs, const MeaningCourse& course) : course_(course), dice_(1) {
    std::map<std::string, std::size_t> sets;
    std::map<std::string_view, std::size_t> meanings;
    for (const MeaningPair& pair : pairs) {
      Bags bags{.left = bag_of(pair.left), .right = bag_of(pair.right)};
      bags.set = sets.emplace(pair.set, sets.size()).first->second;
      bags.meaning = meanings.emplace(pair.right, meanings.size()).first->second;
      if (!bags.left.empty() && !bags.right.empty()) pairs_.push_back(std::move(bags));
    }
    sets_ = sets.size();
    choose_rows();
    weigh();
  }

  Meanings learn() {
    rows_.resize(hashes_.size() * course_.dimensions);
    const float scale = 1 / std::sqrt(static_cast<float>(course_.dimensions));
    for (float& value : rows_) value = dice_.spread() * scale;
    squares_.assign(rows_.size(), kSquaresBefore);
    for (std::size_t round = 0; round < course_.rounds; ++round) {
      const auto batches = shuffled_batches();
      for (std::size_t i = 0; i < batches.size(); ++i) {
        const double done =
            (static_cast<double>(round) + static_cast<double>(i) / static_cast<double>(batches.size())) /
            static_cast<double>(course_.rounds);
        rate_ = kRate * static_cast<float>(1 - (1 - kRateLast) * done);
        step(batches[i]);
      }
    }
    return Meanings(table());
  }

 private:
  Bag bag_of(const std::string& text) {
    std::vector<std::string> stems = text_stems(text, splitter_);
    stems.resize(std::min(stems.size(), kStemsMax));
    std::map<std::uint32_t, std::size_t> counts;
    for (const std::string& stem : stems) {
      const auto [found, is_new] = numbers_.try_emplace(stem, static_cast<std::uint32_t>(words_.size()));
      if (is_new) {
        words_.push_back(stem);
        texts_with_.push_back(0);
      }
      if (counts[found->second]++ == 0) ++texts_with_[found->second];
    }
    ++texts_;
    return {counts.begin(), counts.end()};
  }

  // The words and parts that are met often enough, by their hashes.
  void choose_rows() {
    std::map<std::uint32_t, std::size_t> parts;
    std::set<std::uint32_t> chosen;
    for (std::size_t word = 0; word < words_.size(); ++word) {
      const std::vector<WordPiece> pieces = pieces_of(words_[word]);
      if (texts_with_[word] >= course_.words_least) chosen.insert(pieces.front().hash);
      for (const WordPiece& piece : std::span(pieces).subspan(1)) parts[piece.hash] += texts_with_[word];
    }
    for (const auto& [part, count] : parts) {
      if (count >= course_.parts_least) chosen.insert(part);
    }
    hashes_.assign(chosen.begin(), chosen.end());
  }

  void weigh() {
    rarities_.assign(hashes_.size(), 0);
    unknown_rarity_ = rarity(0);
    for (std::size_t word = 0; word < words_.size(); ++word) {
      const bool is_known = texts_with_[word] >= course_.words_least;
      const float weight = is_known ? rarity(texts_with_[word]) : unknown_rarity_;
      Pieces& pieces = pieces_.emplace_back();
      for (const WordPiece& piece : pieces_of(words_[word])) {
        const auto found = std::ranges::lower_bound(hashes_, piece.hash);
        if (found == hashes_.end() || *found != piece.hash) continue;
        pieces.emplace_back(static_cast<std::uint32_t>(found - hashes_.begin()), piece.weight * weight);
        if (is_known && pieces.size() == 1) rarities_[pieces.front().first] = weight;
      }
    }
  }

  float rarity(std::size_t texts) const {
    return static_cast<float>(
        std::log(1 + static_cast<double>(texts_) / (static_cast<double>(texts) + static_cast<double>(kRareBefore))));
  }

  std::vector<std::vector<std::size_t>> shuffled_batches() {
    std::vector<std::vector<std::size_t>> of_set(sets_);
    for (std::size_t i = 0; i < pairs_.size(); ++i) of_set[pairs_[i].set].push_back(i);
    std::vector<std::vector<std::size_t>> batches;
    for (std::vector<std::size_t>& members : of_set) {
      shuffle(members);
      for (std::size_t at = 0; at + kBatchLeast <= members.size(); at += kBatch)
        batches.emplace_back(members.begin() + static_cast<std::ptrdiff_t>(at),
                             members.begin() + static_cast<std::ptrdiff_t>(std::min(members.size(), at + kBatch)));
    }
    shuffle(batches);
    return batches;
  }

  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[dice_.next() % i]);
  }

  // The vectors of one side, each of length 1, and how long they were.
  struct Side {
    std::vector<float> vectors = {};
    std::vector<float> lengths = {};
    std::vector<float> slopes = {};
  };

  std::span<float> at(std::vector<float>& values, std::size_t row) const {
    return std::span(values).subspan(row * course_.dimensions, course_.dimensions);
  }

  Side side_of(const std::vector<std::size_t>& batch, Bag Bags::* bag) {
    Side side;
    side.vectors.resize(batch.size() * course_.dimensions);
    side.slopes.resize(side.vectors.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::span<float> vector = at(side.vectors, i);
      for (const auto& [word, times] : pairs_[batch[i]].*bag) {
        for (const auto& [row, weight] : pieces_[word])
          add_scaled(vector, weight * repeated(times), at(rows_, row).data());
      }
      side.lengths.push_back(std::sqrt(dot(vector, vector.data())) + 1e-9F);
      for (float& value : vector) value /= side.lengths.back();
    }
    return side;
  }

  // Each left text is to choose its own right one among those of the batch, and the other way round.
  void step(const std::vector<std::size_t>& batch) {
    Side left = side_of(batch, &Bags::left);
    Side right = side_of(batch, &Bags::right);
    const std::size_t size = batch.size();
    std::vector<float> across(size * size);
    std::vector<float> down(size * size);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        const bool is_same = i != j && pairs_[batch[i]].meaning == pairs_[batch[j]].meaning;
        const float likeness = is_same ? -1e3F : kSharpness * dot(at(left.vectors, i), at(right.vectors, j).data());
        across[i * size + j] = likeness;
        down[j * size + i] = likeness;
      }
    }
    for (std::size_t i = 0; i < size; ++i) {
      softmax(std::span(across).subspan(i * size, size));
      softmax(std::span(down).subspan(i * size, size));
    }
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        const float error = (across[i * size + j] + down[j * size + i]) / 2 - (i == j ? 1.0F : 0.0F);
        add_scaled(at(left.slopes, i), kSharpness * error, at(right.vectors, j).data());
        add_scaled(at(right.slopes, j), kSharpness * error, at(left.vectors, i).data());
      }
    }
    descend_side(batch, left, &Bags::left);
    descend_side(batch, right, &Bags::right);
  }

  void descend_side(const std::vector<std::size_t>& batch, Side& side, Bag Bags::* bag) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::span<float> slope = at(side.slopes, i);
      const std::span<float> vector = at(side.vectors, i);
      add_scaled(slope, -dot(slope, vector.data()), vector.data());  // what is left when the length stays 1
      for (const auto& [word, times] : pairs_[batch[i]].*bag) {
        for (const auto& [row, weight] : pieces_[word])
          descend(at(rows_, row), at(squares_, row).data(), slope.data(), weight * repeated(times) / side.lengths[i],
                  rate_);
      }
    }
  }

  MeaningTable table() {
    MeaningTable table{
        .dimensions = course_.dimensions, .unknown_rarity = unknown_rarity_, .hashes = hashes_, .rarities = rarities_};
    for (std::size_t row = 0; row < hashes_.size(); ++row) {
      const std::span<const float> values = at(rows_, row);
      float most = 0;
      for (const float value : values) most = std::max(most, std::fabs(value));
      table.scales.push_back(most / kCodeMost);
      const auto code = [&](float value) {
        return static_cast<unsigned>(8 + (most > 0 ? std::lround(value / most * kCodeMost) : 0));
      };
      for (std::size_t i = 0; i < values.size(); i += 2)
        table.codes.push_back(static_cast<std::uint8_t>(code(values[i]) | code(values[i + 1]) << 4));
    }
    return table;
  }

  MeaningCourse course_;
  Dice dice_;
  search::Words splitter_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // of words
  std::vector<std::string> words_;
  std::vector<std::size_t> texts_with_;  // each word
  std::size_t texts_ = 0;
  std::vector<Bags> pairs_;
  std::size_t sets_ = 0;
  std::vector<Pieces> pieces_;  // of each word
  std::vector<std::uint32_t> hashes_;
  std::vector<float> rarities_;
  float unknown_rarity_ = 0;
  std::vector<float> rows_;
  std::vector<float> squares_;
  float rate_ = 0;
};

}  // namespace

Result<std::vector<MeaningPair>> parse_meaning_pairs(std::string_view text, std::string_view name) {
  std::vector<MeaningPair> pairs;
  TRY(each_row(text, name, [&](const Json& row, const std::string& place, std::size_t) -> Result<void> {
    MeaningPair pair{.set = row.string_or("set"), .left = row.string_or("left"), .right = row.string_or("right")};
    if (pair.left.empty() || pair.right.empty())
      return fail(ErrorCode::invalid_argument, place + ": it has no left or no right text",
                  R"({"set": ..., "left": ..., "right": ...})");
    pairs.push_back(std::move(pair));
    return {};
  }));
  return pairs;
}

Meanings learn_meanings(std::span<const MeaningPair> pairs, const MeaningCourse& course) {
  return Pupil(pairs, course).learn();
}

}  // namespace lilux::brain
