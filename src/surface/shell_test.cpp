#include <filesystem>

#include <doctest/doctest.h>

#include "surface/line_editor.h"
#include "surface/shell_history.h"
#include "surface/shell_line.h"
#include "surface/shell_pipe.h"
#include "sys/file.h"
#include "text/private.h"

namespace lilux::surface {
namespace {

using base::Json;
using Kind = ShellLine::Kind;

ShellLine read(std::string_view line) {
  const auto made = read_shell_line(line);
  if (!made) FAIL(made.error().message);
  return *made;
}

std::string stages(std::string_view line) {
  const ShellLine made = read(line);
  CHECK(made.kind == Kind::commands);
  std::string text;
  for (const auto& stage : made.stages) {
    text += text.empty() ? "" : "|";
    for (const std::string& word : stage) text += "<" + word + ">";
  }
  return text;
}

TEST_CASE("a line is a command, a program or a sentence") {
  CHECK(stages("fs.read README.md") == "<fs.read><README.md>");
  CHECK(stages("fs write \"a b\" 'c\"d'") == "<fs><write><a b><c\"d>");
  CHECK(stages("fs read e\\ f") == "<fs><read><e f>");
  CHECK(stages("fs.write path=a b=c") == "<fs.write><--path=a><b=c>");
  CHECK(stages("fs.search '*|x' | fs.stat |fs.read") == "<fs.search><*|x>|<fs.stat>|<fs.read>");
  CHECK(stages("undo c123") == "<undo><c123>");
  CHECK(stages("search sandbox") == "<search><sandbox>");
  CHECK(read("!make 'a | b").text == "make 'a | b");
  CHECK(read("!make").kind == Kind::program);
  CHECK(read("show me the file a").kind == Kind::sentence);
  CHECK(read("don't show a").text == "don't show a");
  CHECK(read("search for the sandbox").kind == Kind::sentence);
  CHECK(read("why was c123 made").kind == Kind::sentence);
  CHECK(read("? undo c123").text == "undo c123");
  CHECK(read("  ").kind == Kind::nothing);
  CHECK(read("# fs.read a").kind == Kind::nothing);
  CHECK(read("!").kind == Kind::nothing);
}

TEST_CASE("a line that is no command after all says where it breaks") {
  CHECK(read_shell_line("fs.read 'a").error().message == "a quote ' is not closed");
  CHECK(read_shell_line("fs.list |").error().message == "nothing stands on one side of a '|'");
  CHECK(read_shell_line("fs.list | fs.raed").error().hint == "did you mean 'fs.read'?");
  CHECK(read_shell_line("fs.list | grep x").error().message == "'grep' is no verb and no tool");
}

TEST_CASE("a sentence that begins as a verb does is one") {
  for (const char* line :
       {"undo that", "undo it", "approve it", "kill it", "run the tests", "top processes",
        "run make test in the background", "version of python", "help me understand", "do I have enough disk space"}) {
    CHECK_MESSAGE(read(line).kind == Kind::sentence, line);
    CHECK(read(line).text == line);
  }
  for (const char* line : {"undo c12", "kill 4711", "run make test", "top", "help fs.read", "help tools",
                           "help fs read", "do 'show a.txt'", "up --port 0", "logs -f"})
    CHECK_MESSAGE(read(line).kind == Kind::commands, line);
}

TEST_CASE("a tool that is misspelt and a sentence in front of a bar say so") {
  CHECK(read_shell_line("fs.raed README.md").error().hint == "did you mean 'fs.read'?");
  CHECK(read_shell_line("fs.colour a").error().message == "no tool named 'fs.colour'");
  CHECK(read("a.txt please").kind == Kind::sentence);
  CHECK(read_shell_line("show me a.txt | fs.write path=x").error().message == "a sentence cannot be joined by '|'");
  CHECK(read("is a | b right").kind == Kind::sentence);
}

Json json(std::string_view text) {
  return base::parse_json(text).value();
}

const Json kRead =
    json(R"({"properties": {"path": {"type": "string"}, "limit": {"type": "integer"}}, "required": ["path"]})");

std::string handed(std::string_view output, std::string_view given = "{}") {
  const auto made = fed(json(output), kRead, json(given), "fs.read");
  if (!made) return made.error().message;
  std::string text;
  for (const Json& arguments : *made) text += base::to_text(arguments);
  return text;
}

TEST_CASE("what one tool gives fills the fields of the next by name and type") {
  CHECK(handed(R"({"path": "a", "limit": 3, "other": true})") == R"({"path":"a","limit":3})");
  CHECK(handed(R"({"path": "a", "limit": "3"})") == R"({"path":"a"})");
  CHECK(handed(R"({"path": "a"})", R"({"path": "b"})") == R"({"path":"b"})");
  CHECK(handed(R"({"paths": ["a", "b"], "more": false})") == R"({"path":"a"}{"path":"b"})");
  CHECK(handed(R"({"entries": [{"path": "a", "limit": 1}, {"path": "b"}]})") ==
        R"({"path":"a","limit":1}{"path":"b"})");
}

TEST_CASE("what fills one field by its name fills no other") {
  const Json write = json(
      R"({"properties": {"path": {"type": "string"}, "content": {"type": "string"}}, "required": ["path", "content"]})");
  CHECK_FALSE(fed(json(R"({"content": "two"})"), write, json("{}"), "fs.write"));
}

TEST_CASE("what does not fit is named") {
  CHECK(handed(R"({"size": 1})") ==
        "'fs.read' needs 'path' (string), and nothing of what comes before fits: size (integer)");
  CHECK(handed(R"({"name": "a", "type": "b"})") ==
        "'fs.read' needs 'path' (string), and more than one field of what comes before fits: name (string), type "
        "(string)");
  base::JsonArray many(kFedMax + 1, Json("a"));
  CHECK_FALSE(fed(base::JsonObject{{"paths", many}}, kRead, base::JsonObject{}, "fs.read"));
}

TEST_CASE("lines that hold secrets are not kept") {
  for (const char* line : {"memory.write value='my password is x'", "!curl -H 'Authorization: Bearer abc'",
                           "!git clone https://me:pass@example.com/a", "say sk-abcdefghijklmnop", " fs.list",
                           "!export API_KEY=1", "x ghp_0123456789abcdef", "!curl -u me:pass example.com",
                           "say hf_0123456789abcdef", "!cp https://a.org/x https://me:pass@b.org/y"})
    CHECK(text::is_private(line));
  for (const char* line : {"fs.read README.md", "!git clone https://example.com/a@b", "risk-taking", "ask-me"})
    CHECK_FALSE(text::is_private(line));
}

TEST_CASE("the history is bounded, its owner's alone, and keeps what others wrote meanwhile") {
  const std::string folder =
      sys::make_temporary_directory(std::filesystem::temp_directory_path().string(), "history-").value();
  const std::string file = folder + "/history";
  ShellHistory one(file);
  ShellHistory two(file);
  CHECK(one.add("first"));
  CHECK_FALSE(one.add("first"));
  CHECK_FALSE(one.add("token x"));
  REQUIRE(one.save());
  CHECK(two.add("second"));
  REQUIRE(two.save());
  CHECK(ShellHistory(file).lines() == std::vector<std::string>{"first", "second"});
  CHECK(sys::stat(file)->mode == 0600);
  for (std::size_t i = 0; i < kHistoryMax; ++i) two.add("line " + std::to_string(i));
  REQUIRE(two.save());
  const ShellHistory again(file);
  CHECK(again.lines().size() == kHistoryMax);
  CHECK(again.lines().front() == "line 0");
  std::filesystem::remove_all(folder);
}

TEST_CASE("completion goes as far as all words do") {
  CHECK(common_beginning({}).empty());
  CHECK(common_beginning({"fs.read "}) == "fs.read ");
  CHECK(common_beginning({"fs.read ", "fs.rename "}) == "fs.re");
  CHECK(common_beginning({"\xC3\xA4", "\xC3\xB6"}).empty());
}

}  // namespace
}  // namespace lilux::surface
