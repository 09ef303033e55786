#pragma once

// Labelled texts, as others write them: a JSON object with "text" and "label" on each line. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

// The label of texts that none of the others fits.
inline constexpr std::string_view kOutOfScope = "oos";
inline constexpr std::size_t kLabelBytesMax = 256;

struct Example {
  std::string text = {};
  std::string label = {};
};

// Every line but empty ones; other members are left alone. Of a text beyond kTextBytesMax the beginning counts. Errors
// name the file, as `name`, and the line.
base::Result<std::vector<Example>> parse_examples(std::string_view text, std::string_view name);

}  // namespace lilux::brain
