#include "brain/loops.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace lilux::brain {

namespace {

#define LILUX_INLINE [[gnu::always_inline]] inline

constexpr std::size_t kLanes = 16;

template <class Weight>
LILUX_INLINE void add_scaled_body(float* into, std::size_t size, float factor, const Weight* row) {
  for (std::size_t i = 0; i < size; ++i) into[i] += factor * static_cast<float>(row[i]);
}

LILUX_INLINE float dot_body(const float* one, const float* other, std::size_t size) {
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += one[i + lane] * other[i + lane];
  }
  for (std::size_t lane = 0; i < size; ++i, ++lane) sums[lane] += one[i] * other[i];
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

LILUX_INLINE void descend_body(float* __restrict weights, float* __restrict squares, const float* __restrict gradient,
                               std::size_t size, float factor, float rate) {
  for (std::size_t i = 0; i < size; ++i) {
    const float step = factor * gradient[i];
    squares[i] += step * step;
    weights[i] -= rate * step / std::sqrt(squares[i]);
  }
}

struct Loops {
  void (*add)(float*, std::size_t, float, const float*);
  void (*add_codes)(float*, std::size_t, float, const std::int8_t*);
  float (*dot)(const float*, const float*, std::size_t);
  void (*descend)(float*, float*, const float*, std::size_t, float, float);
};

constexpr Loops kAnywhere{
    .add = [](float* into, std::size_t size, float factor,
              const float* row) { add_scaled_body(into, size, factor, row); },
    .add_codes = [](float* into, std::size_t size, float factor,
                    const std::int8_t* row) { add_scaled_body(into, size, factor, row); },
    .dot = [](const float* one, const float* other, std::size_t size) { return dot_body(one, other, size); },
    .descend = [](float* weights, float* squares, const float* gradient, std::size_t size, float factor,
                  float rate) { descend_body(weights, squares, gradient, size, factor, rate); },
};

#if defined(__x86_64__)
[[gnu::target("avx2")]] void add_avx2(float* into, std::size_t size, float factor, const float* row) {
  add_scaled_body(into, size, factor, row);
}
[[gnu::target("avx2")]] void add_codes_avx2(float* into, std::size_t size, float factor, const std::int8_t* row) {
  add_scaled_body(into, size, factor, row);
}
[[gnu::target("avx2")]] float dot_avx2(const float* one, const float* other, std::size_t size) {
  return dot_body(one, other, size);
}
[[gnu::target("avx2")]] void descend_avx2(float* weights, float* squares, const float* gradient, std::size_t size,
                                          float factor, float rate) {
  descend_body(weights, squares, gradient, size, factor, rate);
}
constexpr Loops kAvx2{.add = add_avx2, .add_codes = add_codes_avx2, .dot = dot_avx2, .descend = descend_avx2};

const Loops& loops() {
  static const Loops& best = __builtin_cpu_supports("avx2") != 0 ? kAvx2 : kAnywhere;
  return best;
}
#else
const Loops& loops() {
  return kAnywhere;
}
#endif

}  // namespace

void add_scaled(std::span<float> into, float factor, const float* row) {
  loops().add(into.data(), into.size(), factor, row);
}

void add_scaled(std::span<float> into, float factor, const std::int8_t* row) {
  loops().add_codes(into.data(), into.size(), factor, row);
}

float dot(std::span<const float> one, const float* other) {
  return loops().dot(one.data(), other, one.size());
}

void descend(std::span<float> weights, float* squares, const float* gradient, float factor, float rate) {
  loops().descend(weights.data(), squares, gradient, weights.size(), factor, rate);
}

// 2 to a whole power by its bits, times a polynomial for the rest; the C library's own differs between machines.
float exponential(float value) {
  const float scaled = std::clamp(value, -87.0F, 87.0F) * 1.44269504F;
  const float whole = std::floor(scaled + 0.5F);
  const float rest = (scaled - whole) * 0.693147181F;
  float power = 1.0F / 5040;
  for (const float coefficient : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 1.0F / 2, 1.0F, 1.0F})
    power = power * rest + coefficient;
  return power * std::bit_cast<float>((static_cast<std::int32_t>(whole) + 127) << 23);
}

void softmax(std::span<float> values) {
  if (values.empty()) return;
  const float most = std::ranges::max(values);
  float sum = 0;
  for (float& value : values) sum += value = exponential(value - most);
  for (float& value : values) value /= sum;
}

}  // namespace lilux::brain
