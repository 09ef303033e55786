#include "item/item.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "base/field.h"

namespace lilux::item {
namespace {

namespace fs = std::filesystem;

// Items lie in tests/items as they would in a volume; what is wrong with one stands beside it in "<file>.problems".
const fs::path kItems = LILUX_TEST_ITEMS;

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string listed(const Item& item) {
  std::string made;
  for (const Problem& problem : item.problems) {
    made += problem.severity == Severity::error ? "error " : "warning ";
    made += text::to_text(problem.fault) + "\n";
    if (!problem.fault.hint.empty()) made += "  " + problem.fault.hint + "\n";
  }
  return made;
}

struct Written {
  fs::path path;
  std::string text;
  std::string ending;
  Item item;
};

std::vector<Written> all_items() {
  std::vector<Written> made;
  for (const auto& entry : fs::recursive_directory_iterator(kItems)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".problems") continue;
    Written written{
        .path = entry.path(), .text = content_of(entry.path()), .ending = entry.path().extension().string().substr(1)};
    const auto place = place_of(fs::relative(entry.path(), kItems).generic_string());
    INFO(entry.path().string());
    REQUIRE(place);
    written.item = parse(*place, written.text, written.ending);
    made.push_back(std::move(written));
  }
  return made;
}

const Item& item_at(const std::vector<Written>& items, std::string_view path) {
  for (const Written& written : items)
    if (fs::relative(written.path, kItems).generic_string() == path) return written.item;
  FAIL("no item " << path);
  return items.front().item;
}

TEST_CASE("every item has exactly the faults that stand beside it, and a third of them is broken") {
  std::size_t count = 0;
  std::size_t broken = 0;
  for (const Written& written : all_items()) {
    const fs::path beside = written.path.string() + ".problems";
    const std::string found = listed(written.item);
    if (std::getenv("LILUX_ACCEPT") && !found.empty()) std::ofstream(beside, std::ios::binary) << found;
    CAPTURE(written.path.string());
    CHECK(found == content_of(beside));
    ++count;
    if (written.item.is_broken()) ++broken;
  }
  CHECK(count >= 60);
  CHECK(broken * 3 >= count);
}

TEST_CASE("what is written is read as the same item") {
  for (const Written& written : all_items()) {
    if (written.item.is_broken()) continue;
    CAPTURE(written.path.string());
    const std::string again = write(written.item.detail);
    CAPTURE(again);
    const Item same = parse(written.item.place, again, written.ending);
    CHECK_FALSE(same.is_broken());
    CHECK(write(same.detail) == again);
    CHECK(same.detail == written.item.detail);
  }
}

TEST_CASE("items tell of themselves what all kinds have") {
  const auto items = all_items();
  const Item& deploy = item_at(items, "directives/deploy/deploy.md");
  CHECK(deploy.category == "operations");
  CHECK(deploy.permissions.size() == 5);
  CHECK(to_text(deploy.permissions[2]) == "read network https://api.example.com");
  CHECK(deploy.inputs[0].choices == std::vector<std::string>{"staging", "production"});
  CHECK(deploy.inputs[1].value == base::Json(3));
  CHECK(item_at(items, "directives/nested/deep/cdata.md").category == "nested/deep");
  CHECK(std::get<Directive>(item_at(items, "directives/nested/deep/cdata.md").detail).steps[0].action ==
        "Write <![CDATA[a < b]]> into the file.");
  CHECK(item_at(items, "knowledge/folded.md").category == "procedures");
  CHECK(item_at(items, "knowledge/folded.md").tags == std::vector<std::string>{"oauth", "sso"});
  CHECK(item_at(items, "knowledge/learnings/learning-oauth-gotcha-2026.md").version == "1.10");
  CHECK(item_at(items, "patterns/imports.md").title == "Imports");
  CHECK(item_at(items, "workflows/two-nodes.json").relationships[1] ==
        Relationship{.kind = "requires", .target = "plot"});
  const auto& show = std::get<Directive>(item_at(items, "directives/calls/show_file.md").detail);
  CHECK(show.limits->spend == 0.5);
  CHECK(show.steps[0].retries == 2);
  CHECK(show.steps[1].on_error == OnError::go_on);
  CHECK(show.steps[1].call->tool == "fs.write");
  const auto& node = *std::get<Skill>(item_at(items, "skills/quantum-node.md").detail).node;
  CHECK(node.language == "python");
  CHECK(node.code.contains("# no heading"));
  CHECK(node.inputs[1].type == "string");
  const auto& tools = std::get<Agent>(item_at(items, "agents/reviewer.md").detail).tools;
  CHECK(tools == std::vector<std::string>{"Read", "Grep", "Bash(git diff:*)", "mcp__tracker__list"});
  const auto& fetch = std::get<Component>(item_at(items, "components/tools/RealWebFetchTool.md").detail);
  CHECK(fetch.claude_tools == std::vector<std::string>{"WebFetch"});
  CHECK(fetch.mapping.string_or("latency") == "2-10s");
  CHECK(std::get<Component>(item_at(items, "components/agents/SummarizationAgent.md").detail).inputs[0].is_required);
}

// The line, so often.
std::string lines_of(std::size_t count, std::string_view begins, std::string_view ends = "\n") {
  std::string made;
  for (std::size_t i = 0; i < count; ++i) made += std::string(begins) + std::to_string(i) + std::string(ends);
  return made;
}

std::string first_fault(Kind kind, const std::string& text, std::string_view ending = {}) {
  const Item item = parse({.kind = kind, .name = "many"}, text, ending);
  return item.problems.empty() ? "" : text::to_text(item.problems[0].fault);
}

TEST_CASE("an item with more parts than anybody writes is broken, and the limit is named") {
  const auto head = [](std::size_t keys) { return "---\n" + lines_of(keys, "key", ": 1\n") + "---\nbody\n"; };
  CHECK_FALSE(first_fault(Kind::knowledge, head(1000)).contains("more than"));
  CHECK(first_fault(Kind::knowledge, head(1001)) == "line 1, column 1: it has 1001 keys in its head, more than 1000");
  CHECK(first_fault(Kind::knowledge, head(20'000)) ==
        "line 1, column 1: it has 20000 keys in its head, more than 1000");
  CHECK(first_fault(Kind::knowledge, head(50'000)) == "line 1, column 1: the front matter is larger than 256 KiB");
  CHECK(first_fault(Kind::script, lines_of(60'000, "import m"), "py") ==
        "line 1, column 1: it has more than 1000 imports");
  CHECK(first_fault(Kind::script,
                    "'Does.'\n# /// script\n# dependencies = [" + lines_of(1001, "'a", "',") + "]\n# ///\nimport os\n",
                    "py") == "line 3, column 18: it has 1001 entries of 'dependencies', more than 1000");
  const std::string steps = lines_of(20'000, "<step name='s", "'/>");
  CHECK(first_fault(Kind::directive,
                    "<directive name='many' version='1'>\n<process>" + steps + "</process></directive>") ==
        "line 2, column 1: it has 20000 elements in <process>, more than 1000");
}

TEST_CASE("however many warnings there are, an error behind them breaks the item") {
  Review review("text");
  for (int i = 0; i < 200; ++i) review.warning(0, "odd");
  review.error(3, "wrong");
  const std::vector<Problem> problems = review.take();
  CHECK(problems.size() == 100);
  CHECK(problems.back().fault.message == "wrong");
}

TEST_CASE("a program is known without being run") {
  const auto items = all_items();
  const auto& pages = std::get<Script>(item_at(items, "scripts/fetch/pages.py").detail);
  CHECK(pages.description == "Fetches pages and keeps their text.");
  CHECK(pages.version == "0.3.0");
  CHECK(pages.executor == "python");
  CHECK(pages.imports == std::vector<std::string>{"bs4", "yaml", "requests", "git"});
  CHECK(pages.dependencies ==
        std::vector<Dependency>{
            {.package = "beautifulsoup4"}, {.package = "PyYAML"}, {.package = "requests"}, {.package = "GitPython"}});
  CHECK(pages.environment == std::vector<std::string>{"FETCH_TOKEN", "FETCH_BASE", "PAGES"});
  REQUIRE(pages.inputs.size() == 6);
  CHECK(pages.inputs[0] ==
        Input{.name = "url", .description = "Where to begin", .is_required = true, .is_positional = true});
  CHECK(pages.inputs[1] ==
        Input{.name = "max_pages", .type = "integer", .description = "How many at most", .value = 10});
  CHECK(pages.inputs[2].type == "boolean");
  CHECK(pages.inputs[3].choices == std::vector<std::string>{"text", "html"});
  CHECK(pages.inputs[4] == Input{.name = "tags", .type = "array", .flag = "--tag"});
  CHECK(pages.inputs[5] == Input{.name = "ratio", .type = "number", .is_required = true, .value = -0.5});
  const auto& declared = std::get<Script>(item_at(items, "scripts/declared.py").detail);
  CHECK(declared.version == "2.0");
  CHECK(declared.dependencies == std::vector<Dependency>{{.package = "requests", .version = "2.31.0"},
                                                         {.package = "rich", .is_conditional = true}});
  CHECK(to_text(declared.permissions[1]) == "write filesystem out/**");
  CHECK(declared.permissions[2].target.empty());
  const auto& clean = std::get<Script>(item_at(items, "scripts/ops/clean.sh").detail);
  CHECK(clean.description == "Takes away what a build leaves. It asks nobody.");
  CHECK(clean.version == "1.1");
  CHECK(to_text(clean.permissions[0]) == "write filesystem build/**");
  CHECK(item_at(items, "scripts/count.js").description == "Counts words of standard input.");
  const auto lock =
      parse_lock("# made by a tool\n--index-url x\nRequests==2.31.0 \\\n    --hash=sha256:ab\nrich==13.0\n").value();
  CHECK(not_locked(declared.dependencies, lock).empty());
  CHECK(not_locked(pages.dependencies, lock).size() == 3);
  CHECK(parse_lock("a==1\nb>=2\n").error().message == "line 2, column 1: a line that locks no version");
}

TEST_CASE("stamps of Kiwi verify, and ours are the same") {
  const auto items = all_items();
  for (const std::string_view path :
       {"directives/stamped.md", "scripts/fetch/pages.py", "knowledge/learnings/learning-oauth-gotcha-2026.md"}) {
    CAPTURE(path);
    const Item& item = item_at(items, path);
    CHECK(item.stamp.state == StampState::valid);
    CHECK(item.stamp.time.starts_with("2026-01-17T"));
    const std::string text = content_of(kItems / path);
    const std::string again = stamped(item.place.kind, text, 1'768'647'600'000'000, item.ending).value();
    const Stamp stamp = verify_stamp(item.place.kind, again, item.ending);
    CHECK(stamp == Stamp{.state = StampState::valid, .time = "2026-01-17T11:00:00Z", .hash = item.stamp.hash});
    CHECK(again.size() == text.size());
    CHECK(verify_stamp(item.place.kind, text + "x", item.ending).state ==
          (item.place.kind == Kind::directive ? StampState::valid : StampState::modified));
    std::string bad = text;
    bad.replace(bad.find(item.stamp.hash), 4, "zzzz");
    CHECK(verify_stamp(item.place.kind, bad, item.ending).state == StampState::invalid);
  }
  CHECK(item_at(items, "directives/legacy.md").stamp.state == StampState::none);
  CHECK(stamped(Kind::script, "#!/bin/sh\nx\n", 0, "sh")
            .value()
            .starts_with("#!/bin/sh\n# kiwi-mcp:validated:1970-01-01T00:00:00Z:"));
  CHECK(stamped(Kind::script, "x\n", 0, "js").value().starts_with("// kiwi-mcp:"));
  CHECK(verify_stamp(Kind::directive, "<!-- kiwi-mcp:validated:x:0123456789ab -->\nnothing").state ==
        StampState::invalid);
  CHECK(verify_stamp(Kind::directive, "<!-- kiwi-mcp:validated:x:0123456789ab -->\n<directive></directive>").state ==
        StampState::modified);
  CHECK_FALSE(stamped(Kind::skill, "x", 0));
  CHECK_FALSE(stamped(Kind::directive, "x", 0));
}

}  // namespace
}  // namespace lilux::item
