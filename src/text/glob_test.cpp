#include "text/glob.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

std::string refusal(const auto& glob) {
  return glob ? "" : glob.error().message;
}

bool path(std::string_view pattern, std::string_view text) {
  const auto glob = PathGlob::compile(pattern);
  INFO(pattern);
  REQUIRE(glob);
  return glob->matches(text);
}

bool name(std::string_view pattern, std::string_view text) {
  const auto glob = NameGlob::compile(pattern);
  INFO(pattern);
  REQUIRE(glob);
  return glob->matches(text);
}

TEST_CASE("names: a star is any run, a question mark one byte, braces a choice") {
  CHECK(name("fs.*", "fs.write"));
  CHECK(name("fs.*", "fs."));
  CHECK_FALSE(name("fs.*", "fs"));
  CHECK(name("*", ""));
  CHECK(name("*", "a/b c"));
  CHECK(name("f?.read", "fs.read"));
  CHECK_FALSE(name("f?.read", "f.read"));
  CHECK(name("{fs,git}.{read,list}", "git.read"));
  CHECK_FALSE(name("{fs,git}.{read,list}", "git.write"));
  CHECK(name("a{b,c{d,e}}f", "acef"));
  CHECK(name("*a*b*c*", "xxaxxbxxcxx"));
  CHECK_FALSE(name("*a*b*c*", "xxaxxcxxbxx"));
  CHECK_FALSE(name("fs.read", "FS.read"));
}

TEST_CASE("names: classes") {
  CHECK(name("[a-c]x", "bx"));
  CHECK_FALSE(name("[a-c]x", "dx"));
  CHECK(name("[!a-c]x", "dx"));
  CHECK_FALSE(name("[^a-c]x", "ax"));
  CHECK(name("[]]", "]"));
  CHECK(name("[!]]", "a"));
  CHECK_FALSE(name("[!]]", "]"));
  CHECK(name("[a-]", "-"));
  CHECK(name("[*]", "*"));
  CHECK_FALSE(name("[*]", "a"));
  CHECK(name("[\\]", "\\"));
  CHECK(name("[{]a,b[}]", "{a,b}"));
  CHECK(name("[\x80-\xff]", "\xc3"));
}

TEST_CASE("patterns that never match, or are not what they look like, are refused with the reason") {
  CHECK(refusal(NameGlob::compile("")) == "pattern '' is empty, so it never matches");
  CHECK(refusal(NameGlob::compile("a[b")) == "pattern 'a[b' has a '[' that is not closed");
  CHECK(refusal(NameGlob::compile("[z-a]")) == "pattern '[z-a]' has a class that never matches");
  CHECK(refusal(NameGlob::compile("a{b")) == "pattern 'a{b' has braces that do not pair");
  CHECK(refusal(NameGlob::compile("a}b")) == "pattern 'a}b' has braces that do not pair");
  CHECK(refusal(NameGlob::compile("a{b,}c")) == "pattern 'a{b,}c' has an empty choice in {b,}");
  CHECK(refusal(NameGlob::compile("{}")) == "pattern '{}' has no choice in {}");
  CHECK(refusal(NameGlob::compile("{project}")) == "pattern '{project}' has no choice in {project}");
  CHECK(refusal(NameGlob::compile("a\\*")) == "pattern 'a\\*' has a backslash, which escapes nothing");
  CHECK(refusal(NameGlob::compile(std::string("a\0b", 3))).ends_with("holds a NUL byte, so it never matches"));
  CHECK(refusal(NameGlob::compile(std::string(kPatternBytesMax + 1, 'a'))).ends_with("is too long"));
  CHECK(refusal(NameGlob::compile("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")).ends_with("64 combinations of choices"));
  CHECK(NameGlob::compile("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"));
  CHECK(refusal(NameGlob::compile("\x1b[2J{")).find('\x1b') == std::string::npos);
}

