#pragma once

// How a labeller learns: stochastic descent on the likelihood of the told tags, each text with half of its features
// left out at random. Internal to the labeller. One thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "brain/dice.h"
#include "brain/labeller.h"

namespace lilux::brain {

class SlotPupil {
 public:
  SlotPupil(std::span<const Example> examples, std::span<const std::string> labels, std::uint64_t seed);
  Labeller learn();

 private:
  struct Text {
    std::size_t label = 0;
    std::vector<Tag> tags = {};
    std::vector<std::vector<std::uint32_t>> features = {};  // of each piece: hashes, then rows
  };
  struct Chain;

  void read(std::span<const Example> examples, std::span<const std::string> labels);
  void choose_features();
  void use_rows();
  void see(const Text& text);
  void look_at(const Text& text, Chain& chain);
  void correct(const Text& text, Chain& chain);
  void correct_steps(const Text& text, const Chain& chain, std::size_t place);
  void pack();

  Labeller made_;
  std::vector<Text> texts_;
  std::vector<float> weights_, squares_, step_squares_, sums_;
  float rate_ = 0;
  Dice dice_;
};

}  // namespace lilux::brain
