#include "brain/dispatch.h"

#include <string>

#include <doctest/doctest.h>

using namespace lilux::brain;
using lilux::base::Json;

namespace {

// verb/kind/name/source/destination/version/dry/inputs of a command; "-" for none.
std::string told(std::string_view text) {
  const auto found = dispatch(text);
  if (!found) return "-";
  return found->verb + "/" + found->kind + "/" + found->name + "/" + found->source + "/" + found->destination + "/" +
         found->version + "/" + (found->is_dry_run ? "dry" : "") + "/" +
         (found->inputs.empty() ? "" : lilux::base::to_text(Json(found->inputs)));
}

}  // namespace

TEST_CASE("every form of the dispatch table is read") {
  CHECK(told("search directives deploy a site") == "search/directive/deploy a site/////");
  CHECK(told("search scripts resize images") == "search/script/resize images/////");
  CHECK(told("search knowledge tax rules") == "search/knowledge/tax rules/////");
  CHECK(told("load directive build") == "load/directive/build/project////");
  CHECK(told("load script resize") == "load/script/resize/project////");
  CHECK(told("load knowledge taxes") == "load/knowledge/taxes/project////");
  CHECK(told("run directive build") == "run/directive/build/////");
  CHECK(told("run build") == "run/directive/build/////");
  CHECK(told("run script resize") == "run/script/resize/////");
  CHECK(told("run knowledge taxes") == "run/knowledge/taxes/////");
  CHECK(told("create directive build") == "create/directive/build/////");
  CHECK(told("create script resize") == "create/script/resize/////");
  CHECK(told("create knowledge taxes") == "create/knowledge/taxes/////");
  CHECK(told("edit directive build") == "edit/directive/build/////");
  CHECK(told("delete directive build") == "delete/directive/build/////");
  CHECK(told("sync directives") == "sync/directive//////");
  CHECK(told("sync scripts") == "sync/script//////");
  CHECK(told("sync knowledge") == "sync/knowledge//////");
  CHECK(told("sync agent config") == "sync/agent_config//////");
  CHECK(told("bootstrap shop") == "bootstrap//shop/////");
  CHECK(told("init shop") == "init//shop/////");
  CHECK(told("anneal script resize") == "anneal/script/resize/////");
  CHECK(told("anneal directive build") == "anneal/directive/build/////");
}

TEST_CASE("every modifier is read, alone and together, in any order") {
  CHECK(told("create directive build to user") == "create/directive/build//user///");
  CHECK(told("create script resize to project") == "create/script/resize//project///");
  CHECK(told("load directive build from registry") == "load/directive/build/registry////");
  CHECK(told("load knowledge taxes from user") == "load/knowledge/taxes/user////");
  CHECK(told("run script resize dry run") == "run/script/resize////dry/");
  CHECK(told("run build with inputs {\"a\": {\"b\": \"}\"}}") == "run/directive/build/////{\"a\":{\"b\":\"}\"}}");
  CHECK(told("run script resize with params {\"width\": 3}") == "run/script/resize/////{\"width\":3}");
  CHECK(told("load directive build version 1.2.0") == "load/directive/build/project//1.2.0//");
  CHECK(told("load directive build version 2 to user from registry") == "load/directive/build/registry/user/2//");
  CHECK(told("sync directives dry run") == "sync/directive/////dry/");
  CHECK(told("sync scripts to user") == "sync/script///user///");
  CHECK(told("run resize dry run with inputs {\"a\": 1} version 3") == "run/directive/resize///3/dry/{\"a\":1}");
  CHECK(told("search directives parse to text from registry") == "search/directive/parse to text/registry////");
}

TEST_CASE("case and spaces do not matter, but in names") {
  CHECK(told("  RUN   Script  ReSize   DRY  Run ") == "run/script/ReSize////dry/");
  CHECK(told("load directive \"my build\" from user") == "load/directive/my build/user////");
}

TEST_CASE("what is not exactly a command is none") {
  for (const char* text : {"",
                           "run",
                           "run script",
                           "run directive",
                           "load build",
                           "load",
                           "delete script x",
                           "delete build",
                           "edit script x",
                           "sync",
                           "sync everything",
                           "anneal build",
                           "create build",
                           "search",
                           "search x",
                           "please run build",
                           "don't run build",
                           "runner build",
                           "run build please",
                           "run build to nowhere",
                           "run build from user from user",
                           "run build dry run dry run",
                           "run build with inputs {",
                           "run build with inputs 3",
                           "run build version",
                           "delete directive",
                           "delete directive a b",
                           "load directive \"x",
                           "what does run build do?",
                           "bootstrap",
                           "init"})
    CHECK_MESSAGE(told(text) == "-", text);
}
