#include "base/encoding.h"

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

TEST_CASE("base64 there and back for every length and byte") {
  CHECK(to_base64("") == "");
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64url("\xfb\xff") == "-_8");
  CHECK(to_base64url("f") == "Zg");
  std::string bytes;
  for (int i = 0; i < 260; ++i) {
    CHECK(from_base64(to_base64(bytes)).value() == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST_CASE("texts that only resemble base64 are refused") {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Z", "====", "Zm9v=", "Zh==", "Zm9=", "Zm 9", "Zm9\n", "-_8=", "Zg==Zg=="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("percent-encoding there and back, and what is broken") {
  CHECK(percent_encode("a-Z_0.~/ \xC3\xA9%") == "a-Z_0.~%2F%20%C3%A9%25");
  CHECK(percent_decode("a-Z_0.~%2F%20%c3%A9%25").value() == "a-Z_0.~/ \xC3\xA9%");
  CHECK(percent_decode("%00").value() == std::string(1, '\0'));
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4g", "%%41"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* text :
       {"", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\xB3", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
    CHECK(to_valid_utf8(text) == text);
  }
  for (const char* text :
       {"\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE2\x82", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x28\xA1", "a\xF0\x9F\x90"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(to_valid_utf8(text)));
  }
  CHECK(to_valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(utf8_length("\xE2\x82\xACx") == 3);
  CHECK(utf8_length("") == 0);
  for (std::size_t at = 0; at <= 20; ++at) {
    CHECK(is_utf8(std::string(at, 'a') + "\xC3\xA9" + std::string(20 - at, 'a')));
    CHECK_FALSE(is_utf8(std::string(at, 'a') + "\xC3" + std::string(20 - at, 'a')));
  }
}

TEST_CASE("a text is clipped between characters") {
  CHECK(clipped("abc", 3) == "abc");
  CHECK(clipped("abc", 2) == "ab");
  CHECK(clipped("a\xc3\xa9", 2) == "a");
  CHECK(clipped("\xf0\x9f\x98\x80", 3).empty());
  CHECK(clipped("\xf0\x9f\x98\x80x", 4) == "\xf0\x9f\x98\x80");
  CHECK(clipped("\x80\x80\x80\x80\x80\x80", 5).size() == 2);  // no text, and cut all the same
  CHECK(clipped("abc", 0).empty());
}

}  // namespace
}  // namespace lilux::base
