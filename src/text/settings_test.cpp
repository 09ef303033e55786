#include "text/settings.h"

#include <vector>

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

const std::vector<std::string> kPath{"mcpServers", "lilux"};
const Json kEntry = JsonObject{{"command", "/bin/lilux"}, {"args", JsonArray{"mcp", "serve"}}};

std::string error_of(const auto& result) {
  return result ? "no error" : result.error().message;
}

TEST_CASE("an entry is put into JSON of every shape, and taken out again byte for byte") {
  struct Case {
    std::string before;
    std::string after;
  };
  const std::vector<Case> cases{
      {"{\n  \"mcpServers\": {\n    \"a\": {\"url\": \"x\"}\n  }\n}\n",
       "{\n  \"mcpServers\": {\n    \"a\": {\"url\": \"x\"},\n    \"lilux\": {\n      \"command\": \"/bin/lilux\",\n"
       "      \"args\": [\n        \"mcp\",\n        \"serve\"\n      ]\n    }\n  }\n}\n"},
      // Comments, a comma behind the last item, tabs and no line end at the end.
      {"// mine\n{\n\t\"mcpServers\": { // servers\n\t\t\"a\": 1, // one\n\t\t/* last */\n\t},\n}",
       "// mine\n{\n\t\"mcpServers\": { // servers\n\t\t\"a\": 1, // one\n\t\t/* last */\n\t\t\"lilux\": "
       "{\n\t\t\t\"command\": "
       "\"/bin/lilux\",\n\t\t\t\"args\": [\n\t\t\t\t\"mcp\",\n\t\t\t\t\"serve\"\n\t\t\t]\n\t\t},\n\t},\n}"},
      {"{\r\n    \"mcpServers\": {\r\n        \"a\": 1 // one\r\n    }\r\n}\r\n",
       "{\r\n    \"mcpServers\": {\r\n        \"a\": 1, // one\r\n        \"lilux\": {\r\n            \"command\": "
       "\"/bin/lilux\",\r\n            \"args\": [\r\n                \"mcp\",\r\n                \"serve\"\r\n        "
       "    "
       "]\r\n        }\r\n    }\r\n}\r\n"},
      {"{\"mcpServers\":{\"a\":1},\"b\":[1,2]}",
       "{\"mcpServers\":{\"a\":1, \"lilux\": {\"command\": \"/bin/lilux\", \"args\": [\"mcp\", "
       "\"serve\"]}},\"b\":[1,2]}"},
      {"\xEF\xBB\xBF{\"mcpServers\": {}}",
       "\xEF\xBB\xBF{\"mcpServers\": {\n  \"lilux\": {\n    \"command\": \"/bin/lilux\",\n    \"args\": [\n      "
       "\"mcp\",\n"
       "      \"serve\"\n    ]\n  }\n}}"},
  };
  for (const auto& [before, after] : cases) {
    INFO(before);
    const auto made = with_json(before, kPath, kEntry);
    CHECK(made.value_or(error_of(made)) == after);
    CHECK(find_json(after, kPath).value() == kEntry);
    const auto back = without_json(after, kPath);
    CHECK(back.value_or(error_of(back)) == before);
    CHECK_FALSE(find_json(before, kPath)->has_value());
  }
}

TEST_CASE("what holds an entry is made in JSON, and an empty text becomes an object") {
  const std::string whole = "{\n  \"mcpServers\": {\n    \"lilux\": 1\n  }\n}\n";
  for (const std::string text : {"", "\n", "{}\n", "{\n}\n"}) {
    INFO(text);
    const std::string made = with_json(text, kPath, Json(1)).value();
    CHECK(made.substr(made.find('{')) == whole);
  }
  CHECK(with_json("// c", kPath, Json(1)).value() == "// c\n" + whole);
  CHECK(with_json("{\n  \"a\": 1\n}", kPath, Json(1)).value() ==
        "{\n  \"a\": 1,\n  \"mcpServers\": {\n    \"lilux\": 1\n  }\n}");
  CHECK(with_json("{ \"a\": 1 }", kPath, Json(1)).value() == "{ \"a\": 1, \"mcpServers\": {\"lilux\": 1} }");
}

