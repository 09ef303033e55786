#pragma once

// Chance that comes out the same on every machine: SplitMix64, small and even enough to learn with. One thread.

#include <cstdint>

namespace lilux::brain {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  float share();   // from 0 to below 1
  float spread();  // mean 0, deviation 1, nearly normal

 private:
  std::uint64_t state_;
};

inline std::uint64_t Dice::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

inline float Dice::share() {
  return static_cast<float>(next() >> 40) * (1.0F / 16777216);
}

inline float Dice::spread() {
  return (share() + share() + share() + share() - 2) * 1.7320508F;
}

}  // namespace lilux::brain
