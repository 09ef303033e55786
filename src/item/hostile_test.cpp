// Texts that others wrote so that reading them would take long: time grows with their size alone, and what is deep or
// large ends nothing.

#include <ctime>
#include <functional>

#include <doctest/doctest.h>

#include "item/document.h"
#include "item/interpolate.h"
#include "item/item.h"
#include "item/knowledge.h"
#include "item/smart_library.h"
#include "item/smart_memory.h"

namespace lilux::item {
namespace {

constexpr std::size_t kBytes = std::size_t{512} << 10;
constexpr double kSecondsMax = 2;  // with a checked build too; what grows with the square takes far longer

// The middle, as often as fits.
std::string repeated(std::string_view begin, std::string_view middle, std::string_view end = {}) {
  std::string made(begin);
  while (made.size() + middle.size() + end.size() <= kBytes) made += middle;
  return made += end;
}
// With a number behind each.
std::string numbered(std::string_view begin, std::string_view before, std::string_view behind,
                     std::string_view end = {}) {
  std::string made(begin);
  for (int i = 0; made.size() + before.size() + behind.size() + end.size() + 8 <= kBytes; ++i)
    made += std::string(before) + std::to_string(i) + std::string(behind);
  return made += end;
}

void check_time(std::string_view what, const std::function<void()>& read) {
  const std::clock_t begin = std::clock();
  read();
  CAPTURE(what);
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < kSecondsMax);
}

// What is wrong with it first.
std::string fault_of(Kind kind, const std::string& text, std::string_view ending = {}) {
  std::string fault;
  check_time(text.substr(0, 60), [&] {
    const Item item = parse({.kind = kind, .name = "x"}, text, ending);
    for (const Problem& problem : item.problems)
      if (problem.severity == Severity::error && fault.empty()) fault = problem.fault.message;
  });
  return fault;
}

TEST_CASE("scripts of others take no longer than their size") {
  CHECK(fault_of(Kind::script, repeated("", "import a;", "\n"), "py").empty());
  CHECK(fault_of(Kind::script, repeated("", "if a:import b;", "\n"), "py").empty());
  CHECK(fault_of(Kind::script, repeated("", "add_argument(x="), "py") == "'(' is not closed");
  CHECK(fault_of(Kind::script, repeated("", "add_argument("), "py") == "it has more than 1000 arguments");
  CHECK(fault_of(Kind::script, numbered("", "p.add_argument('--a", "')\n"), "py") == "it has more than 1000 arguments");
  const std::string late = repeated("", "#\n") + "# /// script\n# [tool.lilux]\n# permissions = [\n";
  std::string lines;
  for (int i = 0; i < 990; ++i) lines += "# 'raed files',\n";
  CHECK(fault_of(Kind::script, late + lines + "# ]\n# ///\n", "py").empty());
  CHECK(fault_of(Kind::script, repeated("# /// script\n", "# a = 1\n", "# ///\n"), "py") ==
        "the block '/// script' is larger than 256 KiB");
  CHECK(fault_of(Kind::script, "# /// script\n# " + std::string(100'000, '.').insert(0, "a") + "\n# ///\n", "sh")
            .starts_with("it is no TOML"));
  std::string dots = "a";
  for (int i = 0; i < 100'000; ++i) dots += ".a";
  CHECK(fault_of(Kind::script, "# /// script\n# " + dots + " = 1\n# ///\n", "sh") ==
        "it is no TOML: keys and brackets are more than 256 deep");
}

TEST_CASE("what a mind or a tool is given takes no longer than its size") {
  const std::string_view step =
      "<directive name='x' version='1'><metadata><description>x</description><permissions><read "
      "resource='filesystem'/></permissions></metadata><process><step name='a'><action tool='fs.read'>{\"path\": \"";
  const std::string_view end = "\"}</action></step></process></directive>";
  CHECK(fault_of(Kind::directive, numbered(step, "{{a", "}}", end)).contains("placeholders in one action, more than"));
  CHECK(fault_of(Kind::directive, repeated(step, "{{", "}}" + std::string(end))).empty());
  CHECK(fault_of(Kind::directive, numbered("<directive name='x'><inputs><input ", "naem", "='' ", "/></directive>"))
            .contains("too many attributes"));
  CHECK(fault_of(Kind::directive, repeated("<directive name='x'>", "<abcd/>", "</directive>"))
            .contains("elements in <directive>, more than 1000"));
  CHECK(fault_of(Kind::agent, repeated("---\nname: x\ndescription: x\ntools: ", "Reed ", "\n---\nx\n"))
            .contains("larger than 256 KiB"));
  const std::string tools = repeated("", "Reed ").substr(0, 200'000);
  for (const Kind kind : {Kind::agent, Kind::tool})
    CHECK(fault_of(kind, "---\nname: x\ndescription: x\ntools: " + tools + "\n---\nx\n") ==
          "it has 40000 entries of 'tools', more than 1000");
  CHECK(fault_of(Kind::tool, repeated("# Component: x\n**Type**: TOOL\n## Inputs\n", "- `a` (b): c\n")) ==
        "it has more than 1000 entries in 'Inputs'");
  CHECK(
      fault_of(Kind::tool, repeated("# Component: x\n**Type**: TOOL\n", "- **a**: b\n")).contains("lines of its own"));
  CHECK(fault_of(Kind::plan, repeated("# Execution State: x\n## Execution Plan\n", "### a\n")).contains("steps in"));
  const std::string skill = repeated("---\nname: x\ndescription: x\n---\n", "{{", "}}");
  check_time("{{{{", [&] { CHECK(placeholders(base::Json(skill)).empty()); });
  const std::string many = numbered("", "{{a", "}}");
  check_time("{{a0}}", [&] { CHECK(placeholders(base::Json(many)).size() > 50'000); });
}

TEST_CASE("notes and memories of others take no longer than their size") {
  const std::string links = repeated("---\nzettel_id: x\ntitle: x\n---\n", "[[a");
  Review of_links(links);
  const Knowledge note = parse_knowledge(links, "x", of_links);
  check_time("[[a", [&] { CHECK(ties_of({note}).empty()); });
  const auto experiences = [](const std::string& text) {
    std::size_t count = 0;
    check_time(text.substr(0, 60), [&] {
      Review review(text);
      count = parse_memory(text, review).size();
    });
    return count;
  };
  CHECK(experiences(repeated("", "---\nexperience_id: a\n")) > 10'000);
  CHECK(experiences(repeated("", "---\nexperience_id: &a\n")) == 0);
  CHECK(experiences(numbered("- **experience_id**: a\n", "- **k", "**: b\n")) == 1);
  const std::string library = numbered("- **id**: a\n", "- **k", "**: b\n");
  check_time("library", [&] { CHECK(parse_library(library).size() == 1); });
}

TEST_CASE("templates of others take no longer than their size") {
  const std::string open = repeated("", "{{>", "}}");
  check_time("{{>{{>", [&] { CHECK(uses_of(open).size() == 1); });
  const FindTemplate wasteful = [](std::string_view name) -> std::optional<std::string> {
    if (name == "small") return "x";
    return "---\nextends: small\n---\n{{#block a}}" + std::string(500'000, 'x') + "{{/block}}";
  };
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "{{> wasteful}}";
  check_time("blocks that nothing shows", [&] {
    CHECK(composed("start", body, wasteful).error().message ==
          "the templates that 'start' is made of have more than 16 MiB together");
  });
}

TEST_CASE("a fault stays short, however long what it names is") {
  const std::string long_name(100'000, 'a');
  const Item item = parse({.kind = Kind::directive, .name = "x"}, "<directive name='" + long_name + "'></directive>");
  REQUIRE_FALSE(item.problems.empty());
  for (const Problem& problem : item.problems) CHECK(problem.fault.message.size() < 1100);
}

}  // namespace
}  // namespace lilux::item
