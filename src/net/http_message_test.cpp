#include "net/http_message.h"

#include <doctest/doctest.h>

namespace lilux::net {
namespace {

TEST_CASE("header fields are found without regard to case and keep their order") {
  Headers headers{{.name = "Accept", .value = "a"}, {.name = "X-One", .value = "1"}, {.name = "accept", .value = "b"}};
  REQUIRE(headers.find("ACCEPT") != nullptr);
  CHECK(*headers.find("ACCEPT") == "a");
  CHECK(headers.count("accept") == 2);
  CHECK(headers.find("Accep") == nullptr);
  headers.add("aCCEPT", "c");
  CHECK(headers.count("Accept") == 3);
  CHECK(*headers.find("accept") == "a");
  CHECK(headers.size() == 4);
  CHECK((headers.begin() + 1)->name == "X-One");
}

TEST_CASE("a list field is searched token by token") {
  const Headers headers{{.name = "Connection", .value = "Keep-Alive , Upgrade"}, {.name = "connection", .value = "x"}};
  CHECK(headers.lists("Connection", "keep-alive"));
  CHECK(headers.lists("Connection", "upgrade"));
  CHECK(headers.lists("Connection", "X"));
  CHECK_FALSE(headers.lists("Connection", "close"));
  CHECK_FALSE(headers.lists("Connection", "grade"));
  CHECK_FALSE(headers.lists("Accept", "x"));
}

TEST_CASE("percent-decoding takes what is right and refuses what is cut or not hexadecimal") {
  const auto decoded = [](std::string_view text, PlusSign plus = PlusSign::literal) {
    return decode_percent(text, plus).value_or("refused");
  };
  CHECK(decoded("/a%20b%2Fc%c3%A9") == "/a b/c\xc3\xa9");
  CHECK(decoded("a+b") == "a+b");
  CHECK(decoded("a+b", PlusSign::space) == "a b");
  CHECK(decoded("%2B", PlusSign::space) == "+");
  CHECK(decoded("").empty());
  for (const char* wrong :
       {"%", "%4", "a%", "%G0", "%0G", "%%20", "% 20", "%00", "a%00b", "%c3", "%ff%fe", "a%c0%80"}) {
    CAPTURE(wrong);
    CHECK(decoded(wrong) == "refused");
  }
}

TEST_CASE("a query becomes pairs in order") {
  const QueryPairs pairs = decode_query("a=1&b&&c=x%3Dy=z&a=2+3&=v").value();
  const QueryPairs expected{{"a", "1"}, {"b", ""}, {"c", "x=y=z"}, {"a", "2 3"}, {"", "v"}};
  CHECK(pairs == expected);
  CHECK(decode_query("").value().empty());
  CHECK_FALSE(decode_query("a=%zz").has_value());
  CHECK_FALSE(decode_query("%=1").has_value());
  const Request request{.query = pairs};
  REQUIRE(request.query_value("a") != nullptr);
  CHECK(*request.query_value("a") == "1");
  CHECK(request.query_value("d") == nullptr);
}

TEST_CASE("a field value can not begin a line of its own") {
  std::string out;
  append_fields(
      out,
      {{.name = "A", .value = "x\r\nSet-Cookie: y"}, {.name = "B: c\r\nD", .value = "z"}, {.name = "E", .value = "1"}},
      {"e"});
  CHECK(out == "A: x  Set-Cookie: y\r\n");
}

TEST_CASE("tokens and field values are told from what is neither") {
  CHECK(is_token("Content-Type"));
  CHECK(is_token("!#$%&'*+-.^_`|~09az"));
  for (const char* wrong : {"", "a b", "a:", "a\t", "\xc3\xa9", "(a)", "a/b", "\"a\""}) CHECK_FALSE(is_token(wrong));
  CHECK(is_field_value("a\tb \xc3\xa9"));
  CHECK_FALSE(is_field_value("a\rb"));
  CHECK_FALSE(is_field_value("a\x7f"));
  CHECK_FALSE(is_field_value(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace lilux::net
