#include "text/edit.h"

#include <algorithm>

namespace lilux::text {

std::string edited(std::string_view text, const std::vector<Edit>& edits) {
  std::string made;
  std::size_t from = 0;
  for (const Edit& edit : edits) {
    made.append(text.substr(from, edit.at - from)).append(edit.text);
    from = edit.at + edit.size;
  }
  return made.append(text.substr(from));
}

LineSpan line_at(std::string_view text, std::size_t begin) {
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  const bool has_return = end > begin && text[end - 1] == '\r';
  return {.begin = begin, .end = has_return ? end - 1 : end, .next = std::min(end + 1, text.size())};
}

std::string_view text_of(std::string_view text, const LineSpan& line) {
  return text.substr(line.begin, line.end - line.begin);
}

std::string_view line_end_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

std::size_t line_number(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

std::string_view indent_at(std::string_view text, std::size_t at) {
  const std::size_t begin = line_begin(text, at);
  return text.substr(begin, std::min(skip_blanks(text, begin), at) - begin);
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t", at), text.size());
}

std::size_t back_over_blanks(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at;
}

bool is_line_end(std::string_view text, std::size_t at) {
  return at == text.size() || text[at] == '\n' || text.substr(at, 2) == "\r\n";
}

std::size_t after_line_end(std::string_view text, std::size_t at) {
  return at == text.size() ? at : at + (text[at] == '\r' ? 2 : 1);
}

}  // namespace lilux::text
