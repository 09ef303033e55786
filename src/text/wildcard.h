#pragma once

// What all globs of this folder are made of: `*` any run, `?` one byte, `[a-z]` and `[!a-z]` a class, `{a,b}` a choice.
// Bytes, not characters. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

// The refusal of a pattern: "pattern 'x' <why>".
std::unexpected<base::Error> refused_pattern(std::string_view pattern, std::string_view why, std::string_view hint);

// The pattern once for each combination of its choices, none with braces left. Refuses an empty pattern, empty choices,
// braces that do not pair, classes that are open or never match, NUL, and more than 64 combinations or 8 KiB.
base::Result<std::vector<std::string>> expand_choices(std::string_view pattern);

// Refuses a class that is not closed or matches no byte. The functions below take patterns that passed, without braces.
base::Result<void> check_classes(std::string_view pattern);

// In time of the pattern's size times the text's at worst.
bool wild_matches(std::string_view pattern, std::string_view text);

// The only text the pattern matches, when there is one only.
std::optional<std::string> literal_of(std::string_view pattern);

// Whether `wide` matches everything `narrow` does; false when that cannot be shown.
bool wild_covers(std::string_view wide, std::string_view narrow);

}  // namespace lilux::text