TEST_CASE("paths: a star stays in its segment, two stars stand for whole segments") {
  CHECK(path("/a/*", "/a/b"));
  CHECK_FALSE(path("/a/*", "/a/b/c"));
  CHECK_FALSE(path("/a/*", "/a"));
  CHECK(path("/a/**", "/a"));
  CHECK(path("/a/**", "/a/b/c"));
  CHECK_FALSE(path("/a/**", "/ab"));
  CHECK(path("/**/x", "/x"));
  CHECK(path("/**/x", "/a/b/x"));
  CHECK_FALSE(path("/**/x", "/a/b/x/c"));
  CHECK(path("/a/**/b/**/c", "/a/b/c"));
  CHECK(path("/a/**/b/**/c", "/a/x/b/y/b/z/c"));
  CHECK_FALSE(path("/a/**/b/**/c", "/a/c/b"));
  CHECK(path("/**", "/"));
  CHECK(path("/", "/"));
  CHECK_FALSE(path("/", "/a"));
  CHECK_FALSE(path("/?", "/"));
  CHECK(path("/**/.git/{config,hooks/**}", "/p/sub/.git/hooks/pre-commit"));
  CHECK(path("/**/.git/{config,hooks/**}", "/p/.git/config"));
  CHECK_FALSE(path("/**/.git/{config,hooks/**}", "/p/.git/objects/a"));
  CHECK(path("/a/[a/b]c", "/a/bc"));
}

TEST_CASE("a path that is not canonical matches nothing, however it is spelled") {
  for (const std::string_view text :
       {"", "a", "a/b", "/a/", "//a", "/a//b", "/a/./b", "/a/../b", "/a/..", "/a/.", "/.."}) {
    INFO(text);
    CHECK_FALSE(is_canonical_path(text));
    CHECK_FALSE(path("/**", text));
  }
  CHECK_FALSE(is_canonical_path(std::string_view("/a\0b", 4)));
  for (const std::string_view text : {"/", "/a", "/...", "/a/..b", "/a/.b", "/a b/\xff"})
    CHECK(is_canonical_path(text));
}

TEST_CASE("patterns over paths that never match are refused with the reason") {
  CHECK(refusal(PathGlob::compile("a/b")) == "pattern 'a/b' is relative, so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("{/a,b}")) == "pattern 'b' is relative, so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/a/")) ==
        "pattern '/a/' has a slash too many, so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/a//b")) ==
        "pattern '/a//b' has a slash too many, so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/a/../b")) == "pattern '/a/../b' holds '..', so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/a/[.][.]/b")) ==
        "pattern '/a/[.][.]/b' holds '..', so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/./a")) == "pattern '/./a' holds '.', so it never matches a canonical path");
  CHECK(refusal(PathGlob::compile("/a/**b")) == "pattern '/a/**b' has '**' inside a segment");
  CHECK(refusal(PathGlob::compile("/a/[/]b")) == "pattern '/a/[/]b' has a class that never matches");
  CHECK_FALSE(PathGlob::compile("/a[/b"));
}

TEST_CASE("a text escaped is a pattern of itself alone") {
  for (const std::string_view text : {"/a*b", "/[x]", "/{a,b}", "/a?", "/a\\b", "/]", "/a,b"}) {
    INFO(text);
    const auto glob = PathGlob::compile(escape_glob(text));
    REQUIRE(glob);
    CHECK(glob->matches(text));
    CHECK(glob->choices().size() == 1);
    for (const PathGlob::Segment& segment : glob->choices()[0]) CHECK(segment.wild.is_literal());
  }
}

