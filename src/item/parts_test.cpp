#include "item/parts.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "item/document.h"
#include "item/interpolate.h"
#include "item/knowledge.h"
#include "item/workflow.h"

namespace lilux::item {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

TEST_CASE("tools of Claude Code are found among ours, or said to be none") {
  CHECK(lilux_tool("Read") == "fs.read");
  CHECK(lilux_tool("Bash(git log:*)") == "shell.run");
  CHECK(lilux_tool("Task") == "task.spawn");
  CHECK_FALSE(lilux_tool("WebFetch"));
  CHECK_FALSE(lilux_tool("mcp__x__y"));
  CHECK(tool_names("Read, Bash(git log *, a) ,Write\tEdit") ==
        std::vector<std::string>{"Read", "Bash(git log *, a)", "Write", "Edit"});
}

TEST_CASE("permissions are read from lines") {
  CHECK(to_text(*permission_from("  write  filesystem  out/my file ")) == "write filesystem out/my file");
  CHECK(permission_from("read fs src/**")->resource == "filesystem");
  CHECK(permission_of("write", {{"resource", "net"}, {"path", "a"}}).resource == "network");
  CHECK(permission_from("read env")->target.empty());
  CHECK_FALSE(permission_from("everything"));
}

TEST_CASE("what is put in is never looked at again") {
  const Json scope = JsonObject{{"file", "{{secret}}"},
                                {"secret", "no"},
                                {"count", 3},
                                {"steps", JsonObject{{"read", JsonObject{{"lines", JsonArray{"a", "b"}}}}}}};
  const Lookup lookup = [&](std::string_view name) { return value_at(scope, name); };
  CHECK(interpolated_text("{{file}} and {{ count }} {{none}} {{}} {{a b}}", lookup) ==
        "{{secret}} and 3 {{none}} {{}} {{a b}}");
  const Json call =
      JsonObject{{"path", "{{file}}"},
                 {"count", "{{count}}"},
                 {"{{count}}", JsonArray{"x {{steps.read.lines}}", "{{steps.read.lines.1}}", 1, nullptr}}};
  CHECK(base::to_text(interpolated(call, lookup).value()) ==
        R"({"path":"{{secret}}","count":3,"{{count}}":["x [\"a\",\"b\"]","b",1,null]})");
  CHECK(interpolated(Json("{{steps.read.lines.2}}"), lookup).error().message ==
        "'{{steps.read.lines.2}}' has no value");
  CHECK(placeholders(call) == std::vector<std::string>{"file", "count", "steps.read.lines", "steps.read.lines.1"});
}

TEST_CASE("templates extend and hold others, and going round is refused") {
  const FindTemplate find = [](std::string_view name) -> std::optional<std::string> {
    if (name == "page") return "<{{> head}}|{{#block body}}none{{/block}}|{{#block foot}}base foot{{/block}}>";
    if (name == "middle") return "---\nextends: page\n---\n{{#block foot}}middle {{x}}{{/block}} lost";
    if (name == "head") return "---\ntitle: Head\n---\nHEAD {{name}}\n";
    if (name == "round") return "---\nextends: back\n---\n";
    if (name == "back") return "---\nextends: round\n---\n";
    if (name == "eats") return "a{{> eats}}";
    if (name == "many") return "{{> d1}}";
    if (name.starts_with("d")) {
      std::string made;
      for (int i = 0; i < 20; ++i) made += "{{> d" + std::string(name.substr(1)) + "1}}";
      return made;
    }
    return std::nullopt;
  };
  CHECK(composed("mine", "---\nextends: middle\n---\n{{#block body}}my {{> head}}{{/block}}", find).value() ==
        "<HEAD {{name}}|my HEAD {{name}}|middle {{x}}>");
  CHECK(composed("plain", "just {{text}}", find).value() == "just {{text}}");
  const auto refusal = [&](std::string_view text) { return composed("start", text, find).error().message; };
  CHECK(refusal("---\nextends: round\n---\n") == "templates go round: start -> round -> back -> round");
  CHECK(refusal("{{> eats}}") == "templates go round: start -> eats -> eats");
  CHECK(refusal("{{> none}}") == "line 1, column 1 of 'start': there is no template 'none'");
  CHECK(refusal("{{> many}}").starts_with("templates are more than 16 levels deep: start -> many -> d1"));
  CHECK(refusal("{{#block a}}") == "line 1, column 1: the block is not closed");
}

TEST_CASE("a template has the inputs of those that it extends, as the nearest says them") {
  const FindTemplate find = [](std::string_view name) -> std::optional<std::string> {
    if (name == "page") return "---\ninputs:\n  - name: foot\n    required: true\n  - name: x\n---\n";
    if (name == "middle") return "---\nextends: page\ninputs:\n  - name: x\n    required: true\n---\n";
    if (name == "round") return "---\nextends: round\ninputs:\n  - name: again\n---\n";
    return std::nullopt;
  };
  const auto inputs = [&](std::string_view text) {
    Review review(text);
    std::string made;
    for (const Input& input : inputs_of_line(parse_document(text, "mine", review), find))
      made += input.name + (input.is_required ? "! " : " ");
    return made;
  };
  CHECK(inputs("---\nextends: middle\ninputs:\n  - name: own\n---\n") == "own x! foot! ");
  CHECK(inputs("---\nextends: round\n---\n") == "again ");
  CHECK(inputs("---\nextends: none\n---\n").empty());
}

