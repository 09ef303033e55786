#include "base/json.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

Json parsed(std::string_view text) {
  Result<Json> json = parse_json(text);
  REQUIRE_MESSAGE(json.has_value(), text);
  return std::move(*json);
}

TEST_CASE("what is parsed is written back the same, in three styles") {
  const Json value = parsed(R"( {"b":[1,-2.5,true,null,{}],"a":{"x":"\u00e9\n\"\\\u0001"},"e":[]} )");
  CHECK(to_text(value) == "{\"b\":[1,-2.5,true,null,{}],\"a\":{\"x\":\"\xC3\xA9\\n\\\"\\\\\\u0001\"},\"e\":[]}");
  CHECK(to_text(value, JsonStyle::spaced).starts_with(R"({"b": [1, -2.5, true, null, {}], "a")"));
  CHECK(to_text(parsed(R"({"a":[1],"b":{}})"), JsonStyle::pretty) == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
  for (const JsonStyle style : {JsonStyle::compact, JsonStyle::spaced, JsonStyle::pretty})
    CHECK(parsed(to_text(value, style)) == value);
}

TEST_CASE("objects keep their order, and of twins the last wins in the place of the first") {
  CHECK(to_text(parsed(R"({"z":1,"a":2,"z":3,"b":4})")) == R"({"z":3,"a":2,"b":4})");
  JsonObject object{{"one", 1}};
  object.set("two", 2);
  object.set("one", "eins");
  object.set("three", 3);
  CHECK(to_text(object) == R"({"one":"eins","two":2,"three":3})");
  CHECK(object.erase("two"));
  CHECK_FALSE(object.erase("two"));
  CHECK(object.find("two") == nullptr);
  CHECK(object.size() == 2);
}

TEST_CASE("an object that is written down in braces takes its values instead of copying them") {
  std::string text(1000, 'x');
  const char* const at = text.data();
  const JsonObject inner{{"text", std::move(text)}};
  CHECK(inner.find("text")->as_string().data() == at);
  JsonObject taken = inner;
  const char* const copied = taken.find("text")->as_string().data();
  const JsonObject outer{{"a", JsonObject{{"b", std::move(taken)}}}, {"c", 1}};
  CHECK(outer.find("a")->find("b")->find("text")->as_string().data() == copied);
  CHECK(to_text(JsonObject{{"a", 1}, {"b", 2}, {"a", 3}}) == R"({"a":3,"b":2})");
}

