#pragma once

// Unified diffs of texts: made for people to read, and applied exactly. Pure; any thread.

#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::text {

struct DiffNames {
  std::string old_name;
  std::string new_name;
};

// Three lines of context. Empty when the texts are equal; one line of sizes when they are binary or too different to
// compare in bounded time.
std::string unified_diff(std::string_view before, std::string_view after, const DiffNames& names);

// Applies a unified diff of one file, all hunks or none. Context and removed lines have to match exactly, at the stated
// line or, when the hunk fits in one place only, there; hunks stay in order. Header lines before the first hunk may be
// left out. A patch that does not read is invalid_argument and names its line; one that does not fit is a conflict and
// names the hunk and the line of the text.
base::Result<std::string> apply_patch(std::string_view text, std::string_view patch);

// Whether the bytes hold a NUL, as text does not.
bool is_binary(std::string_view bytes);

}  // namespace lilux::text