TEST_CASE("a value in JSON is replaced where it stands, and any item can go") {
  const std::vector<std::string> deep{"mcpServers", "lilux", "command"};
  CHECK(with_json("{\"mcpServers\": {\"lilux\": {/* a */ \"command\" : \"x\" /* b */ }}}", deep, Json("y")).value() ==
        "{\"mcpServers\": {\"lilux\": {/* a */ \"command\" : \"y\" /* b */ }}}");
  const std::vector<std::string> a{"a"};
  const std::vector<std::string> b{"b"};
  const std::vector<std::string> c{"c"};
  const std::string row = "{\"a\": 1, \"b\": 2, \"c\": 3}";
  CHECK(without_json(row, a).value() == "{\"b\": 2, \"c\": 3}");
  CHECK(without_json(row, b).value() == "{\"a\": 1, \"c\": 3}");
  CHECK(without_json(row, c).value() == "{\"a\": 1, \"b\": 2}");
  CHECK(without_json("{\n  \"a\": 1,\n  \"b\": 2 /* two */, // second\n  \"c\": 3\n}", b).value() ==
        "{\n  \"a\": 1,\n  /* two */ // second\n  \"c\": 3\n}");
  CHECK(without_json("{ \"a\": 1 }", a).value() == "{}");
  CHECK(without_json("{ \"a\": 1 /* why */ }", a).value() == "{ /* why */ }");
  CHECK(without_json("{}", a).value() == "{}");
}

TEST_CASE("entries of a list in JSON come and go") {
  const std::vector<std::string> path{"hooks", "list"};
  CHECK(with_json_entry("{}", path, Json(1)).value() == "{\n  \"hooks\": {\n    \"list\": [\n      1\n    ]\n  }\n}");
  CHECK(with_json_entry("{\"hooks\": {\"list\": [1]}}", path, Json(2)).value() == "{\"hooks\": {\"list\": [1, 2]}}");
  const std::string two = "{\"hooks\": {\n  \"list\": [\n    1,\n    2\n  ]}}";
  CHECK(without_json_entry(two, path, 1).value() == "{\"hooks\": {\n  \"list\": [\n    1\n  ]}}");
  CHECK(without_json_entry(two, path, 0).value() == "{\"hooks\": {\n  \"list\": [\n    2\n  ]}}");
  CHECK(without_json_entry(two, path, 2).value() == two);
  CHECK(error_of(with_json_entry("{\"hooks\": {\"list\": {}}}", path, Json(1))) == "line 1: 'list' is no list");
}

TEST_CASE("JSON that cannot be understood is refused with its place") {
  const auto told = [](std::string_view text) { return error_of(with_json(text, kPath, kEntry)); };
  CHECK(told("{\n  \"a\": 1\n  \"b\": 2\n}") == "line 3, column 3: a comma is missing before this");
  CHECK(told("{\"a\" 1}") == "line 1, column 6: a colon is missing before this");
  CHECK(told("{a: 1}") == "line 1, column 2: a name in quotes is expected here");
  CHECK(told("{\"a\": }") == "line 1, column 7: a value is expected here");
  CHECK(told("{\"a\": 01}") == "line 1, column 7: a value is expected here");
  CHECK(told("{\"a\": \"x\n\"}") == "line 1, column 7: a value is expected here");
  CHECK(told("{\n") == "line 2, column 1: the text ends, and what begins in line 1 does not");
  CHECK(told("{} x") == "line 1, column 4: nothing more is expected here");
  CHECK(told("/* x") == "line 1, column 1: this comment does not end");
  CHECK(told("[1]") == "line 1: the whole is no object");
  CHECK(told("{\n\"mcpServers\": []}") == "line 2: 'mcpServers' is no object");
  CHECK(told("{\"mcpServers\": {},\n\"mcpServers\": {}}") == "line 2: 'mcpServers' stands here again, after line 1");
  CHECK(told(std::string(1000, '[')).find("nested deeper") != std::string::npos);
  CHECK(told("{\"a\": 1, \"a\": 2}") == "no error");  // not ours to judge
}

const std::vector<std::string> kServer{"mcp_servers", "lilux"};

