#pragma once

// What was learned about sentences and schemas in general, as two tables of whole numbers: how well a candidate fits a
// parameter, and how well a filled tool fits the sentence. caller_table.cpp is written by `lilux brain call-train`.
// A value; any thread may read it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

inline constexpr std::size_t kFillBits = 17;
inline constexpr std::size_t kChooseBits = 12;
inline constexpr float kWeightUnit = 1.0F / 64;  // what 1 in a table stands for

// The numbers of the features that something has.
using Features = std::vector<std::uint32_t>;

struct Weights {
  std::vector<float> fill = std::vector<float>(std::size_t{1} << kFillBits);
  std::vector<float> choose = std::vector<float>(std::size_t{1} << kChooseBits);
};

inline constexpr std::size_t kWeightsBytes = (std::size_t{1} << kFillBits) + (std::size_t{1} << kChooseBits);

// One byte for each number; `corrupt` unless there are kWeightsBytes of them.
base::Result<Weights> weights_from(std::string_view bytes);
// Those that are shipped.
const Weights& shipped_weights();

inline float score(std::span<const float> table, const Features& features) {
  float sum = 0;
  for (const std::uint32_t feature : features) sum += table[feature & (table.size() - 1)];
  return sum;
}

// Of names and numbers of features; the same everywhere.
constexpr std::uint32_t mixed(std::uint32_t left, std::uint32_t right) {
  std::uint32_t hash = left * 0x9e3779b1U ^ (right + 0x85ebca6bU + (left << 6) + (left >> 2));
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6dU;
  hash ^= hash >> 13;
  return hash;
}
constexpr std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace lilux::brain
