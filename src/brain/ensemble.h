#pragma once

// Several small models over the same features, which err in different places, and what is read off their opinions. A
// value: learned once, then any thread reads it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "brain/learner.h"

namespace lilux::brain {

// The models that are learned for so many labels, and how wide their rows are in all.
struct Plan {
  std::vector<Course> courses = {};
  std::size_t width = 0;
};
Plan plan_for(std::size_t label_count, std::uint64_t seed);

// Each model by a thread of its own at a time; the result does not depend on how many there are.
std::vector<ModelWeights> learn_all(const Lesson& lesson, std::span<const Course> courses, std::size_t threads);

}  // namespace lilux::brain
