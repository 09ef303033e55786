#pragma once

// Did you mean: the known name nearest to what was typed. Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lilux::base {

// The name with the fewest single-character edits, when that is few for its length.
std::optional<std::string_view> nearest(std::string_view typed, std::span<const std::string_view> names);

// The hint for a name that is none: "did you mean 'lilux logs'?" with `before` "lilux ", or `otherwise` when no name is
// near.
std::string guess(std::string_view typed, std::span<const std::string_view> names, std::string_view otherwise,
                  std::string_view before = "");

}  // namespace lilux::base
