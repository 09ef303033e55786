#include "search/vectors.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace lilux::search {

using base::ErrorCode;
using base::Result;

namespace {

constexpr float kCodeMost = 127;

using Multiply = void (*)(const std::int8_t* one, const std::int8_t* rows, std::size_t dimensions,
                          std::span<std::int32_t> into);

[[gnu::always_inline]] inline void multiply_rows(const std::int8_t* one, const std::int8_t* rows,
                                                 std::size_t dimensions, std::span<std::int32_t> into) {
  for (std::int32_t& result : into) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < dimensions; ++i) sum += static_cast<std::int32_t>(one[i]) * rows[i];
    rows += dimensions;
    result = sum;
  }
}

void multiply_anywhere(const std::int8_t* one, const std::int8_t* rows, std::size_t dimensions,
                       std::span<std::int32_t> into) {
  multiply_rows(one, rows, dimensions, into);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void multiply_avx2(const std::int8_t* one, const std::int8_t* rows, std::size_t dimensions,
                                           std::span<std::int32_t> into) {
  multiply_rows(one, rows, dimensions, into);
}
Multiply best_multiply() {
  return __builtin_cpu_supports("avx2") != 0 ? multiply_avx2 : multiply_anywhere;
}
#else
Multiply best_multiply() {
  return multiply_anywhere;
}
#endif

}  // namespace

void normalise(Vector& vector) {
  double squares = 0;
  for (const float value : vector) squares += static_cast<double>(value) * value;
  const double factor = std::isfinite(squares) && squares > 0 ? 1 / std::sqrt(squares) : 0;
  for (float& value : vector) value = factor > 0 ? static_cast<float>(value * factor) : 0;
}

Coded encode_vector(const Vector& vector) {
  float most = 0;
  for (const float value : vector) most = std::max(most, std::fabs(value));
  Coded coded{.scale = most / kCodeMost, .codes = {}};
  coded.codes.reserve(vector.size());
  for (const float value : vector)
    coded.codes.push_back(most > 0 ? static_cast<std::int8_t>(std::lround(value / most * kCodeMost)) : std::int8_t{0});
  return coded;
}

std::string to_bytes(const Coded& coded) {
  std::string bytes(sizeof(float) + coded.codes.size(), '\0');
  std::memcpy(bytes.data(), &coded.scale, sizeof(float));
  std::memcpy(bytes.data() + sizeof(float), coded.codes.data(), coded.codes.size());
  return bytes;
}

Result<void> append_coded(std::string_view bytes, std::size_t dimensions, std::vector<float>& scales,
                          std::vector<std::int8_t>& codes) {
  float scale = 0;
  if (bytes.size() != sizeof(float) + dimensions)
    return base::fail(ErrorCode::corrupt, "the search index has a vector of a wrong size");
  std::memcpy(&scale, bytes.data(), sizeof(float));
  if (!(scale >= 0 && scale <= 1)) return base::fail(ErrorCode::corrupt, "the search index has a damaged vector");
  scales.push_back(scale);
  const std::size_t before = codes.size();
  codes.resize(before + dimensions);
  std::memcpy(codes.data() + before, bytes.data() + sizeof(float), dimensions);
  return {};
}

void multiply(std::span<const std::int8_t> one, std::span<const std::int8_t> rows, std::span<std::int32_t> into) {
  assert(rows.size() == one.size() * into.size());
  static const Multiply best = best_multiply();
  best(one.data(), rows.data(), one.size(), into);
}

}  // namespace lilux::search
