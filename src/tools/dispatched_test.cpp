// The whole table of AGENTS.md, each form with each modifier, through the router to the finished call.

#include "tools/dispatched.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "base/json.h"
#include "tools/brain.h"

namespace lilux::tools {
namespace {

// "tool {arguments}", "tool? what is missing", or "! why not"; by the table and no other layer.
std::string comes_to(std::string_view text) {
  const brain::Route route = brain_tools::shipped_router().route(text);
  const brain::Proposal& made = route.proposal;
  if (route.layer != "table") return "not by the table, but by '" + route.layer + "'";
  CHECK((route.band == brain::Band::defer) == made.calls.empty());
  if (!made.missing.empty()) return made.tool + "? " + made.missing.front();
  if (made.calls.empty()) return "! " + made.why;
  return made.calls.front().name + " " + base::canonical_text(made.calls.front().arguments);
}

struct Form {
  std::string_view says;
  std::string_view call;
  std::string_view fields;  // in the order of their names, as a call without modifiers has them
};
constexpr std::array<Form, 23> kForms{{
    {"search directives deploy a site", "search.query", R"("kinds":["directive"],"query":"deploy a site")"},
    {"search scripts resize", "search.query", R"("kinds":["script"],"query":"resize")"},
    {"search knowledge tax rules", "search.query", R"("kinds":["knowledge"],"query":"tax rules")"},
    {"load directive d1", "item.load", R"("kind":"directive","name":"d1","source":"project")"},
    {"load script s1", "item.load", R"("kind":"script","name":"s1","source":"project")"},
    {"load knowledge k1", "item.load", R"("kind":"knowledge","name":"k1","source":"project")"},
    {"run d1", "item.run", R"("kind":"directive","name":"d1")"},
    {"run directive d1", "item.run", R"("kind":"directive","name":"d1")"},
    {"run script s1", "item.run", R"("kind":"script","name":"s1")"},
    {"run knowledge k1", "item.run", R"("kind":"knowledge","name":"k1")"},
    {"create directive d1", "item.create", ""},
    {"create script s1", "item.create", ""},
    {"create knowledge k1", "item.create", ""},
    {"edit directive d1", "item.update", ""},
    {"delete directive d1", "item.delete", R"("kind":"directive","name":"d1")"},
    {"sync directives", "item.run", R"("kind":"directive","name":"sync_directive")"},
    {"sync scripts", "item.run", R"("kind":"directive","name":"sync_script")"},
    {"sync knowledge", "item.run", R"("kind":"directive","name":"sync_knowledge")"},
    {"sync agent config", "item.run", R"("kind":"directive","name":"sync_agent_config")"},
    {"bootstrap shop", "item.run", R"("inputs":{"name":"shop"},"kind":"directive","name":"bootstrap")"},
    {"init shop", "item.run", R"("inputs":{"name":"shop"},"kind":"directive","name":"init")"},
    {"anneal script s1", "item.run", R"("inputs":{"name":"s1"},"kind":"directive","name":"anneal_script")"},
    {"anneal directive d1", "item.run", R"("inputs":{"name":"d1"},"kind":"directive","name":"anneal_directive")"},
}};

std::string refused(std::string_view words, std::string_view verb, std::string_view tool) {
  return "! '" + std::string(words) + "' cannot be said with '" + std::string(verb) + "': " + std::string(tool) +
         " has nothing for it";
}

TEST_CASE("every form of the table comes to its call, or asks for the text that is not said") {
  for (const Form& form : kForms) {
    const std::string wanted = form.fields.empty() ? std::string(form.call) + "? content"
                                                   : std::string(form.call) + " {" + std::string(form.fields) + "}";
    CHECK_MESSAGE(comes_to(form.says) == wanted, form.says);
  }
}

// What each verb does with each modifier: the call with it ("...": the fields as they are without), or that it is
// refused.
struct Modified {
  std::string_view verb;   // of the forms that begin so
  std::string_view words;  // said behind
  std::string_view adds;   // a part of the call's arguments; empty: refused
};
constexpr std::array<Modified, 36> kModified{{
    {"search", "from user", R"("sources":["user"])"},
    {"search", "from registry", R"("sources":["registry"])"},
    {"search", "dry run", ""},
    {"search", R"(with inputs {"a":1})", ""},
    {"load", "from user", R"("source":"user")"},
    {"load", "from registry", R"("source":"registry")"},
    {"load", "to user", R"("destination":"user")"},
    {"load", "dry run", ""},
    {"load", R"(with inputs {"a":1})", ""},
    {"run", "from user", R"("source":"user")"},
    {"run", "from registry", R"("source":"registry")"},
    {"run", "to project", ""},
    {"run", "dry run", R"("dry_run":true)"},
    {"run", R"(with inputs {"a":1})", R"("inputs":{"a":1})"},
    {"run", R"(with params {"a":1})", R"("inputs":{"a":1})"},
    {"create", "from user", ""},
    {"create", R"(to user with inputs {"content":"hi"})", R"("content":"hi")"},
    {"create", R"(to user with inputs {"content":"hi"})", R"("location":"user")"},
    {"create", R"(to project with params {"content":"hi"})", R"("location":"project")"},
    {"edit", "to user", ""},
    {"edit", R"(from user with inputs {"content":"hi"})", R"("location":"user")"},
    {"edit", R"(from project with params {"content":"hi"})", R"("content":"hi")"},
    {"delete", "from user", R"("location":"user")"},
    {"delete", "to user", ""},
    {"delete", R"(with inputs {"a":1})", ""},
    {"sync", "from user", ""},
    {"sync", "to user", ""},
    {"sync", "dry run", R"("dry_run":true)"},
    {"sync", R"(with inputs {"a":1})", R"("inputs":{"a":1})"},
    {"bootstrap", "to user", ""},
    {"bootstrap", R"(with inputs {"a":1})", R"("inputs":{"a":1,"name":"shop"})"},
    {"init", "from registry", ""},
    {"init", "dry run", R"("dry_run":true)"},
    {"anneal", "from user", ""},
    {"anneal", "dry run", R"("dry_run":true)"},
    {"anneal", R"(with params {"goal":"x"})", R"("goal":"x","name":")"},
}};

TEST_CASE("every modifier is carried by the call, or refused by its name") {
  for (const Modified& one : kModified) {
    for (const Form& form : kForms) {
      if (form.says.substr(0, form.says.find(' ')) != one.verb) continue;
      const std::string text = std::string(form.says) + " " + std::string(one.words);
      const std::string made = comes_to(text);
      if (!one.adds.empty())
        CHECK_MESSAGE(made.contains(one.adds), text << " -> " << made);
      else
        CHECK_MESSAGE((made.starts_with("! '") && made.contains("cannot be said with '" + std::string(one.verb))),
                      text << " -> " << made);
    }
  }
}

// Every verb with every modifier: C carries it, A asks for the text that is to be written, - refuses it by its name.
TEST_CASE("the whole table of verbs and modifiers") {
  constexpr std::array<std::string_view, 8> kWords{"from user",
                                                   "from registry",
                                                   "to user",
                                                   "to project",
                                                   "dry run",
                                                   R"(with inputs {"goal":1})",
                                                   R"(with params {"goal":1})",
                                                   "version 1.2.0"};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kRows{{{"search", "CCCC----"},
                                                                                 {"load", "CCCC---C"},
                                                                                 {"run", "CC--CCCC"},
                                                                                 {"create", "--AAA---"},
                                                                                 {"edit", "AA--A---"},
                                                                                 {"delete", "CC--C---"},
                                                                                 {"sync", "----CCC-"},
                                                                                 {"bootstrap", "----CCC-"},
                                                                                 {"init", "----CCC-"},
                                                                                 {"anneal", "----CCC-"}}};
  for (const Form& form : kForms) {
    const auto* row = std::ranges::find(kRows, form.says.substr(0, form.says.find(' ')),
                                        &std::pair<std::string_view, std::string_view>::first);
    REQUIRE(row != kRows.end());
    for (std::size_t i = 0; i < kWords.size(); ++i) {
      const std::string text = std::string(form.says) + " " + std::string(kWords[i]);
      const std::string made = comes_to(text);
      const char outcome = made.starts_with("! ") ? '-' : made.ends_with("? content") ? 'A' : 'C';
      CHECK_MESSAGE(outcome == row->second[i], text << " -> " << made);
    }
  }
}

TEST_CASE("a version, a place and a trial are said to the call") {
  CHECK(comes_to("run script s1 version 2") == R"(item.run {"kind":"script","name":"s1","version":"2"})");
  CHECK(comes_to("delete directive d1 dry run") == R"(item.delete {"dry_run":true,"kind":"directive","name":"d1"})");
  CHECK(comes_to("search scripts resize to user") ==
        R"(search.query {"kinds":["script"],"query":"resize","sources":["user"]})");
  CHECK(comes_to("search scripts resize from user to project")
            .starts_with("! 'to project' beside 'from user' cannot be said"));
  CHECK(comes_to("load directive d1 version 1 to user from project") ==
        R"(item.copy {"destination":"user","kind":"directive","name":"d1","source":"project","version":"1"})");
}

TEST_CASE("modifiers stand together, in any order") {
  CHECK(comes_to(R"(run script s1 dry run with params {"a":1} from user)") ==
        R"(item.run {"dry_run":true,"inputs":{"a":1},"kind":"script","name":"s1","source":"user"})");
  CHECK(comes_to("load directive d1 to project from user") ==
        R"(item.copy {"destination":"project","kind":"directive","name":"d1","source":"user"})");
  CHECK(comes_to("run d1 from user dry run to user") == refused("to user", "run", "item.run"));
}

TEST_CASE("what is written is given by the inputs, and what no field is named like is refused") {
  CHECK(comes_to(R"(create script s1 to user with inputs {"content":"x","ending":"sh"})") ==
        R"(item.create {"content":"x","ending":"sh","kind":"script","location":"user","name":"s1"})");
  CHECK(comes_to(R"(edit directive d1 with inputs {"content":"x"})") ==
        R"(item.update {"content":"x","kind":"directive","name":"d1"})");
  CHECK(comes_to(R"(create knowledge k1 with params {"a":1})") == "! item.create has no field 'a'");
  CHECK(comes_to(R"(create knowledge k1 with params {"name":"k2"})") == "! 'name' is said twice");
  CHECK(comes_to(R"(create script s1 to user with inputs {"location":"project"})") == "! 'location' is said twice");
  CHECK(comes_to(R"(anneal script s1 with params {"name":"s2"})") == "! 'name' is said twice: 's1' and in the inputs");
}

}  // namespace
}  // namespace lilux::tools
