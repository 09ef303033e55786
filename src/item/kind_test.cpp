#include "item/kind.h"

#include <doctest/doctest.h>

namespace lilux::item {
namespace {

TEST_CASE("a path says what kind of item lies there, under what name") {
  CHECK(place_of("directives/core/init.md") == Place{Kind::directive, "init", "core"});
  CHECK(place_of("scripts/a/b/fetch.py") == Place{Kind::script, "fetch", "a/b"});
  CHECK(place_of("skills/pdf/SKILL.md") == Place{Kind::skill, "pdf", ""});
  CHECK(place_of("skills/office/pdf/SKILL.md") == Place{Kind::skill, "pdf", "office"});
  CHECK(place_of("skills/coding/review.md") == Place{Kind::skill, "review", "coding"});
  CHECK(place_of("components/tools/web_fetch.md") == Place{Kind::tool, "web_fetch", ""});
  CHECK(place_of("templates/report.v2.html") == Place{Kind::template_item, "report.v2", ""});
}

TEST_CASE("what is no item has no place") {
  for (const char* path :
       {"", "directives", "directives/", "directives/x.txt", "directives/.hidden.md", "knowledge/index.json",
        "scripts/lib/http.py", "scripts/.venv/bin/x.py", "directives/../x.md", "directives//x.md", "/directives/x.md",
        "skills/SKILL.md", "AGENTS.md", "templates/x", "directives/.md"})
    CHECK_MESSAGE(!place_of(path), path);
}

TEST_CASE("a new item goes where it is found again") {
  for (const Place& place : {Place{Kind::directive, "deploy", "ops/web"}, Place{Kind::workflow, "circuit", ""},
                             Place{Kind::tool, "x", ""}, Place{Kind::agent, "qa", "team"}})
    CHECK(place_of(path_for(place)) == place);
  CHECK(path_for({Kind::script, "fetch", "web"}, "py") == "scripts/web/fetch.py");
}

TEST_CASE("names that could be something else are refused") {
  for (const char* name : {"", ".", "..", "-rf", "a/b", "a b", "a\nb", "\xc3\xa9"}) CHECK_FALSE(check_name(name));
  CHECK_FALSE(check_name(std::string(129, 'a')));
  CHECK(check_name("learning-oauth-2026.v1_b"));
}

}  // namespace
TEST_CASE("only folders of a kind, those above and those below, hold items") {
  for (const char* path : {"skills", "skills/a/b", "components", "components/tools", "scripts/lib"})
    CHECK(may_hold_items(path));
  for (const char* path : {"outputs", "skill", "components/x", "skillsets/a", ".venv"})
    CHECK_FALSE(may_hold_items(path));
}

}  // namespace lilux::item
