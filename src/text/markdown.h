#pragma once

// What items need of Markdown: headings and what is below them, fenced blocks, and bullets with a bold key. Lines
// within fences are text whatever they look like. Places are bytes of the text. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::text {

struct MarkdownSection {
  std::size_t level = 0;  // of "## Code" it is 2; what stands before the first heading is of level 0
  std::string title = {};
  std::size_t at = 0;     // of the heading
  std::size_t begin = 0;  // behind the heading's line
  std::size_t end = 0;    // at the next heading
  std::size_t whole = 0;  // at the next heading that is no part of this one
};

struct MarkdownFence {
  std::string language = {};  // "python", in small letters
  std::size_t at = 0;         // of the opening line
  std::size_t begin = 0;      // of what is within
  std::size_t end = 0;
  bool is_closed = false;
};

// "- **key**: value", with the lines below that are indented more; or the same without the dash.
struct MarkdownBullet {
  std::string key = {};
  std::string value = {};  // trimmed, and without backticks around it
  std::size_t indent = 0;
  std::size_t at = 0;
  std::size_t begin = 0;  // of the value
  std::size_t end = 0;
};

std::vector<MarkdownSection> markdown_sections(std::string_view text, std::size_t begin = 0,
                                               std::size_t end = std::string_view::npos);
std::string first_heading(std::string_view text);  // its title; "" when there is none
std::vector<MarkdownFence> markdown_fences(std::string_view text, std::size_t begin = 0,
                                           std::size_t end = std::string_view::npos);
std::vector<MarkdownBullet> markdown_bullets(std::string_view text, std::size_t begin = 0,
                                             std::size_t end = std::string_view::npos);

// The first section of that title, whatever its case; null when there is none.
const MarkdownSection* find_section(const std::vector<MarkdownSection>& sections, std::string_view title);
std::string_view trimmed(std::string_view text);
std::string replaced_all(std::string_view text, std::string_view what, std::string_view with);

}  // namespace lilux::text
