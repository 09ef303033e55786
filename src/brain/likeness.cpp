#include "brain/likeness.h"

#include <algorithm>
#include <cmath>

#include "search/vectors.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kVectors = 2;  // of a tool
constexpr double kCodeMost = 127;
constexpr int kNameTimes = 2;  // what a name counts among the words of its description

// Vectors of length 1, so that the sum of products of two is how like they are.
void append_coded(const std::vector<float>& vector, std::vector<std::int8_t>& codes) {
  for (const float value : vector)
    codes.push_back(static_cast<std::int8_t>(std::lround(static_cast<double>(value) * kCodeMost)));
}

}  // namespace

Likeness::Likeness(const ToolSet& tools, const Meanings& meanings)
    : meanings_(&meanings), tools_(tools.tools().size()) {
  for (const Tool& tool : tools.tools()) {
    std::vector<std::string> stems = tool.words;
    for (int times = 0; times < kNameTimes; ++times)
      stems.insert(stems.end(), tool.name_words.begin(), tool.name_words.end());
    append_coded(meanings_->of(stems), codes_);
    append_coded(meanings_->of(tool.name_words), codes_);
  }
}

std::vector<double> Likeness::of(std::span<const std::string> stems) const {
  std::vector<std::int8_t> asked;
  append_coded(meanings_->of(stems), asked);
  std::vector<std::int32_t> sums(kVectors * tools_);
  search::multiply(asked, codes_, sums);
  std::vector<double> result;
  for (std::size_t i = 0; i < tools_; ++i) {
    const std::int32_t whole = sums[kVectors * i];
    const std::int32_t name = sums[kVectors * i + 1];
    const double sum = static_cast<double>(whole) + static_cast<double>(std::max({whole, name, 0}));
    result.push_back(std::clamp(sum / (2 * kCodeMost * kCodeMost), 0.0, 1.0));
  }
  return result;
}

}  // namespace lilux::brain
