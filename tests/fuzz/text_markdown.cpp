// Markdown from outside: sections cover the text without gaps, and everything lies within it.

#include "tests/fuzz/input.h"
#include "text/markdown.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::text;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  std::size_t at = 0;
  for (const MarkdownSection& section : markdown_sections(text)) {
    require(section.at == at && section.at <= section.begin && section.begin <= section.end);
    require(section.end <= section.whole && section.whole <= text.size());
    at = section.end;
  }
  require(at == text.size());
  for (const MarkdownFence& fence : markdown_fences(text))
    require(fence.at < fence.begin + 1 && fence.begin <= fence.end && fence.end <= text.size());
  for (const MarkdownBullet& bullet : markdown_bullets(text)) {
    require(!bullet.key.empty() && bullet.at <= bullet.begin && bullet.begin <= bullet.end &&
            bullet.end <= text.size());
    require(text.substr(bullet.begin, bullet.end - bullet.begin).contains(bullet.value));
  }
  return 0;
}
