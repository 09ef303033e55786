#pragma once

// The inner loops of training and deciding, by the widest instructions the machine has. Every machine gives the same
// bits: sums have a fixed order, nothing is fused. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <span>

namespace lilux::brain {

// into += factor * row
void add_scaled(std::span<float> into, float factor, const float* row);
void add_scaled(std::span<float> into, float factor, const std::int8_t* row);

float dot(std::span<const float> one, const float* other);

// One AdaGrad step: with g = factor * gradient, squares += g * g and weights -= rate * g / sqrt(squares).
void descend(std::span<float> weights, float* squares, const float* gradient, float factor, float rate);

// e to the power of each less the greatest, divided by their sum.
void softmax(std::span<float> values);

float exponential(float value);

}  // namespace lilux::brain
