#pragma once

// Whether a line of a person should not be kept. Pure; any thread.

#include <string_view>

namespace lilux::text {

// It begins with a blank, or something in it looks like a password, key or token, or like the number of a card, an
// account or a lock.
bool is_private(std::string_view line);

// A word in it looks made up as a password or key: ten characters at least in which letters and digits take turns, or
// stand among signs. Paths, addresses, names of files, hashes and identifiers of hexadecimal digits do not.
bool has_made_up_word(std::string_view line);

// Either: what nobody asked to have kept is left out rather than given out.
bool may_hold_secret(std::string_view text);

}  // namespace lilux::text
