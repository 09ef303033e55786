#pragma once

// Labelled texts, as others write them: a JSON object with "text" and "label" on each line, and with its slots where
// they are known. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/slots.h"

namespace lilux::brain {

// The label of texts that none of the others fits.
inline constexpr std::string_view kOutOfScope = "oos";
inline constexpr std::size_t kLabelBytesMax = 256;

struct Example {
  std::string text = {};
  std::string label = {};
  std::optional<std::vector<Slot>> slots = std::nullopt;  // where the row tells them
};

// The label of a row; an integer or a truth value, as sets of others have them, becomes its text.
base::Result<std::string> label_in(const base::Json& row);

// Every line but empty ones; other members are left alone, and slots that are told in another way than `told_slots`
// knows. Of a text beyond kTextBytesMax the beginning counts. Errors
// name the file, as `name`, and the line.
base::Result<std::vector<Example>> parse_examples(std::string_view text, std::string_view name);

}  // namespace lilux::brain
