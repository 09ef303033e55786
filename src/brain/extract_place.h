#pragma once

// Where large cities lie and how states and currencies are written in short, for tools that want a place with its
// state or country ("San Francisco, CA") or a code. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace lilux::brain {

// "texas" and "TX" as "TX"; empty for what is no state of the United States.
std::string_view state_in_short(std::string_view name);

// "San Francisco" as "San Francisco, CA", "Paris" as "Paris, France"; nothing for places that are not known. Letters
// may be small or capital.
std::optional<std::string> place_in_full(std::string_view name);

// Whether the name of a known town means something else, too: "nice", "long beach". It is a town only where its letters
// say so.
bool is_ordinary_word(std::string_view name);

// "Japanese yen" as "JPY"; empty for what is no currency by name.
std::string_view currency_code(std::string_view name);
// The same for the code itself: "jpy", too.
std::string_view currency_of(std::string_view name);

}  // namespace lilux::brain
