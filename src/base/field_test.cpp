#include "base/field.h"

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

enum class Colour : std::uint8_t { red, green };
constexpr std::array<std::string_view, 2> enum_names(Colour) {
  return {"red", "green"};
}

struct Point {
  std::int32_t x = 0;
  std::optional<double> height;
  static constexpr base::Fields fields{
      Field{"x", &Point::x, "Across", {.minimum = -10, .maximum = 9'007'199'254'740'993}},
      Field{"height", &Point::height, "Up"},
  };
  friend bool operator==(const Point&, const Point&) = default;
};

struct Login {
  std::string user;
  Secret password;
  static constexpr base::Fields fields{
      Field{"user", &Login::user, "Who"},
      Field{"password", &Login::password, "Proof", {.minimum = 1}},
  };
};

struct Everything {
  bool is_on = false;
  std::uint8_t small = 0;
  double real = 0;
  std::string name;
  Colour colour = Colour::red;
  std::vector<Point> points;
  std::map<std::string, Login> logins;
  std::optional<std::vector<Secret>> keys;
  std::optional<std::map<std::string, std::vector<Colour>>> palettes;
  Json anything;
  static constexpr base::Fields fields{
      Field{"is_on", &Everything::is_on, "Whether"},
      Field{"small", &Everything::small, "A byte"},
      Field{"real", &Everything::real, "A number", {.maximum = 100}},
      Field{"name", &Everything::name, "A text", {.minimum = 1, .maximum = 5}},
      Field{"colour", &Everything::colour, "One of two"},
      Field{"points", &Everything::points, "Some", {.maximum = 2}},
      Field{"logins", &Everything::logins, "By name"},
      Field{"keys", &Everything::keys, "Secrets"},
      Field{"palettes", &Everything::palettes, "Colours by name"},
      Field{"anything", &Everything::anything, "Any value"},
  };
};

struct Nothing {
  static constexpr base::Fields fields{};
};

constexpr std::string_view kWhole =
    R"({"is_on":true,"small":255,"real":1.5,"name":"abc","colour":"green","points":[{"x":1},{"x":-2,"height":3.0}],)"
    R"("logins":{"a":{"user":"u","password":"p"}},"keys":["k1","k2"],"palettes":{"p":["red","green"]},"anything":[1,{}]})";

Json whole_with(std::string_view name, Json value) {
  Json json = *parse_json(kWhole);
  json.as_object().set(name, std::move(value));
  return json;
}

Error error_with(std::string_view name, Json value) {
  const Result<Everything> result = decode<Everything>(whole_with(name, std::move(value)));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::invalid_argument);
  return result.error();
}

TEST_CASE("the text of a struct is that of its object") {
  const Result<Everything> value = decode<Everything>(*parse_json(kWhole));
  REQUIRE(value);
  CHECK(encode_text(*value) == to_text(encode(*value)));
  CHECK(encode_text(Everything{.name = "\"\n\xFF"}) == to_text(encode(Everything{.name = "\"\n\xFF"})));
  CHECK(encode_text(Nothing{}) == "{}");
}

TEST_CASE("a struct has a secret when there is one anywhere in it") {
  CHECK(has_secret<Login>());
  CHECK(has_secret<Everything>());
  CHECK_FALSE(has_secret<Point>());
  CHECK_FALSE(has_secret<Nothing>());
}

TEST_CASE("a struct is read from an object and written back the same") {
  const Result<Everything> value = decode<Everything>(*parse_json(kWhole));
  REQUIRE(value);
  CHECK(value->points[1] == Point{.x = -2, .height = 3.0});
  CHECK(value->colour == Colour::green);
  CHECK(value->logins.at("a").password.text == "p");
  CHECK(to_text(encode(*value)) == kWhole);
  CHECK(to_text(encode(Nothing{})) == "{}");
}

TEST_CASE("optional fields may be left out or null, others may not be left out") {
  Json json = *parse_json(kWhole);
  json.as_object().set("keys", nullptr);
  json.as_object().erase("palettes");
  const Result<Everything> value = decode<Everything>(json);
  REQUIRE(value);
  CHECK_FALSE(value->keys);
  CHECK_FALSE(value->palettes);
  CHECK(encode(*value).find("keys") == nullptr);
  json.as_object().erase("name");
  const Result<Everything> nameless = decode<Everything>(json);
  REQUIRE_FALSE(nameless);
  CHECK(nameless.error().message == "field 'name' is missing");
  CHECK(nameless.error().hint == "name: A text");
}

TEST_CASE("errors name the field by its path, what was expected and what was found") {
  CHECK(error_with("is_on", "yes").message == "field 'is_on': expected true or false, found a string");
  CHECK(error_with("name", 7).message == "field 'name': expected a string, found the integer 7");
  CHECK(error_with("name", nullptr).message == "field 'name': expected a string, found null");
  CHECK(error_with("points", *parse_json(R"([{"x":1},{"x":[]}])")).message ==
        "field 'points[1].x': expected an integer, found a list");
  CHECK(error_with("points", JsonObject{}).message == "field 'points': expected a list, found an object");
  CHECK(error_with("logins", *parse_json(R"({"a":{"user":"u"}})")).message == "field 'logins.a.password' is missing");
  CHECK(error_with("logins", *parse_json(R"({"a":{"user":"u","password":3}})")).message ==
        "field 'logins.a.password': expected a string, found the integer 3");
  CHECK(error_with("keys", *parse_json("[\"k\",false]")).message ==
        "field 'keys[1]': expected a string, found a boolean");
  CHECK(decode<Point>(Json("x")).error().message == "the value: expected an object, found a string");
}

TEST_CASE("a wrong enumerator lists the right ones") {
  const Error error = error_with("colour", "blue");
  CHECK(error.message == "field 'colour': 'blue' is none of red, green");
  CHECK(error.hint == "one of red, green");
  CHECK(error_with("palettes", *parse_json(R"({"p":["red","rde"]})")).message ==
        "field 'palettes.p[1]': 'rde' is none of red, green");
  CHECK(error_with("colour", 1).message == "field 'colour': expected a string, found the integer 1");
}

TEST_CASE("an unknown field is refused with the nearest known name") {
  const Error near = error_with("colours", "red");
  CHECK(near.message == "unknown field 'colours'");
  CHECK(near.hint == "did you mean 'colour'?");
  CHECK(error_with("points", *parse_json(R"([{"x":1,"zzzzzz":2}])")).message == "unknown field 'points[0].zzzzzz'");
  CHECK(decode<Point>(*parse_json(R"({"x":1,"zzzzzz":2})")).error().hint == "fields are x, height");
  CHECK(decode<Nothing>(*parse_json(R"({"a":1})")).error().hint == "it takes no fields");
}

TEST_CASE("bounds hold for numbers by value, for texts by characters, for lists by entries") {
  CHECK(error_with("real", 100.5).message == "field 'real': must be at most 100");
  CHECK(decode<Everything>(whole_with("real", 100)));
  CHECK(error_with("points", *parse_json(R"([{"x":-11}])")).message == "field 'points[0].x': must be at least -10");
  CHECK(error_with("points", *parse_json(R"([{"x":1},{"x":1},{"x":1}])")).message ==
        "field 'points': must have at most 2 entries");
  CHECK(error_with("name", "").message == "field 'name': must have at least 1 character");
  CHECK(error_with("name", "abcdef").message == "field 'name': must have at most 5 characters");
  CHECK(decode<Everything>(whole_with("name", "\xF0\x9F\x90\xB3\xF0\x9F\x90\xB3\xC3\xA9\xC3\xA9z")));
}

TEST_CASE("integers are exact and fit their type; 2.0 is one") {
  CHECK(decode<Everything>(whole_with("small", 2.0))->small == 2);
  CHECK(error_with("small", 2.5).message == "field 'small': expected an integer, found the number 2.5");
  CHECK(error_with("small", 256).message == "field 'small': expected an integer that fits, found the integer 256");
  CHECK(error_with("small", -1).message == "field 'small': expected an integer that fits, found the integer -1");
  CHECK(error_with("small", 1e19).message == "field 'small': expected an integer, found the number 1e+19");
}

TEST_CASE("what stands in a secret is in no error and not in the redacted object") {
  const SecretDigest digest = [](std::string_view text) { return "d" + std::to_string(text.size()); };
  const std::string text = to_text(encode_redacted(*decode<Everything>(*parse_json(kWhole)), digest));
  CHECK(text.find(R"("password":{"digest":"d1"})") != std::string::npos);
  CHECK(text.find(R"("keys":[{"digest":"d2"},{"digest":"d2"}])") != std::string::npos);
  CHECK(text.find("k1") == std::string::npos);
  CHECK(text.find(R"("user":"u")") != std::string::npos);
  CHECK(error_with("logins", *parse_json(R"({"a":{"user":"u","password":""}})")).message ==
        "field 'logins.a.password': must have at least 1 character");
}

TEST_CASE("the schema of a struct says all that decode checks") {
  const Json schema = schema_of<Everything>();
  CHECK(to_text(*schema.find("required")) ==
        R"(["is_on","small","real","name","colour","points","logins","anything"])");
  CHECK(schema.find("additionalProperties")->as_bool() == false);
  const Json& fields = *schema.find("properties");
  CHECK(to_text(*fields.find("name")) == R"({"type":"string","minLength":1,"maxLength":5,"description":"A text"})");
  CHECK(to_text(*fields.find("colour")) == R"({"type":"string","enum":["red","green"],"description":"One of two"})");
  CHECK(fields.find("points")->integer_or("maxItems") == 2);
  CHECK(fields.find("points")->find("items")->find("properties")->find("x")->integer_or("minimum") == -10);
  CHECK(
      fields.find("logins")->find("additionalProperties")->find("properties")->find("password")->bool_or("writeOnly"));
  CHECK(to_text(*fields.find("anything")) == R"({"description":"Any value"})");
  CHECK(fields.find("real")->string_or("type") == "number");
  CHECK(to_text(schema_of<Nothing>()) == R"({"type":"object","properties":{},"additionalProperties":false})");
}

}  // namespace
}  // namespace lilux::base
