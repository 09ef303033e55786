#include "brain/ensemble.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace lilux::brain {

namespace {

constexpr std::size_t kHidden = 64;
constexpr std::size_t kHiddenModels = 4;
constexpr float kWordsDropped = 0.2F;
// With more labels a weight for each feature and label is too much.
constexpr std::size_t kFlatLabelsMax = 300;

}  // namespace

Plan plan_for(std::size_t label_count, std::uint64_t seed) {
  Plan plan;
  if (label_count <= kFlatLabelsMax) {
    plan.courses.push_back({.seed = seed});
    plan.width += label_count;
  }
  for (std::size_t i = 0; i < kHiddenModels; ++i) {
    plan.courses.push_back({.hidden = kHidden,
                            .rate = 0.1F,
                            .squares_before = 1e-2F,
                            .words_dropped = kWordsDropped,
                            .hidden_dropped = 0.1F,
                            .seed = seed + i + 1});
    plan.width += kHidden;
  }
  return plan;
}

std::vector<ModelWeights> learn_all(const Lesson& lesson, std::span<const Course> courses, std::size_t threads) {
  std::vector<ModelWeights> learned(courses.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < courses.size(); i = next++) learned[i] = learn(lesson, courses[i]);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(threads, courses.size()); ++i) others.emplace_back(work);
  work();
  others.clear();
  return learned;
}

}  // namespace lilux::brain