TEST_CASE("a table is put into TOML, and taken out again byte for byte") {
  const std::string table = "[mcp_servers.lilux]\ncommand = \"/bin/lilux\"\nargs = [\"mcp\", \"serve\"]\n";
  CHECK(with_toml("", kServer, kEntry).value() == table);
  for (const std::string before :
       {"# mine\nmodel = \"x\" # why\n", "[a]\nb = 2020-01-01\n", "[mcp_servers.other]\ncommand = \"x\"\n",
        "[[x]]\na = 1\n\n[[x]]\n", "a.b = 1\n\n\n", "[mcp_servers]\n"}) {
    INFO(before);
    const auto made = with_toml(before, kServer, kEntry);
    CHECK(made.value_or(error_of(made)) == before + "\n" + table);
    const auto back = without_toml(*made, kServer);
    CHECK(back.value_or(error_of(back)) == before);
  }
  CHECK(with_toml("a = 1", kServer, kEntry).value() == "a = 1\n\n" + table);
  CHECK(with_toml("a = 1\r\n", kServer, kEntry).value() ==
        "a = 1\r\n\r\n[mcp_servers.lilux]\r\ncommand = \"/bin/lilux\"\r\nargs = [\"mcp\", \"serve\"]\r\n");
  const std::string odd = "[mcp_servers.\"a b\"]\ncommand = \"x\"\n";
  CHECK(with_toml("", std::vector<std::string>{"mcp_servers", "a b"}, JsonObject{{"command", "x"}}).value() == odd);
}

TEST_CASE("values in TOML are replaced where they stand, and tables go with what is below them") {
  const std::string text =
      "# \xc3\xa4\n[mcp_servers.lilux] # ours\ncommand = '/old' # path\nstartup_timeout_sec = 9\n\n[x]\na = 1\n\n"
      "[mcp_servers.lilux.env] # its\nA = \"b\"\n\n# end\n";
  const std::vector<std::string> command{"mcp_servers", "lilux", "command"};
  const std::vector<std::string> args{"mcp_servers", "lilux", "args"};
  const std::string next = with_toml(text, command, Json("/new")).value();
  CHECK(next.find("command = \"/new\" # path\n") != std::string::npos);
  CHECK(with_toml(next, args, JsonArray{"mcp"}).value().find("# ours\nargs = [\"mcp\"]\ncommand") != std::string::npos);
  CHECK(find_toml(text, kServer).value()->find("startup_timeout_sec")->as_integer() == 9);
  CHECK(without_toml(text, kServer).value() == "# \xc3\xa4\n[x]\na = 1\n\n# end\n");
  CHECK(
      without_toml("[mcp_servers]\nlilux = {command = \"x\", args = [\n \"a\",\n]}\nb = {}\n", kServer).value_or("?") ==
      "[mcp_servers]\nb = {}\n");
  CHECK(without_toml("a = 1\n", kServer).value() == "a = 1\n");
}

TEST_CASE("TOML that cannot be understood or edited is refused with its place") {
  CHECK(error_of(with_toml("a = 1\nb = \n", kServer, kEntry)).starts_with("line 2: "));
  CHECK(error_of(with_toml("a = 1\na = 2\n", kServer, kEntry)).starts_with("line 2: "));
  CHECK(error_of(with_toml("x = 0\nmcp_servers = {a = {}}\n", kServer, kEntry)) ==
        "line 2: it is written in a way that cannot be edited safely");
  CHECK(error_of(with_toml("\nmcp_servers = 1\n", kServer, kEntry)) == "line 2: 'mcp_servers' is no table");
  CHECK_FALSE(without_toml("mcp_servers = {lilux = {}, a = {}}\n", kServer));
}

const std::vector<std::string> kExtension{"extensions", "lilux"};
const Json kExtensionEntry = JsonObject{
    {"name", "lilux"}, {"cmd", "/bin/lilux"}, {"args", JsonArray{"mcp", "serve"}}, {"enabled", true}, {"timeout", 300}};

