#pragma once

// What a person answered to a routed sentence: that call was meant, or another, or not that one. A file of them has one
// JSON object a line, the oldest first. Values; pure; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/json.h"
#include "base/result.h"
#include "brain/router.h"

namespace lilux::brain {

// corrected: another call than the proposed one was meant, this one.
enum class Answer : std::uint8_t { accepted, corrected, refused };
constexpr std::array<std::string_view, 3> enum_names(Answer) {
  return {"accepted", "corrected", "refused"};
}

struct Experience {
  std::int64_t id = 0;  // counts up in its file
  std::string text;
  Answer answer = Answer::accepted;
  std::string tool;
  base::Json arguments = base::JsonObject{};
  std::string layer;  // that had proposed it; empty: none
  Band band = Band::defer;
  std::optional<double> confidence;  // of the proposal
  std::string time;
  std::string project;  // empty: the person's own, for everywhere
  static constexpr base::Fields fields{
      base::Field{"id", &Experience::id, "Its number, for forgetting it", {.minimum = 0}},
      base::Field{"text", &Experience::text, "What was said", {.minimum = 1, .maximum = 16'384}},
      base::Field{"answer", &Experience::answer, "accepted, corrected (this call was meant) or refused"},
      base::Field{"tool", &Experience::tool, "Tool"},
      base::Field{"arguments", &Experience::arguments, "Its arguments"},
      base::Field{"layer", &Experience::layer, "Layer that had proposed it"},
      base::Field{"band", &Experience::band, "In which band"},
      base::Field{"confidence", &Experience::confidence, "How sure it was", {.minimum = 0, .maximum = 1}},
      base::Field{"time", &Experience::time, "When"},
      base::Field{"project", &Experience::project, "Project it counts in; empty: everywhere"},
  };
};

inline constexpr std::size_t kExperiencesMax = 1'000;  // of a file; the oldest go first
inline constexpr std::size_t kExperienceFileBytesMax = std::size_t{32} << 20;

// Fails with file, line and what is wrong there.
base::Result<std::vector<Experience>> parse_experiences(std::string_view text, const std::string& file);
std::string lines_of(std::span<const Experience> all);

// The sentence as it is compared: words without case and marks.
std::string plain(std::string_view text);

}  // namespace lilux::brain