TEST_CASE("a hostile object with very many keys is parsed in linear time") {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"key" + std::to_string(i % 150'000) + "\":" + std::to_string(i) + ",";
  text.back() = '}';
  const auto start = std::chrono::steady_clock::now();
  const Json value = parsed(text);
  const Json same = parsed(text);
  CHECK(value == same);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));  // quadratic takes minutes
  CHECK(value.as_object().size() == 150'000);
  CHECK(value.integer_or("key7") == 150'007);
}

TEST_CASE("numbers keep their kind and their value to the last digit") {
  CHECK(parsed("9223372036854775807").as_integer() == INT64_MAX);
  CHECK(parsed("-9223372036854775808").as_integer() == INT64_MIN);
  CHECK(parsed("9223372036854775808").type() == Json::Type::real);
  CHECK(to_text(parsed("18446744073709551616")) == "18446744073709551616.0");
  CHECK(to_text(parsed("1.0")) == "1.0");
  CHECK(to_text(parsed("-0.0")) == "-0.0");
  CHECK(to_text(parsed("1e2")) == "100.0");
  CHECK(to_text(parsed("0.1")) == "0.1");
  CHECK(parsed("5e-324").as_real() == std::numeric_limits<double>::denorm_min());
  CHECK(parsed("1e-999").as_real() == 0);
  CHECK_FALSE(parse_json("1e999"));
  CHECK_FALSE(parse_json("[-1e99999999999]"));
  CHECK(Json(std::numeric_limits<double>::infinity()).is_null());
  CHECK(Json(std::nan("")).is_null());
}

TEST_CASE("every real is read back as the very same real") {
  std::mt19937_64 random(42);
  for (int i = 0; i < 100'000; ++i) {
    const double real = std::bit_cast<double>(random());
    if (!std::isfinite(real)) continue;
    const Json back = parsed(to_text(real));
    REQUIRE(back.type() == Json::Type::real);
    REQUIRE(std::bit_cast<std::uint64_t>(back.as_real()) == std::bit_cast<std::uint64_t>(real));
  }
}

TEST_CASE("numbers compare by value, exactly") {
  CHECK(Json(1) == Json(1.0));
  CHECK(Json(0) == Json(-0.0));
  CHECK_FALSE(Json(1) == Json(1.5));
  CHECK_FALSE(Json(1) == Json(true));
  CHECK_FALSE(Json(9007199254740993) == Json(9007199254740992.0));
  CHECK_FALSE(Json(INT64_MAX) == Json(9223372036854775808.0));
  CHECK(is_less(9007199254740992.0, 9007199254740993));
  CHECK_FALSE(is_less(9007199254740993, 9007199254740992.0));
  CHECK(is_less(INT64_MAX, 9223372036854775808.0));
  CHECK(Json(2.0).exact_integer() == 2);
  CHECK(Json(9.1e18).exact_integer() == 9'100'000'000'000'000'000);
  CHECK(Json(2.5).exact_integer() == std::nullopt);
  CHECK(Json(1e19).exact_integer() == std::nullopt);
  CHECK(Json("2").exact_integer() == std::nullopt);
}

TEST_CASE("equal values have one canonical text, whatever their order and kind of number") {
  const Json one = parsed(R"({"b":[1.0,{"y":2,"x":9.1e18}],"a":-0.0})");
  const Json other = parsed(R"({"a":0,"b":[1,{"x":9100000000000000000,"y":2.0}]})");
  CHECK(one == other);
  CHECK(canonical_text(one) == canonical_text(other));
  CHECK(canonical_text(one) == R"({"a":0,"b":[1,{"x":9100000000000000000,"y":2}]})");
  CHECK(canonical_text(parsed("[1]")) != canonical_text(parsed("[1.5]")));
  CHECK(canonical_text(parsed("1e300")) == "1e+300");
}

TEST_CASE("a string of ours that is no UTF-8 can be parsed after writing, and stays itself in the canonical text") {
  const Json broken(std::string_view("a\xFF\xC3z\xE2\x82"));
  CHECK(to_text(broken) == "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(parse_json(to_text(broken)));
  CHECK(canonical_text(broken) != canonical_text(Json(std::string_view("a\xFE\xC3z\xE2\x82"))));
}

TEST_CASE("what must be written otherwise is, wherever it stands in a string") {
  for (const auto& [raw, written] :
       {std::pair{"\n", "\\n"}, std::pair{"\"", "\\\""}, std::pair{"\\", "\\\\"}, std::pair{"\x7f", "\\u007f"},
        std::pair{"\x1f", "\\u001f"}, std::pair{"\xff", "\xEF\xBF\xBD"}, std::pair{"\xC3\xA9", "\xC3\xA9"}}) {
    for (std::size_t at = 0; at <= 40; ++at) {
      const std::string before(at, '~');
      const std::string after(40 - at, ' ');
      CHECK(to_text(Json(before + raw + after)) == '"' + before + written + after + '"');
    }
  }
}

TEST_CASE("no text is longer than what was foretold, nor many times shorter") {
  for (const std::string text :
       {"null", "[]", "{}", R"({"a":[1,-9223372036854775808,1.7976931348623157e+308,true,null,"x"],"":{"b":{}}})",
        R"(["\u0000\u0001","\n\"",""])"}) {
    const auto value = parse_json(text);
    REQUIRE(value);
    CHECK(text_bytes_most(*value) >= to_text(*value).size());
  }
  const Json large(std::string(10'000, 'x'));
  CHECK(text_bytes_most(large) >= 10'002);
  CHECK(text_bytes_most(large) < 100'000);
}

TEST_CASE("limits of size and depth are kept and named") {
  const std::string deep = std::string(128, '[') + std::string(128, ']');
  CHECK(parse_json(deep));
  const Result<Json> deeper = parse_json("[" + deep + "]");
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().code == ErrorCode::invalid_argument);
  CHECK(deeper.error().message.find("byte 128") != std::string::npos);
  CHECK_FALSE(parse_json(std::string(100'000, '[')));
  CHECK_FALSE(parse_json("[1,2]", {.bytes_max = 4}));
  CHECK(parse_json("[1,2]", {.bytes_max = 5}));
  CHECK_FALSE(parse_json("[[]]", {.depth_max = 1}));
}

TEST_CASE("an error says at which byte it is") {
  CHECK(parse_json(R"({"a": tru})").error().message == "invalid JSON at byte 6: syntax error");
  CHECK(parse_json("[1] 2").error().message.find("at byte 4") != std::string::npos);
}

TEST_CASE("typed look-ups give the member or the default") {
  const Json value = parsed(R"({"s":"x","i":3,"r":2.5,"b":true})");
  CHECK(value.string_or("s") == "x");
  CHECK(value.string_or("i", "-") == "-");
  CHECK(value.integer_or("i") == 3);
  CHECK(value.integer_or("r", 7) == 7);
  CHECK(value.find("i")->as_real() == 3.0);
  CHECK(value.bool_or("b"));
  CHECK(value.bool_or("none", true));
  CHECK(value.find("none") == nullptr);
  CHECK(Json(1).find("s") == nullptr);
}

void check_folder(const std::filesystem::path& folder) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const Result<Json> json = parse_json(text, {.depth_max = 128});
    CAPTURE(name);
    if (name.starts_with("y_")) CHECK(json);
    if (name.starts_with("n_")) CHECK_FALSE(json);
    if (json) {
      CHECK(parsed(to_text(*json)) == *json);
      CHECK(canonical_text(parsed(canonical_text(*json))) == canonical_text(*json));
    }
    ++files;
  }
  CHECK(files > 50);
}

TEST_CASE("texts that must be accepted are, texts that must be refused are") {
  check_folder(LILUX_TEST_FILES "/json-parsing");
  if (const char* data = std::getenv("LILUX_TEST_DATA"))
    check_folder(std::filesystem::path(data) / "suites/json-parsing/test_parsing");
}

}  // namespace
}  // namespace lilux::base
