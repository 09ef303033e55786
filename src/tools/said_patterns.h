#pragma once

// What is looked for, as people say it: "the word hello", "foo or bar", "files called plan". Pure but for the names
// that it is given; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "tools/said_places.h"

namespace lilux::tools {

// "hello" of "the word hello".
std::string_view bare_text(std::string_view said);

// "foo or bar" as the expression that finds each of them; nothing where one text is meant.
std::optional<std::string> any_of_texts(std::string_view said);

// A pattern of names for a name: "readme" is README.md where that lies here, and what is called plan is plan or plan.md
// and no explanation.md.
std::string name_pattern(const std::string& said, std::string_view text, const NamesIn& names);

}  // namespace lilux::tools
