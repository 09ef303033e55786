#include "base/escape.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace lilux::base {
namespace {

TEST_CASE("ordinary text of any script stays as it is") {
  const std::string_view text = "rm -rf 'f\xC3\xBCr' \xE9\xAF\xA8 \xF0\x9F\x90\xB3\n\tnext";
  CHECK(escape_for_terminal(text) == text);
}

TEST_CASE("what a terminal would act on is shown instead") {
  CHECK(escape_for_terminal("\x1b[2Jx") == "\\u{1b}[2Jx");
  CHECK(escape_for_terminal("a\rb\x7f") == "a\\u{d}b\\u{7f}");
  CHECK(escape_for_terminal("\xC2\x9B") == "\\u{9b}");
  CHECK(escape_for_terminal(std::string_view("\0", 1)) == "\\u{0}");
}

TEST_CASE("what reorders or hides text is shown instead") {
  CHECK(escape_for_terminal("\xE2\x80\xAE"
                            "fdp.exe") == "\\u{202e}fdp.exe");
  CHECK(escape_for_terminal("a\xE2\x80\x8B"
                            "b") == "a\\u{200b}b");
  CHECK(escape_for_terminal("\xE2\x81\xA6") == "\\u{2066}");
  CHECK(escape_for_terminal("\xF3\xA0\x81\x81") == "\\u{e0041}");
  CHECK(escape_for_terminal("\xE3\x85\xA4") == "\\u{3164}");
  CHECK(escape_for_terminal("\xEF\xBB\xBF") == "\\u{feff}");
  CHECK(escape_for_terminal("\xC2\xAD") == "\\u{ad}");
}

TEST_CASE("bytes that are no characters are shown as bytes") {
  CHECK(escape_for_terminal("a\xFF\xC3") == "a\\xff\\xc3");
}

TEST_CASE("JSON is made safe by escapes of its own") {
  const std::string text = "{\"\u00e9\u009b\": \"a\u202e\U000e0041\x7f\"}";
  const std::string safe = escape_json_for_terminal(text);
  CHECK(safe == "{\"\u00e9\\u009b\": \"a\\u202e\\udb40\\udc41\\u007f\"}");
  CHECK(parse_json(safe).value() == parse_json(text).value());
}

TEST_CASE("what stands in one line stays in it") {
  CHECK(escape_line("a\n\tb\r") == "a\\u{a}\\u{9}b\\u{d}");
  CHECK(escape_line("plain") == "plain");
}

}  // namespace
}  // namespace lilux::base
