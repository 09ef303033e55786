#pragma once

// What is written as a value and not as words: quoted text, URLs, e-mail addresses, paths, lists and objects in
// brackets, names and calls as programs have them (#id, user_name, alert('x')), names of files with stars in them.
// Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

enum class LiteralKind : std::uint8_t { quoted, url, email, path, bracketed, code, glob };

struct Literal {
  LiteralKind kind = LiteralKind::quoted;
  std::size_t begin = 0;  // of the value, inside its quotes
  std::size_t end = 0;
};

inline constexpr std::size_t kLiteralsMax = 64;

// In the order they begin; a quoted URL is there as both.
std::vector<Literal> find_literals(std::string_view text);

// Telephone numbers: seven digits or more, in groups that a space, a dash, a point, a slash or brackets part, with or
// without a plus in front. Dates and amounts of as many digits are among them.
std::vector<Literal> find_phones(std::string_view text);

}  // namespace lilux::brain