TEST_CASE("a template does not grow without end") {
  const FindTemplate find = [](std::string_view name) -> std::optional<std::string> {
    if (name == "leaf") return "";
    const std::string next = name.size() >= 8 ? "leaf" : std::string(name) + "x";
    std::string made;
    for (int i = 0; i < 10; ++i) made += "{{> " + next + "}}";
    return made;
  };
  CHECK(composed("start", "{{> x}}", find).error().message ==
        "the template 'start' is made of more than 10000 templates");
  const std::string part(100, 'x');
  const FindTemplate of_parts = [&](std::string_view) -> std::optional<std::string> { return part; };
  std::string parts;
  for (int i = 0; i < 2000; ++i) parts += "{{> part}}";
  CHECK(composed("start", parts, of_parts).value().size() == 2000 * part.size());
  const FindTemplate large = [](std::string_view) -> std::optional<std::string> { return std::string(100'000, 'x'); };
  CHECK(composed("start", parts, large).error().message == "the template 'start' grows beyond 4 MiB");
  std::string blocks = "---\nextends: none\n---\n{{#block a}}" + std::string(100'000, 'x') + "{{/block}}";
  std::string body;
  for (int i = 0; i < 100; ++i) body += "{{#block a}}{{/block}}";
  const FindTemplate repeats = [&](std::string_view) -> std::optional<std::string> { return body; };
  CHECK(composed("start", blocks, repeats).error().message == "the template 'start' grows beyond 4 MiB");
}

TEST_CASE("a template is looked for and read once, however often it stands in others") {
  int looked = 0;
  const FindTemplate find = [&](std::string_view name) -> std::optional<std::string> {
    ++looked;
    return name == "parent" ? "{{#block a}}one{{/block}}{{> leaf}}{{> leaf}}" : "x";
  };
  CHECK(composed("start", "---\nextends: parent\n---\n", find).value() == "onexx");
  CHECK(looked == 2);
}

TEST_CASE("a workflow of thousands of faults takes nobody's time") {
  std::string edges;
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    edges += (i == 0 ? "" : ",") + std::string(R"({"edgeId":"e)") + number + R"(","source":"none)" + number +
             R"(","target":"nothing"})";
  }
  const std::string text = R"({"nodes":[{"nodeId":"a","skillId":"s"}],"edges":[)" + edges + "]}";
  Review review(text);
  CHECK(parse_workflow(text, review).edges.size() == 1000);
  CHECK(review.is_full());
  CHECK(review.take().size() == 100);

  const std::string longer = R"({"nodes":[{"nodeId":"a","skillId":"s"}],"edges":[{},)" + edges + "]}";
  Review refused(longer);
  CHECK(parse_workflow(longer, refused).nodes.empty());
  const auto problems = refused.take();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].fault.message == "it has 1001 nodes or edges, more than 1000");
}

TEST_CASE("a list in a head has an end") {
  std::string tags;
  for (int i = 0; i < 1001; ++i) tags += "  - t" + std::to_string(i) + "\n";
  const std::string text = "---\ntitle: T\ntags:\n" + tags + "---\nx\n";
  Review review(text);
  CHECK(parse_knowledge(text, "t", review).tags.empty());
  const auto problems = review.take();
  const auto is_told = [](const Problem& problem) {
    return problem.fault.message == "it has 1001 entries of 'tags', more than 1000";
  };
  CHECK(std::ranges::any_of(problems, is_told));
}

TEST_CASE("ties and the index of knowledge are read as others write them, and written in one order") {
  const auto ties =
      parse_relationships(
          R"({"edges": [{"source": "b", "target": "c", "type": "extends"}, {"from_zettel_id": "a", "to_zettel_id": "b"}, {"from": "x"}, 3]})")
          .value();
  CHECK(ties == std::vector<Tie>{{.from = "b", .to = "c", .kind = "extends"}, {.from = "a", .to = "b"}});
  const std::string written = write_relationships({ties[0], ties[1], ties[0]});
  CHECK(written ==
        "{\n  \"relationships\": [\n    {\"from\": \"a\", \"kind\": \"related\", \"to\": \"b\"},\n"
        "    {\"from\": \"b\", \"kind\": \"extends\", \"to\": \"c\"}\n  ]\n}\n");
  CHECK(parse_relationships(written).value().size() == 2);
  CHECK(write_relationships({}) == "{\n  \"relationships\": []\n}\n");
  CHECK_FALSE(parse_relationships("{"));
  const Knowledge a{.id = "a", .title = "A", .tags = {"x"}, .body = "See [[b]], [[b|twice]], [[a]] and [[none]]."};
  const Knowledge b{.id = "b", .title = "B", .type = EntryType::concept_entry, .body = "[[ open"};
  CHECK(ties_of({a, b}) == std::vector<Tie>{{.from = "a", .to = "b"}});
  const std::vector<IndexEntry> entries{index_entry(b, "concepts/b.md"), index_entry(a, "a.md")};
  const auto again = parse_index(write_index(entries)).value();
  REQUIRE(again.size() == 2);
  CHECK(again[0] == entries[1]);
  CHECK(again[1].type == "concept");
  CHECK(again[0].category.empty());
  CHECK(again[1].category == "concepts");  // its folder, where it says none itself
}

TEST_CASE("nodes of a workflow come in the order in which they can run") {
  const Workflow diamond{.nodes = {{.id = "d"}, {.id = "b"}, {.id = "c"}, {.id = "a"}},
                         .edges = {{.source = "a", .target = "b"},
                                   {.source = "a", .target = "c"},
                                   {.source = "b", .target = "d"},
                                   {.source = "c", .target = "d"}}};
  CHECK(workflow_levels(diamond) == std::vector<std::vector<std::size_t>>{{3}, {1, 2}, {0}});
}

}  // namespace
}  // namespace lilux::item