TEST_CASE("long patterns and texts take no time that grows without bounds") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(name(pattern + "b", std::string(20'000, 'a')));
  std::string deep;
  std::string text;
  for (int i = 0; i < 100; ++i) deep += "/**/a";
  for (int i = 0; i < 2000; ++i) text += "/a";
  CHECK_FALSE(path(deep + "/b", text));
}

bool path_covers(std::string_view wide, std::string_view narrow) {
  return covers(*PathGlob::compile(wide), *PathGlob::compile(narrow));
}

TEST_CASE("a pattern covers those whose every match it matches") {
  CHECK(path_covers("/**", "/a/*"));
  CHECK(path_covers("/a/**", "/a/b/**/c"));
  CHECK(path_covers("/a/**", "/a"));
  CHECK(path_covers("/a/*", "/a/b*"));
  CHECK(path_covers("/a/*.c", "/a/x*.c"));
  CHECK(path_covers("/a/{b,c}", "/a/c"));
  CHECK(path_covers("/a/?", "/a/[xy]"));
  CHECK(path_covers("/a/[a-z]", "/a/[xy]"));
  CHECK(path_covers("/**/x", "/a/**/x"));
  CHECK_FALSE(path_covers("/a/*", "/a/**"));
  CHECK_FALSE(path_covers("/a/b", "/a/*"));
  CHECK_FALSE(path_covers("/a/*", "/a/b/c"));
  CHECK_FALSE(path_covers("/a/*.c", "/a/*"));
  CHECK_FALSE(path_covers("/a/{b,c}", "/a/{b,d}"));
  CHECK_FALSE(path_covers("/a/[xy]", "/a/?"));
  CHECK_FALSE(path_covers("/**/x", "/a/**"));
}

// Matching as it is defined, without any cleverness.
bool plainly(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') return plainly(pattern.substr(1), text) || (!text.empty() && plainly(pattern, text.substr(1)));
  if (text.empty()) return false;
  return (pattern[0] == '?' || pattern[0] == text[0]) && plainly(pattern.substr(1), text.substr(1));
}

bool plainly_path(std::span<const std::string_view> pattern, std::span<const std::string_view> text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == "**") {
    return plainly_path(pattern.subspan(1), text) || (!text.empty() && plainly_path(pattern, text.subspan(1)));
  }
  return !text.empty() && plainly(pattern[0], text[0]) && plainly_path(pattern.subspan(1), text.subspan(1));
}

std::string random_text(std::mt19937& random, std::string_view alphabet, std::size_t longest) {
  std::string text;
  for (std::size_t size = random() % (longest + 1); size > 0; --size) text += alphabet[random() % alphabet.size()];
  return text;
}

std::string random_path(std::mt19937& random, bool is_pattern) {
  std::string text;
  for (std::size_t count = 1 + random() % 5; count > 0; --count) {
    const bool is_deep = is_pattern && random() % 4 == 0;
    std::string segment = is_deep ? "**" : random_text(random, is_pattern ? "ab*?" : "ab", 3);
    while (!is_deep && segment.find("**") != std::string::npos) segment.erase(segment.find("**"), 1);
    text += "/" + (segment.empty() ? "a" : segment);
  }
  return text;
}

TEST_CASE("matching agrees with its definition, and covering with matching") {
  std::mt19937 random(7);
  int matches = 0;
  int covered = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string wide = random_path(random, true);
    const std::string narrow = random_path(random, true);
    const std::string text = random_path(random, false);
    const auto wide_glob = PathGlob::compile(wide);
    const auto narrow_glob = PathGlob::compile(narrow);
    INFO(wide << " " << narrow << " " << text);
    REQUIRE(wide_glob);
    REQUIRE(narrow_glob);
    const bool does_match = wide_glob->matches(text);
    REQUIRE(does_match == plainly_path(segments_of(wide), segments_of(text)));
    matches += does_match ? 1 : 0;
    if (!covers(*wide_glob, *narrow_glob)) continue;
    ++covered;
    const bool is_sound = !narrow_glob->matches(text) || does_match;
    REQUIRE(is_sound);
  }
  CHECK(matches > 1000);
  CHECK(covered > 1000);
}

TEST_CASE("names agree with their definition too") {
  std::mt19937 random(8);
  for (int round = 0; round < 20'000; ++round) {
    const std::string pattern = "*" + random_text(random, "ab*?", 8);
    const std::string text = random_text(random, "ab", 10);
    INFO(pattern << " " << text);
    REQUIRE(name_matches(pattern, text) == plainly(pattern, text));
  }
  CHECK_FALSE(name_matches("[", "["));
}

TEST_CASE("a glob reaches below a folder when some path there may match") {
  const auto reaches = [](std::string_view pattern, std::string_view folder) {
    return PathGlob::compile(pattern)->reaches_below(folder);
  };
  for (const std::string_view folder : {"/", "/a", "/a/b"}) {
    INFO(folder);
    CHECK(reaches("/**/x", folder));
    CHECK(reaches("/a/b/c", folder));
    CHECK(reaches("/a/b/**", folder));
    CHECK(reaches("/{z,a}/*/c/**/d", folder));
  }
  CHECK(reaches("/x/**", "/"));
  CHECK_FALSE(reaches("/x/**", "/a"));
  CHECK(reaches("/a/**", "/a/b/c"));
  CHECK_FALSE(reaches("/a/b", "/a/b"));  // the folder itself is not below it
  CHECK_FALSE(reaches("/a/*", "/a/b"));
  CHECK_FALSE(reaches("/a/*.c/d", "/a/b"));
}

}  // namespace
}  // namespace lilux::text
