#include "text/diff.h"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace lilux::text {

namespace {

using base::ErrorCode;

const DiffNames kNames{.old_name = "a", .new_name = "b"};

std::string numbered(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

std::string error_of(std::string_view text, std::string_view patch, ErrorCode code) {
  const auto made = apply_patch(text, patch);
  REQUIRE(!made);
  CHECK(made.error().code == code);
  CHECK(!made.error().hint.empty());
  return made.error().message;
}

std::string applied(std::string_view text, std::string_view patch) {
  const auto made = apply_patch(text, patch);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return *made;
}

void check_round_trip(const std::string& before, const std::string& after) {
  const std::string diff = unified_diff(before, after, kNames);
  CAPTURE(before);
  CAPTURE(after);
  CAPTURE(diff);
  if (before == after) {
    CHECK(diff.empty());
    return;
  }
  CHECK(applied(before, diff) == after);
  CHECK(applied(after, unified_diff(after, before, kNames)) == before);
}

std::string random_text(std::mt19937& random) {
  std::string text;
  const std::size_t lines = random() % 30;
  for (std::size_t i = 0; i < lines; ++i) text.append(1, static_cast<char>('a' + random() % 4)).append("\n");
  if (!text.empty() && random() % 4 == 0) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("equal texts have no difference") {
  CHECK(unified_diff("", "", kNames).empty());
  CHECK(unified_diff("a\n", "a\n", kNames).empty());
}

TEST_CASE("a diff shows three lines of context") {
  std::string after = numbered(1, 20);
  after.replace(after.find("line 10\n"), 8, "ten\n");
  CHECK(unified_diff(numbered(1, 20), after, kNames) ==
        "--- a\n+++ b\n@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+ten\n line 11\n line 12\n line 13\n");
}

TEST_CASE("changes share a hunk when their contexts touch, and only then") {
  const std::string before = numbered(1, 30);
  const auto with_changes_at = [&](int first, int second) {
    std::string after = before;
    for (const int line : {second, first}) {
      const std::string old = "line " + std::to_string(line) + "\n";
      after.replace(after.find(old), old.size(), "changed\n");
    }
    return unified_diff(before, after, kNames);
  };
  const auto hunks = [](const std::string& diff) {
    int count = 0;
    for (std::size_t at = 0; (at = diff.find("\n@@ ", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  CHECK(hunks(with_changes_at(10, 17)) == 1);
  CHECK(hunks(with_changes_at(10, 18)) == 2);
}

TEST_CASE("empty ranges are named by the line before them") {
  CHECK(unified_diff("", "a\n", kNames) == "--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("a\nb\n", "", kNames) == "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("a missing line end is a difference") {
  CHECK(unified_diff("a", "a\n", kNames) == "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  check_round_trip("a\nb", "a\nb\n");
  check_round_trip("a\nb", "x\nb");
  check_round_trip("a\nb", "a\nb\nc");
}

TEST_CASE("binary and very different texts are told by their sizes") {
  CHECK(is_binary(std::string_view("a\0b", 3)));
  CHECK(unified_diff(std::string("a\0b", 3), "", kNames) == "--- a\n+++ b\n(3 bytes before, 0 bytes after)\n");
  std::string other;
  for (int i = 0; i < 3000; ++i) other += "other " + std::to_string(i) + "\n";
  CHECK(unified_diff(numbered(1, 3000), other, kNames).find("@@") == std::string::npos);
}

TEST_CASE("a long insertion is shown however long it is") {
  check_round_trip("first\nlast\n", "first\n" + numbered(1, 50000) + "last\n");
  check_round_trip("", numbered(1, 50000));
}

TEST_CASE("a name cannot add lines to a diff") {
  const std::string diff = unified_diff("a\n", "b\n", {.old_name = "x\n+y", .new_name = "\x1b[2J"});
  CHECK(diff.starts_with("--- x\\n+y\n+++ \\u{1b}[2J\n@@"));
}

TEST_CASE("a diff applied to the old text gives the new one") {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) check_round_trip(random_text(random), random_text(random));
}

TEST_CASE("a patch needs no header and may have lost the space of empty lines") {
  CHECK(applied("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+c") == "a\n\nc\n");
  CHECK(applied("a\n", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@ section\n-a\n+b\n\n") == "b\n");
}

TEST_CASE("a hunk that fits in one place only is moved there") {
  CHECK(applied("x\ny\na\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n") == "x\ny\na\nc\n");
  CHECK(error_of("x\na\nx\na\n", "@@ -7 +7 @@\n-a\n+b\n", ErrorCode::conflict) ==
        "hunk 1 does not fit at line 7, but in several other places");
}

TEST_CASE("a hunk that fits nowhere changes nothing") {
  const std::string patch = "@@ -1 +1 @@\n-a\n+A\n@@ -3,2 +3,2 @@\n c\n-e\n+E\n";
  CHECK(error_of("a\nb\nc\nd\n", patch, ErrorCode::conflict) == "hunk 2 does not fit at line 4 or anywhere else");
  CHECK(error_of("a\n", "@@ -9,0 +10 @@\n+x\n", ErrorCode::conflict) ==
        "hunk 1 does not fit at line 2 or anywhere else");
}

TEST_CASE("hunks stay in order and do not see each other's lines") {
  error_of("a\n", "@@ -1 +1,2 @@\n-a\n+b\n+c\n@@ -2 +2 @@\n-c\n+d\n", ErrorCode::conflict);
  error_of("a\nb\n", "@@ -2 +2 @@\n-b\n+B\n@@ -1 +1 @@\n-a\n+A\n", ErrorCode::conflict);
}

TEST_CASE("the end of the text is matched too") {
  const std::string open = "\\ No newline at end of file\n";
  CHECK(applied("a", "@@ -1 +1 @@\n-a\n" + open + "+b\n" + open) == "b");
  error_of("a\n", "@@ -1 +1 @@\n-a\n" + open + "+b\n", ErrorCode::conflict);
  error_of("a", "@@ -1 +1 @@\n-a\n+b\n", ErrorCode::conflict);
  CHECK(error_of("a\nb\n", "@@ -1 +1 @@\n-a\n+x\n" + open, ErrorCode::conflict) ==
        "hunk 1 does not fit at line 1: it would join two lines");
  error_of("a", "@@ -1,0 +2 @@\n+b\n", ErrorCode::conflict);
}

TEST_CASE("a patch that does not read is refused by its line") {
  const auto refused = [](std::string_view patch) { return error_of("a\nb\n", patch, ErrorCode::invalid_argument); };
  CHECK(refused("") == "the patch has no hunks");
  CHECK(refused("no patch\n") == "the patch has no hunks");
  CHECK(refused("@@ -1,2 +1,2 @@\n-a\n+b\n") == "line 4 of the patch, in hunk 1, is missing");
  CHECK(refused("@@ -1 +1 @@\n-a\n-b\n+c\n").starts_with("line 3 of the patch, in hunk 1, "));
  CHECK(refused("@@ -1 +1 @@\n-a\n*b\n").starts_with("line 3 of the patch, in hunk 1, begins with none"));
  CHECK(refused("@@ -1 +1 @@\n-a\n+c\n--- d\n+++ e\n").starts_with("line 4 of the patch, in hunk 2, "));
  CHECK(refused("@@ -1 +1 @@\n-a\n+c\n\\ No newline\n+d\n").starts_with("line 5 "));
  for (const char* head : {"@@", "@@ -x +1 @@", "@@ -1 @@", "@@ -1,x +1 @@", "@@ -0 +1 @@", "@@ -1 +1", "@@ --1 +1 @@",
                           "@@ -99999999999999999999 +1 @@"}) {
    CHECK(refused(std::string(head) + "\n-a\n+b\n").starts_with("line 1 of the patch, in hunk 1, "));
  }
  CHECK(refused("@@ -1,18446744073709551615 +1 @@\n-a\n+b\n").find("is missing") != std::string::npos);
}

}  // namespace lilux::text
