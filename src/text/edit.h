#pragma once

// Edits of a text at places of the old one, and what they need to know of its lines. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::text {

// Puts `text` in place of `size` bytes at `at`.
struct Edit {
  std::size_t at = 0;
  std::size_t size = 0;
  std::string text = {};
};
// Edits stand in the order of their places and do not overlap.
std::string edited(std::string_view text, const std::vector<Edit>& edits);

struct LineSpan {
  std::size_t begin = 0;
  std::size_t end = 0;   // without the line end
  std::size_t next = 0;  // where the next one begins
};
// The line that begins there.
LineSpan line_at(std::string_view text, std::size_t begin);
std::string_view text_of(std::string_view text, const LineSpan& line);

// The line end of its first line; "\n" when it has none.
std::string_view line_end_of(std::string_view text);
// Counted from 1.
std::size_t line_number(std::string_view text, std::size_t at);
std::size_t line_begin(std::string_view text, std::size_t at);
// The blanks that the line around `at` begins with.
std::string_view indent_at(std::string_view text, std::size_t at);
// Past spaces and tabs, forwards or backwards.
std::size_t skip_blanks(std::string_view text, std::size_t at);
std::size_t back_over_blanks(std::string_view text, std::size_t at);
// Whether nothing but a line end, or the end of the text, follows; and the place behind it.
bool is_line_end(std::string_view text, std::size_t at);
std::size_t after_line_end(std::string_view text, std::size_t at);

}  // namespace lilux::text
