#include "base/schema.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

namespace fs = std::filesystem;

Json parsed(std::string_view text) {
  Result<Json> json = parse_json(text);
  REQUIRE_MESSAGE(json, (json ? "" : json.error().message));
  return std::move(*json);
}

Json read_json(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  CAPTURE(path);
  REQUIRE(file);
  return parsed(std::string(std::istreambuf_iterator<char>(file), {}));
}

Schema compiled(std::string_view text, const SchemaOptions& options = {}) {
  Result<Schema> schema = Schema::compile(parsed(text), options);
  REQUIRE_MESSAGE(schema, (schema ? "" : schema.error().message));
  return std::move(*schema);
}

SchemaViolation violation(std::string_view schema, std::string_view value) {
  std::optional<SchemaViolation> found = compiled(schema).check(parsed(value));
  REQUIRE(found);
  return *found;
}

Error refused(std::string_view schema, const SchemaOptions& options = {}) {
  Result<Schema> result = Schema::compile(parsed(schema), options);
  REQUIRE_FALSE(result);
  return result.error();
}

// The suite's remotes, under the address it gives them.
Result<Json> remote(const fs::path& folder, const std::string& address) {
  constexpr std::string_view kServer = "http://localhost:1234/";
  if (!address.starts_with(kServer)) return fail(ErrorCode::not_found, "no document at " + address);
  const fs::path path = folder / address.substr(kServer.size());
  if (!fs::is_regular_file(path)) return fail(ErrorCode::not_found, "no document at " + address);
  return read_json(path);
}

struct SuiteResult {
  int passed = 0;
  std::set<std::string> failed;  // "file | case | test"
};

// Runs every case of a file in the form of the official suite: [{description, schema, tests: [{description, data,
// valid}]}].
void run_file(const fs::path& path, const std::string& name, const SchemaOptions& options, SuiteResult& result) {
  const Json groups = read_json(path);
  for (const Json& group : groups.as_array()) {
    const Result<Schema> schema = Schema::compile(*group.find("schema"), options);
    for (const Json& test : group.find("tests")->as_array()) {
      const bool is_right = schema && !schema->check(*test.find("data")) == test.bool_or("valid");
      if (is_right)
        ++result.passed;
      else
        result.failed.insert(name + " | " + group.string_or("description") + " | " + test.string_or("description") +
                             (schema ? "" : " | " + schema.error().message));
    }
  }
}

SuiteResult run_folder(const fs::path& folder, const fs::path& remotes, bool asserts_formats) {
  const SchemaOptions options{.resolve = [&remotes](const std::string& address) { return remote(remotes, address); },
                              .asserts_formats = asserts_formats};
  SuiteResult result;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json") run_file(entry.path(), entry.path().filename(), options, result);
  return result;
}

void check_suite(const fs::path& suite) {
  for (const char* folder :
       {"tests/draft2020-12", "tests/draft2020-12/optional", "tests/draft2020-12/optional/format"}) {
    const bool is_of_formats = std::string_view(folder).ends_with("format");
    const SuiteResult result = run_folder(suite / folder, suite / "remotes", is_of_formats);
    CAPTURE(folder);
    CHECK(result.passed > 0);
    for (const std::string& failed : result.failed) FAIL_CHECK(failed);
  }
}

TEST_CASE("schemas decide as the standard says") {
  check_suite(LILUX_TEST_FILES "/json-schema");
  if (const char* data = std::getenv("LILUX_TEST_DATA")) check_suite(fs::path(data) / "suites/json-schema-2020-12");
}

TEST_CASE("a violation names the place, the keyword, what was expected and the fix") {
  const std::string_view tool = R"({"type": "object", "required": ["path"], "additionalProperties": false,
    "properties": {"path": {"type": "string", "minLength": 1}, "mode": {"enum": ["read", "write"]},
                   "lines": {"type": "array", "items": {"type": "integer", "minimum": 1}}}})";
  SchemaViolation v = violation(tool, R"({"path": 3})");
  CHECK(v.at == "/path");
  CHECK(v.keyword == "type");
  CHECK(v.message == "expected a string, found the integer 3");
  v = violation(tool, R"({"path": "a", "lines": [1, 0]})");
  CHECK(v.at == "/lines/1");
  CHECK(v.keyword == "minimum");
  v = violation(tool, "{}");
  CHECK(v.at == "");
  CHECK(v.keyword == "required");
  CHECK(v.message.find("path") != std::string::npos);
  v = violation(tool, R"({"path": "a", "pth": 1})");
  CHECK(v.message.find("pth") != std::string::npos);
  CHECK(v.fix.find("path") != std::string::npos);
  v = violation(tool, R"({"path": "a", "mode": "secret-value"})");
  CHECK(v.at == "/mode");
  CHECK(v.message.find("secret-value") == std::string::npos);
  CHECK(v.fix.find("read") != std::string::npos);
  const Result<void> error = compiled(tool).validate(parsed(R"({"path": ""})"));
  REQUIRE_FALSE(error);
  CHECK(error.error().message.starts_with("at /path: "));
}

TEST_CASE("what is no schema is refused with the place of the mistake") {
  CHECK(refused("3").message.find("the integer 3") != std::string::npos);
  CHECK(refused(R"({"properties": {"a": {"type": "strin"}}})").message.find("/properties/a/type") != std::string::npos);
  CHECK(refused(R"({"$ref": "#/$defs/none"})").message.find("$defs/none") != std::string::npos);
  CHECK(refused(R"({"$ref": "https://example.org/elsewhere"})").message.find("example.org") != std::string::npos);
  CHECK(refused(R"({"pattern": "("})").code == ErrorCode::invalid_argument);
  CHECK(refused(R"({"pattern": "(?=a)b"})").code == ErrorCode::unavailable);
  CHECK(refused(R"({"minLength": -1})").code == ErrorCode::invalid_argument);
  CHECK(refused(R"({"multipleOf": 0})").code == ErrorCode::invalid_argument);
}

TEST_CASE("no schema takes more than its bounds") {
  // Each level asks for the one below twice: 2^40 checks without a bound.
  std::string doubling = R"({"$ref": "#/$defs/d40", "$defs": {"d0": {"type": "integer"})";
  for (int i = 1; i <= 40; ++i) {
    const std::string below = R"({"$ref": "#/$defs/d)" + std::to_string(i - 1) + R"("})";
    doubling += R"(, "d)" + std::to_string(i) + R"(": {"allOf": [)" + below + ", " + below + "]}";
  }
  SchemaViolation v = violation(doubling + "}}", "1");
  CHECK(v.keyword == "");
  CHECK(v.message.find("too") != std::string::npos);

  CHECK_FALSE(Schema::compile(parsed(R"({"$ref": "#"})"))->check(parsed("1")) == std::nullopt);

  std::string many = R"({"anyOf": [true)";
  for (int i = 0; i < 100; ++i) many += ", true";
  CHECK(refused(many + "]}", {.schemas_max = 50}).message.find("50") != std::string::npos);
  CHECK(refused(R"x({"pattern": "(((a{99}){99}){9})"})x").message.size() > 0);

  int asked = 0;
  const SchemaOptions endless{.resolve = [&asked](const std::string&) -> Result<Json> {
    return JsonObject{{"$ref", "https://example.org/" + std::to_string(++asked)}};
  }};
  CHECK_FALSE(Schema::compile(parsed(R"({"$ref": "https://example.org/0"})"), endless));
  CHECK(asked <= 101);
}

}  // namespace
}  // namespace lilux::base
