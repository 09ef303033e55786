#include "surface/mcp_entry.h"

#include <doctest/doctest.h>

#include "item/kind.h"
#include "tools/table.h"

namespace lilux::surface {
namespace {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;

Offer offered(std::string_view expose = "four") {
  auto made = Offer::make(tools::table(), own_resources(), expose);
  REQUIRE(made);
  return *std::move(made);
}

Json arguments(std::string_view text) {
  const auto json = base::parse_json(text);
  REQUIRE(json);
  return *json;
}

TEST_CASE("search finds tools by what they do and lists all without words") {
  const Offer offer = offered();
  const auto first = [&](const std::string& query) {
    const auto found = enter(offer, "search", JsonObject{{"item_type", "tool"}, {"query", query}});
    REQUIRE(found);
    const JsonArray& results = found->answer.find("results")->as_array();
    return results.empty() ? std::string() : results.front().string_or("name");
  };
  CHECK(first("read file") == "fs.read");
  CHECK(first("Write a FILE!") == "fs.write");
  CHECK(first("run a command") == "shell.run");
  CHECK(first("take back") == "undo.apply");
  CHECK(first("xyzzy").empty());
  const auto all = enter(offer, "search", arguments(R"({"item_type": "tool", "query": ""})"));
  REQUIRE(all);
  CHECK(all->answer.integer_or("total") == static_cast<std::int64_t>(offer.callable().size()));
  const auto few = enter(offer, "search", arguments(R"({"item_type": "tool", "query": "file", "limit": 2})"));
  REQUIRE(few);
  CHECK(few->answer.find("results")->as_array().size() == 2);
  CHECK(few->answer.integer_or("total") > 2);
  CHECK(few->answer.find("results")->as_array()[0].string_or("parameters").contains("path*"));
}

TEST_CASE("what no tool has a word of is said, with few that are alike") {
  const Offer offer = offered();
  const auto found = [&](std::string_view query) {
    const auto entered = enter(offer, "search", JsonObject{{"item_type", "tool"}, {"query", query}});
    REQUIRE(entered);
    return merged(entered->answer, JsonObject{{"results", JsonArray{}}}, offer);
  };
  for (const std::string query : {"avocado toast information", "how to cook a pizza", "xyzzy"}) {
    CAPTURE(query);
    CHECK(found(query).find("results")->as_array().size() <= 3);
    CHECK(found(query).string_or("note").starts_with("nothing has these words"));
  }
  const Json files = found("reading the files");
  CHECK_FALSE(files.find("note"));
  CHECK(files.find("results")->as_array().size() > 3);
  CHECK_FALSE(found("").find("note"));
}

void becomes(std::string_view name, std::string_view text, std::string_view tool, std::string_view with) {
  CAPTURE(text);
  const auto made = enter(offered(), name, arguments(text));
  REQUIRE(made);
  REQUIRE(made->tool);
  CHECK(made->tool->name == tool);
  CHECK(made->arguments == arguments(with));
}

TEST_CASE("items of every other kind are reached by calls") {
  becomes("search", R"({"item_type": "skill", "query": "pdf", "limit": 3, "source": "user"})", "search.query",
          R"({"query": "pdf", "kinds": ["skill"], "sources": ["user"], "limit": 3})");
  becomes("load", R"({"item_type": "directive", "item_id": "deploy", "source": "user"})", "item.load",
          R"({"kind": "directive", "name": "deploy", "source": "user"})");
  becomes("load", R"({"item_type": "script", "item_id": "s", "source": "project", "destination": "user"})", "item.copy",
          R"({"kind": "script", "name": "s", "source": "project", "destination": "user"})");
  becomes("execute",
          R"({"item_type": "directive", "action": "run", "item_id": "deploy",
              "parameters": {"env": "test", "mode": "drive"}})",
          "item.run", R"({"kind": "directive", "name": "deploy", "mode": "drive", "inputs": {"env": "test"}})");
  becomes("execute",
          R"({"item_type": "knowledge", "action": "create", "item_id": "k",
              "parameters": {"content": "x", "location": "user", "category": "c"}})",
          "item.create", R"({"kind": "knowledge", "name": "k", "location": "user", "content": "x", "category": "c"})");
  becomes("execute",
          R"({"item_type": "knowledge", "action": "create", "item_id": "k",
              "parameters": {"title": "T", "content": "x", "entry_type": "concept"}})",
          "knowledge.create", R"({"title": "T", "content": "x", "name": "k", "type": "concept"})");
  for (const std::string action : {"update", "sign"})
    becomes("execute",
            R"({"item_type": "script", "item_id": "s", "parameters": {"content": "x"}, "action": ")" + action + "\"}",
            "item.update", R"({"kind": "script", "name": "s", "content": "x"})");
  becomes("execute", R"({"item_type": "plan", "action": "delete", "item_id": "p"})", "item.delete",
          R"({"kind": "plan", "name": "p"})");
}

