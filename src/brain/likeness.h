#pragma once

// How much tools and a request mean the like, though they may share no word: by the vectors of meanings.h, of what a
// tool says of itself and of its name alone. Pure; any thread may read it. The meanings outlive it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "brain/meanings.h"
#include "brain/schema.h"

namespace lilux::brain {

class Likeness {
 public:
  explicit Likeness(const ToolSet& tools, const Meanings& meanings = shipped_meanings());

  // For each tool, from 0 for nothing in common to 1.
  std::vector<double> of(std::span<const std::string> stems) const;

 private:
  const Meanings* meanings_;
  std::size_t tools_ = 0;
  std::vector<std::int8_t> codes_ = {};  // two vectors for each tool: all it says, its name
};

}  // namespace lilux::brain
