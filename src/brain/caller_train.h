#pragma once

// Learns the tables of caller_weights.h from cases. Pure and in a fixed order: the same cases give the same tables. One
// thread.

#include <span>
#include <string>

#include "base/result.h"
#include "brain/caller_cases.h"
#include "brain/caller_weights.h"

namespace lilux::brain {

struct Lessons {
  std::size_t fills = 0;    // parameters that were learned from
  std::size_t choices = 0;  // sentences
};

// Of a pool of tools, some are added to each case whose tools are its own.
base::Result<Weights> learn(std::span<const Case> cases, Lessons& lessons);

// For weights_from, and as caller_table.cpp has them.
std::string bytes_of(const Weights& weights);
std::string source_of(const Weights& weights);

}  // namespace lilux::brain
