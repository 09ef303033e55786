#include "text/yaml.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "text/fault.h"

namespace lilux::text {
namespace {

namespace fs = std::filesystem;
using base::Json;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// The signs by which the suite shows what cannot be seen.
std::string unveiled(std::string text) {
  text = replaced(text, "␣", " ");
  while (text.contains("—»")) text = replaced(text, "—»", "»");
  text = replaced(text, "»", "\t");
  text = replaced(text, "⇔", "\xEF\xBB\xBF");
  text = replaced(text, "↵", "");
  text = replaced(text, "←", "\r");
  return replaced(text, "∎\n", "");
}

struct SuiteCount {
  std::size_t agree = 0;
  std::size_t refused = 0;
  std::size_t no_value = 0;  // read, but the suite gives no value to compare with
  std::size_t errors = 0;    // refused, as the suite wants it
};

void check_case(const std::string& name, const Json& entry, SuiteCount& count) {
  const std::string text = unveiled(entry.string_or("yaml"));
  const std::string json = entry.string_or("json");
  const base::Result<Yaml> made = parse_yaml(text);
  CAPTURE(name);
  CAPTURE(text);
  if (entry.bool_or("fail")) {
    CHECK_FALSE(made);
    ++count.errors;
  } else if (!made) {
    CHECK(fault_of(made.error()).message != made.error().message);
    ++count.refused;
  } else if (json.empty()) {
    ++count.no_value;
  } else {
    const base::Result<Json> wanted = base::parse_json(json);
    REQUIRE(wanted);
    CHECK(base::to_text(made->value) == base::to_text(*wanted));
    ++count.agree;
  }
}

Json value_of(std::string_view text) {
  const base::Result<Yaml> made = parse_yaml(text);
  REQUIRE_MESSAGE(made, (made ? std::string() : made.error().message));
  return made->value;
}

std::string as_json(std::string_view text) {
  return base::to_text(value_of(text));
}

std::string refusal(std::string_view text) {
  const base::Result<Yaml> made = parse_yaml(text);
  return made ? "read as " + base::to_text(made->value) : made.error().message;
}

TEST_CASE("what people write at the head of a file is read") {
  CHECK(as_json("") == "null");
  CHECK(as_json("name: deploy\nversion: 1.0.0\nsteps: 3\n") == R"({"name":"deploy","version":"1.0.0","steps":3})");
  CHECK(as_json("tags: [\"a\", b c, 'd''e']\nmap: {x: 1, y: [2, {z: ~}]}") ==
        R"({"tags":["a","b c","d'e"],"map":{"x":1,"y":[2,{"z":null}]}})");
  CHECK(as_json("list:\n- a\n- name: b\n  type: c\n-\n  - d\nafter: 1") ==
        R"({"list":["a",{"name":"b","type":"c"},["d"]],"after":1})");
  CHECK(as_json("text: |\n  one\n    two\n\nfolded: >-\n  a\n  b\n\n  c\n") ==
        R"({"text":"one\n  two\n","folded":"a b\nc"})");
  CHECK(as_json("long: this goes\n  on and on # here\nurl: http://x/y#z\n") ==
        R"({"long":"this goes on and on","url":"http://x/y#z"})");
  CHECK(as_json("a: 0x1F\nb: 0o17\nc: 1e3\nd: .5\ne: yes\nf: True\ng: 2026-01-02\nh: +7") ==
        R"({"a":31,"b":15,"c":1000.0,"d":0.5,"e":"yes","f":true,"g":"2026-01-02","h":7})");
  CHECK(value_of(R"(e: "\x41\u00e4\U0001F600\uD83D\uDE00\t\e\_")").string_or("e") ==
        "A\xC3\xA4\xF0\x9F\x98\x80\xF0\x9F\x98\x80\t\x1B\xC2\xA0");
  CHECK(as_json("a: 1\r\nb: |\r\n  x\r\n  y\r\n") == R"({"a":1,"b":"x\ny\n"})");
}

TEST_CASE("what is beyond this part of YAML is refused with its place") {
  CHECK(refusal("a: &x 1") == "line 1, column 4: anchors are not read");
  CHECK(refusal("a: 1\nb: *x") == "line 2, column 4: aliases are not read");
  CHECK(refusal("a: !!str 1") == "line 1, column 4: tags are not read");
  CHECK(refusal("%YAML 1.2\n---\na: 1") == "line 1, column 1: directives are not read");
  CHECK(refusal("? a\n: b") == "line 1, column 1: keys that are no scalars are not read");
  CHECK(refusal("<<: {a: 1}\n[a]: b") == "line 2, column 4: a second ':' in one value");
  CHECK(refusal("a:\n\tb: 1") == "line 2, column 1: it is indented with a tab");
  CHECK(refusal("a: 1\nb: 2\na: 3") == "line 3, column 1: the key 'a' stands here a second time");
  CHECK(refusal("{a: 1, a: 2}") == "line 1, column 8: the key 'a' stands here a second time");
  CHECK(refusal("description: Use this: often") == "line 1, column 22: a second ':' in one value");
  CHECK(refusal("ä: ü: x") == "line 1, column 5: a second ':' in one value");
  CHECK(refusal("a: [1, 2\nb: 3") ==
        "line 1, column 4: '[' is not closed before a line that is indented too little to be in it");
  CHECK(refusal("a: \"b") == "line 1, column 4: the quote is not closed");
  CHECK(refusal("a: \"\\q\"") == "line 1, column 5: an escape that YAML does not have");
  CHECK(refusal("a: @b") == "line 1, column 4: a value cannot begin with '@'");
  CHECK(refusal("a: .inf") == "line 1, column 4: infinities and what is no number are not read");
  CHECK(refusal("a: 1e999") == "line 1, column 4: the number is too large or too small");
  CHECK(refusal("a: 1\n---\nb: 2") == "line 2, column 1: a second document begins here");
  CHECK(refusal("a: 1\n  b: 2") == "line 2, column 4: a second ':' in one value");
  CHECK(refusal("a:\n    b: 1\n  c: 2") == "line 3, column 3: it is indented more than the key before it");
  CHECK(refusal(std::string(200, '[')) == "line 1, column 64: it is nested too deeply");
  CHECK(refusal("a: \x01") == "line 1, column 4: a control character");
  CHECK(refusal("a: \xff") == "line 1, column 1: it is not UTF-8");
}

TEST_CASE("every value knows where it stands") {
  const std::string_view text = "name: a\nlist:\n  - x: 1\n    y: [p, \"q\"]\nlast: >\n  z\n";
  const Yaml made = parse_yaml(text).value();
  const auto covered = [&](const YamlSpan& span) { return text.substr(span.begin, span.end - span.begin); };
  REQUIRE(made.span.inner.size() == 3);
  CHECK(covered(made.span.inner[0]) == "a");
  CHECK(covered(made.span.inner[1]) == "- x: 1\n    y: [p, \"q\"]");
  CHECK(covered(made.span.inner[1].inner[0].inner[1].inner[1]) == "\"q\"");
  CHECK(text.substr(made.span.inner[2].at, 5) == "last:");
  CHECK(text[made.span.inner[2].colon - 1] == ':');
}

TEST_CASE("what is written is read as the same value") {
  const Json value = base::JsonObject{{"plain words", "some words"},
                                      {"true", "yes"},
                                      {"empty", ""},
                                      {"number", "12"},
                                      {"colon", "a: b # c"},
                                      {"lines", "a\n\x7f b\t"},
                                      {"list", base::JsonArray{1, "a, b", nullptr, false, 1.5}},
                                      {"inner", base::JsonObject{{"none", base::JsonObject{}}, {"x", "- y"}}}};
  std::string text;
  for (const auto& [key, member] : value.as_object()) text += yaml_member(key, member);
  CHECK(value_of(text) == value);
  CHECK(text.starts_with("plain words: some words\n\"true\": \"yes\"\n"));
}

TEST_CASE("the YAML test suite is read alike or refused, and what it calls wrong is refused") {
  const char* data = std::getenv("LILUX_TEST_DATA");
  if (!data) return;
  SuiteCount count;
  for (const auto& file : fs::directory_iterator(fs::path(data) / "suites/yaml/src")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const base::Result<Yaml> cases = parse_yaml(text);
    CAPTURE(file.path().string());
    REQUIRE_MESSAGE(cases, (cases ? std::string() : cases.error().message));
    for (const Json& entry : cases->value.as_array()) check_case(file.path().stem().string(), entry, count);
  }
  MESSAGE("YAML suite: " << count.agree << " agree, " << count.refused << " refused, " << count.errors
                         << " errors refused, " << count.no_value << " without a value to compare");
  CHECK(count.agree > 150);
}

}  // namespace
}  // namespace lilux::text