TEST_CASE("a dry run of a change stays one, and a parameter that nothing looks at is refused") {
  const std::string content = R"("content": "x", "dry_run": true)";
  becomes("execute", R"({"item_type": "plan", "action": "create", "item_id": "p", "parameters": {)" + content + "}}",
          "item.create", R"({"kind": "plan", "name": "p", "content": "x", "dry_run": true})");
  becomes("execute", R"({"item_type": "plan", "action": "update", "item_id": "p", "parameters": {)" + content + "}}",
          "item.update", R"({"kind": "plan", "name": "p", "content": "x", "dry_run": true})");
  becomes("execute",
          R"({"item_type": "plan", "action": "delete", "item_id": "p",
              "parameters": {"dry_run": true, "confirm": true, "source": "user"}})",
          "item.delete", R"({"kind": "plan", "name": "p", "location": "user", "dry_run": true})");
  const Offer offer = offered();
  const auto checked =
      enter(offer, "execute",
            arguments(R"({"item_type": "plan", "action": "delete", "item_id": "p", "parameters": {"dry_run": true}})"));
  REQUIRE(checked);
  CHECK(checked->status == "validation_passed");
  for (const std::string parameters :
       {R"("parameters": {"version": "2.0.0", "content": "x"})", R"("parameters": {"contnet": "x"})",
        R"("parameters": {"title": "T", "content": "x", "tag": []})", R"("dry_run": true)"}) {
    CAPTURE(parameters);
    const auto refused =
        enter(offer, "execute",
              arguments(R"({"item_type": "knowledge", "action": "create", "item_id": "k", )" + parameters + "}"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid_argument);
    CHECK_FALSE(refused.error().hint.empty());
  }
}

TEST_CASE("a reason and a folder go with the call, and are text") {
  const Offer offer = offered();
  for (const std::string rest : {R"("item_type": "plan", "action": "delete", "item_id": "p")",
                                 R"("item_type": "tool", "action": "run", "item_id": "fs.list")"}) {
    const auto made = enter(offer, "execute", arguments("{" + rest + R"(, "reason": "old", "project_path": "/p"})"));
    REQUIRE(made);
    CHECK(made->reason == "old");
    CHECK(made->folder == "/p");
    CHECK(enter(offer, "execute", arguments("{" + rest + R"(, "reason": null, "project_path": ""})")));
    for (const std::string wrong : {R"("reason": 3)", R"("project_path": ["/p"])"}) {
      const auto refused = enter(offer, "execute", arguments("{" + rest + ", " + wrong + "}"));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::invalid_argument);
    }
  }
}

TEST_CASE("what is offered instead can be done") {
  const Offer offer = offered();
  const auto hint = [&](std::string_view text) { return enter(offer, "execute", arguments(text)).error().hint; };
  const std::string types = hint(R"({"item_type": "spell", "action": "run", "item_id": "x"})");
  for (const std::string_view kind : enum_names(item::Kind{})) CHECK(types.contains(kind));
  const std::string actions = hint(R"({"item_type": "plan", "action": "burn", "item_id": "x"})");
  CHECK(actions.contains("sign"));
  CHECK_FALSE(actions.contains("publish"));
  CHECK(enter(offer, "help", JsonObject{{"topic", "directive"}}));
}

TEST_CASE("a name may be whole, of the wire or short, and one that fits several names them") {
  const Offer offer = offered();
  const auto run = [&](const std::string& id) {
    return enter(offer, "execute", JsonObject{{"item_type", "tool"}, {"action", "run"}, {"item_id", id}});
  };
  for (const std::string id : {"fs.edit", "fs_edit", "edit"}) {
    const auto found = run(id);
    REQUIRE(found);
    CHECK(found->tool->name == "fs.edit");
    CHECK(found->arguments.is_object());
  }
  const auto several = run("list");
  REQUIRE_FALSE(several);
  CHECK(several.error().code == ErrorCode::invalid_argument);
  CHECK(several.error().message.contains("fs.list"));
  CHECK(several.error().message.contains("task.list"));
  CHECK(run("edit")->unless);  // there may be a component or a script of that name
  CHECK_FALSE(run("fs.edit")->unless);
  for (const std::string none : {"fs.raed", "policy.add", "prompt.review"}) {  // the last two are for people
    const auto other = run(none);
    REQUIRE(other);
    CHECK_FALSE(other->tool);
    REQUIRE(other->unless);
    CHECK(other->unless->code == ErrorCode::not_found);
  }
  CHECK(run("fs.raed")->unless->hint.contains("fs.read"));
}

