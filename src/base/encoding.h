#pragma once

// Texts that carry bytes: base64, percent-encoding, UTF-8. Pure; any thread.

#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::base {

std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);  // without padding
// Standard alphabet with padding; the error says at which byte it is wrong.
Result<std::string> from_base64(std::string_view text);

// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view bytes);
Result<std::string> percent_decode(std::string_view text);

bool is_utf8(std::string_view bytes);
// The same text with U+FFFD for every byte that is not UTF-8; for names of files, which may be anything.
std::string to_valid_utf8(std::string_view bytes);
// The beginning of the text, at most that many bytes and no half character at the end; for messages.
std::string_view clipped(std::string_view text, std::size_t bytes_max);
// How many bytes the character at the front takes; 0 when there is no valid one.
std::size_t utf8_length(std::string_view bytes);

}  // namespace lilux::base
