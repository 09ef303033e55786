#include "text/markdown.h"

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

constexpr std::string_view kText =
    "intro\n# One #\n\n## Code\n```Python x\n# no heading\n- **no**: bullet\n```\n### Deep\ntext\n## Last\n~~~\n# "
    "open\n";

TEST_CASE("headings divide a text, and fences hide what looks like one") {
  const auto sections = markdown_sections(kText);
  REQUIRE(sections.size() == 5);
  CHECK(kText.substr(0, sections[0].end) == "intro\n");
  CHECK(sections[1].title == "One");
  CHECK(sections[1].whole == kText.size());
  const MarkdownSection* code = find_section(sections, "code");
  REQUIRE(code);
  CHECK(code->level == 2);
  CHECK(kText.substr(code->end).starts_with("### Deep"));
  CHECK(kText.substr(code->whole).starts_with("## Last"));
  CHECK(find_section(sections, "no heading") == nullptr);
}

TEST_CASE("fences are found with their language") {
  const auto fences = markdown_fences(kText);
  REQUIRE(fences.size() == 2);
  CHECK(fences[0].language == "python");
  CHECK(kText.substr(fences[0].begin, fences[0].end - fences[0].begin) == "# no heading\n- **no**: bullet\n");
  CHECK(fences[0].is_closed);
  CHECK_FALSE(fences[1].is_closed);
}

TEST_CASE("bullets with a bold key are read in the ways people write them") {
  const std::string_view text =
      "-   **id**: `tool_v1`\n* **name:** A tool [REAL]\n- no key\n  - **inner**: 1\n- **long**: one\n  two\n\n  "
      "three\nend\n";
  const auto bullets = markdown_bullets(text);
  REQUIRE(bullets.size() == 4);
  CHECK(bullets[0].key == "id");
  CHECK(bullets[0].value == "tool_v1");
  CHECK(bullets[1].value == "A tool [REAL]");
  CHECK(bullets[2].indent == 2);
  CHECK(bullets[3].value == "one\n  two\n\n  three");
  CHECK(text.substr(bullets[3].begin, bullets[3].end - bullets[3].begin) == bullets[3].value);
}

TEST_CASE("what is written for others is replaced once, from the left") {
  CHECK(replaced_all("aaa", "aa", "b") == "ba");
  CHECK(replaced_all("a.b.", ".", "..") == "a..b..");
  CHECK(replaced_all("", "x", "y").empty());
}

}  // namespace
}  // namespace lilux::text