TEST_CASE("an entry is put into YAML, and taken out again byte for byte") {
  const std::string entry =
      "  lilux:\n    name: lilux\n    cmd: /bin/lilux\n    args: [\"mcp\", \"serve\"]\n    enabled: true\n    timeout: "
      "300\n";
  CHECK(with_yaml("", kExtension, kExtensionEntry).value() == "extensions:\n" + entry);
  CHECK(with_yaml("a: 1", kExtension, kExtensionEntry).value() == "a: 1\nextensions:\n" + entry);
  struct Case {
    std::string head;
    std::string tail;
  };
  const std::vector<Case> cases{
      {"extensions:\n  developer:\n    enabled: true\n    type: builtin\n", "GOOSE_MODEL: x\n"},
      {"# mine\n---\na: |\n  extensions:\n    lilux: 1\n\nextensions: # all\n  'dev x':\n    args:\n    - a\n    - "
       "\"b\"\n",
       "\n# end\nz: [1,\n  2]\n"},
      {"extensions:\n  a:\n    b: >\n      text # no comment\n\n      more\n", ""},
  };
  for (const auto& [head, tail] : cases) {
    INFO(head);
    const auto made = with_yaml(head + tail, kExtension, kExtensionEntry);
    CHECK(made.value_or(error_of(made)) == head + entry + tail);
    CHECK(find_yaml(*made, kExtension).value() == kExtensionEntry);
    const auto back = without_yaml(*made, kExtension);
    CHECK(back.value_or(error_of(back)) == head + tail);
  }
  const std::string empty = "a: 1\r\nextensions: {} # none\r\nb: 2\r\n";
  const auto made = with_yaml(empty, std::vector<std::string>{"extensions", "lilux", "on"}, Json("yes"));
  CHECK(made.value_or(error_of(made)) == "a: 1\r\nextensions: # none\r\n  lilux:\r\n    \"on\": \"yes\"\r\nb: 2\r\n");
  CHECK(without_yaml(*made, kExtension).value() == "a: 1\r\nextensions: {} # none\r\nb: 2\r\n");
}

TEST_CASE("values in YAML are read in the usual styles and replaced where they stand") {
  const std::string text =
      "extensions:\n    lilux:\n        cmd: '/old''s'   # path\n        args:\n        - mcp\n        - 'serve' # x\n "
      "       "
      "flow: [a, 2]\n        text: |\n            cmd: no\n        env: {}\n        last: \"\\u00e4\"\n";
  const Json found = *find_yaml(text, kExtension).value();
  CHECK(found.string_or("cmd") == "/old's");
  CHECK(*found.find("args") == Json(JsonArray{"mcp", "serve"}));
  CHECK(*found.find("flow") == Json(JsonArray{"a", 2}));
  CHECK(found.string_or("text") == "cmd: no\n");
  CHECK(found.string_or("last") == "\xc3\xa4");
  const std::string next =
      with_yaml(text, std::vector<std::string>{"extensions", "lilux", "cmd"}, Json("/new")).value();
  CHECK(next.find("cmd: /new   # path\n") != std::string::npos);
  const std::string other =
      with_yaml(text, std::vector<std::string>{"extensions", "lilux", "args"}, JsonArray{"x"}).value();
  CHECK(other.find("args: [\"x\"]\n        flow") != std::string::npos);
}

TEST_CASE("YAML that cannot be understood is refused with its place") {
  const auto told = [](std::string_view text) { return error_of(with_yaml(text, kExtension, kExtensionEntry)); };
  CHECK(told("a: 1\n\tb: 2\n").starts_with("line 2: it is indented with a tab"));
  CHECK(told("{extensions: {}}\n").starts_with("line 1: a key is expected here"));
  CHECK(told("- a\n") == "line 1: a key is expected here");
  CHECK(told("a: 1\n---\nb: 1\n").starts_with("line 2: a key is expected here"));
  CHECK(told("a: 1\nextensions: {a: {}}\n") == "line 2: 'extensions' is no mapping with one key a line");
  CHECK(told("extensions: &all\n  a: {}\n") == "line 1: 'extensions' is no mapping with one key a line");
  CHECK(told("extensions:\n- a\n") == "line 1: 'extensions' is no mapping with one key a line");
  CHECK(told("extensions:\nextensions:\n") == "line 2: 'extensions' stands here again, after line 1");
  CHECK(told("extensions:\n    a: {}\n  b: {}\n") == "line 3: it is indented less than what it belongs to");
  CHECK(told("just text\n").starts_with("line 1: a key is expected here"));
}

}  // namespace
}  // namespace lilux::text
