#include "brain/experience.h"

#include <algorithm>

#include "brain/phrase.h"

namespace lilux::brain {

using base::ErrorCode;
using base::Result;

namespace {

Result<Experience> experience_from(std::string_view line) {
  const base::Json json = TRY(base::parse_json(line));
  Experience made = TRY(base::decode<Experience>(json));
  if (!made.arguments.is_object()) return base::fail(ErrorCode::corrupt, "field 'arguments' must be an object", "");
  return made;
}

}  // namespace

Result<std::vector<Experience>> parse_experiences(std::string_view text, const std::string& file) {
  std::vector<Experience> all;
  std::int64_t number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    Result<Experience> made = experience_from(text.substr(from, end - from));
    ++number;
    if (!made)
      return base::fail(ErrorCode::corrupt, file + ":" + std::to_string(number) + ": " + made.error().message,
                        "take that line out, or forget all: lilux brain forget --all");
    all.push_back(std::move(*made));
    from = end + 1;
  }
  return all;
}

std::string lines_of(std::span<const Experience> all) {
  std::string text;
  for (const Experience& one : all) text.append(base::to_text(base::encode(one))).append("\n");
  return text;
}

std::string plain(std::string_view text) {
  std::string made;
  for (const Spoken::Word& word : spoken(text).words) {
    if (!word.folded.empty()) made.append(made.empty() ? "" : " ").append(word.folded);
  }
  return made;
}

}  // namespace lilux::brain
