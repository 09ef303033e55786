#pragma once

// Vectors of texts in a byte for each number, so that likeness is one sum of products of whole numbers, which comes out
// the same on every processor. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::search {

inline constexpr std::size_t kDimensionsMax = 8192;

using Vector = std::vector<float>;

struct Coded {
  float scale = 0;  // what 1 stands for; 0: a vector of no direction
  std::vector<std::int8_t> codes = {};
};

// Of length 1; what has no length or holds something not finite becomes all zeros.
void normalise(Vector& vector);
Coded encode_vector(const Vector& vector);  // as long as it is

// As bytes for a file, and back: `corrupt` unless they are a vector of that many dimensions.
std::string to_bytes(const Coded& coded);
base::Result<void> append_coded(std::string_view bytes, std::size_t dimensions, std::vector<float>& scales,
                                std::vector<std::int8_t>& codes);

// For each of the vectors in `rows`, one after the other, the sum of products with `one`.
void multiply(std::span<const std::int8_t> one, std::span<const std::int8_t> rows, std::span<std::int32_t> into);

}  // namespace lilux::search