TEST_CASE("what can be called is also a component or a script, as its name or its text says") {
  becomes("execute", R"({"item_type": "tool", "action": "run", "item_id": "component:web", "parameters": {"a": 1}})",
          "item.run", R"({"kind": "tool", "name": "web", "inputs": {"a": 1}})");
  becomes("load", R"({"item_type": "tool", "item_id": "script:web"})", "item.load",
          R"({"kind": "script", "name": "web"})");
  becomes("execute",
          R"({"item_type": "tool", "action": "create", "item_id": "w", "parameters": {"content": "print(1)\n"}})",
          "item.create", R"({"kind": "script", "name": "w", "content": "print(1)\n"})");
  becomes("execute",
          R"({"item_type": "tool", "action": "create", "item_id": "w", "parameters": {"content": "# Component: W\n"}})",
          "item.create", R"({"kind": "tool", "name": "w", "content": "# Component: W\n"})");
}

TEST_CASE("what makes no sense is refused with what does") {
  const Offer offer = offered();
  for (const auto& [name, text] : {
           std::pair("execute", R"({})"),
           std::pair("execute", R"({"item_type": "spell", "action": "run", "item_id": "fs.read"})"),
           std::pair("execute", R"({"item_type": "tool", "item_id": "fs.read"})"),
           std::pair("execute", R"({"item_type": "tool", "action": "delete", "item_id": "fs.read"})"),
           std::pair("execute", R"({"item_type": "tool", "action": "run", "item_id": "fs.read", "parameters": [1]})"),
           std::pair("execute", R"({"item_type": "directive", "action": "burn", "item_id": "deploy"})"),
           std::pair("execute", R"({"item_type": "directive", "action": "publish", "item_id": "deploy"})"),
           std::pair("load", R"({"item_type": "directive", "item_id": "deploy", "source": "registry"})"),
           std::pair("load", R"({"item_type": "tool"})"),
           std::pair("help", R"({"topic": "love"})"),
       }) {
    CAPTURE(text);
    const auto refused = enter(offer, name, arguments(text));
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().hint.empty());
  }
  const auto shown = enter(offer, "load", arguments(R"({"item_type": "tool", "item_id": "fs.delete"})"));
  REQUIRE(shown);
  CHECK(shown->answer.find("input_schema")->find("properties")->find("path"));
  CHECK(shown->answer.string_or("undo") == "exact");
  for (const std::string topic : {"overview", "search", "load", "execute", "directives", "scripts", "knowledge"})
    CHECK(enter(offer, "help", JsonObject{{"topic", topic}}));
  CHECK(enter(offer, "help", JsonObject{}));
}

TEST_CASE("an offer holds what fits, in a fixed order, and never what is for people") {
  CHECK(offered().tools().size() == 4);
  const Offer some = offered("fs.*,task.list");
  CHECK(some.tool("fs_read"));
  CHECK(some.tool("task_list"));
  CHECK_FALSE(some.tool("task_kill"));
  CHECK_FALSE(some.tool("fs.read"));
  const Offer all = offered("all");
  CHECK_FALSE(all.tool("approval_answer"));
  CHECK_FALSE(all.tool("prompt_review"));
  CHECK(all.prompt("review"));
  std::string before;
  for (const Json& tool : all.tools()) {
    const std::string name = tool.string_or("name");
    CHECK(before < name);
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos);
    CHECK(name.size() <= 48);
    before = name;
  }
  for (const std::string_view bad : {"no.such", "[a", ""})
    CHECK_FALSE(Offer::make(tools::table(), own_resources(), bad));
}

TEST_CASE("a resource's address says which tool reads it") {
  const Offer offer = offered();
  const auto read = [&](std::string_view uri) { return offer.resource(uri); };
  REQUIRE(read("lilux://calls/c1"));
  CHECK(read("lilux://calls/c1")->resource->tool == "ledger.why");
  CHECK(Json(read("lilux://calls/c1")->arguments).string_or("call") == "c1");
  CHECK(Json(read("file:///a%20b/c")->arguments).string_or("path") == "/a b/c");
  CHECK(read("lilux://calls")->resource->tool == "ledger.query");
  for (const std::string_view none : {"lilux://calls/", "lilux://calls/a/b", "lilux://no", "file://a", "file://",
                                      "http://x/", "", "file:///%zz", "file:///a%00"})
    CHECK_FALSE(read(none));
}

}  // namespace
}  // namespace lilux::surface
