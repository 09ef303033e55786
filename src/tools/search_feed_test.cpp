#include "tools/search_feed.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using base::Json;
using test::UndoWorld;

// The paths of what is found, one after the other.
std::string found(UndoWorld& world, const std::string& query) {
  std::string paths;
  const Json answer =
      world.answer("search.query", {{"query", query}, {"kinds", base::JsonArray{"knowledge", "memory"}}});
  for (const Json& row : answer.find("results")->as_array())
    paths += (paths.empty() ? "" : " ") + row.string_or("name");
  return paths;
}

void put(const std::string& file, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << text;
}

TEST_CASE("a search sees at once what others changed in folders that it watches") {
  UndoWorld world;
  const std::string items = world.work / ".ai/knowledge";
  put(items + "/one.md", "# One\n\nzebra\n");
  for (int i = 0; i < 3; ++i) CHECK(found(world, "zebra") == "one");  // from the second on by watching
  put(items + "/deep/er/two.md", "# Two\n\nzebra zebra zebra zebra\n");
  CHECK(found(world, "zebra") == "one two");
  put(items + "/deep/er/two.md", "# Two\n\ngiraffe\n");
  CHECK(found(world, "zebra") == "one");
  CHECK(found(world, "giraffe") == "two");
  std::filesystem::rename(items + "/deep", items + "/other");
  CHECK(found(world, "giraffe") == "two");
  std::filesystem::remove_all(items + "/other");
  CHECK(found(world, "giraffe").empty());
  std::filesystem::rename(world.work / ".ai", world.work / "away");
  CHECK(found(world, "zebra").empty());
  put(items + "/three.md", "# Three\n\nzebra\n");
  CHECK(found(world, "zebra") == "three");
}

TEST_CASE("a search whose time is up feeds no more, and the next one goes on") {
  UndoWorld world;
  std::string words = "# Long\n\nzebra";
  while (words.size() < std::size_t{300} << 10) words += " and a great many words more";
  for (const std::string number : {"1", "2", "3", "4", "5", "6", "7", "8"})
    put((world.work / ".ai/knowledge/k").string() + number + ".md", words);
  auto request = world.request("search.query", {{"query", "zebra"}});
  request.timeout = std::chrono::milliseconds(1);
  const kernel::Outcome outcome = world.kernel().call(std::move(request));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.output.error().code == base::ErrorCode::timeout);
  CHECK(found(world, "zebra").size() == 23);
}

TEST_CASE("a search sees new notes of the memory, and none that has expired") {
  UndoWorld world;
  CHECK(found(world, "ostrich").empty());
  world.does("memory.write", {{"key", "bird"}, {"value", "ostrich"}, {"expires_in", "1s"}});
  CHECK(found(world, "ostrich") == "bird");
  CHECK(found(world, "ostrich") == "bird");
  world.does("memory.write", {{"key", "other"}, {"value", "penguin"}});
  CHECK(found(world, "penguin") == "other");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  CHECK(found(world, "ostrich").empty());
  CHECK(found(world, "penguin") == "other");
}

// Everything that a client is told, scores and their parts included.
std::string told(UndoWorld& world, const std::string& query) {
  auto request = world.request("search.query", {{"query", query}, {"explain", true}, {"limit", 1000}});
  request.caller.principal = policy::Principal::mcp;
  const kernel::Outcome outcome = world.kernel().call(std::move(request));
  if (!outcome.ok()) FAIL(outcome.output.error().message);
  return base::to_text(*outcome.output->find("results"));
}

TEST_CASE("neither words nor scores tell of what the rules hide") {
  UndoWorld world;
  const std::string plans = (world.work / ".ai/plans").string();
  for (const std::string number : {"1", "2", "3", "4", "5", "6", "7", "8"})
    put((world.work / ".ai/knowledge/k").string() + number + ".md",
        "# Merger\n\nmerger of the branches, by hand " + number + "\n");
  world.does(
      "policy.add",
      {{"id", "no"}, {"effect", "deny"}, {"who", base::JsonArray{"mcp"}}, {"capability", "read fs " + plans + "/**"}});
  put(plans + "/other.md", "# Other\n\nsomething else\n");
  const std::string query = "merger branches zebra";
  const std::string before = told(world, query);
  CHECK(before.contains("merger"));
  for (const std::string number : {"1", "2", "3"})
    put(plans + "/p" + number + ".md", "# Merger\n\nmerger with zebra and ostrich, " + number + "\n");
  CHECK(world.answer("search.query", {{"query", "zebra"}}).find("results")->as_array().size() > 3);
  CHECK(told(world, query) == before);
  CHECK(told(world, "zebra") == "[]");
  world.does("memory.write", {{"key", "secret"}, {"value", "merger with the zebra"}, {"target", "board"}});
  world.does(
      "policy.add",
      {{"id", "none"}, {"effect", "deny"}, {"who", base::JsonArray{"mcp"}}, {"capability", "read memory board"}});
  CHECK(told(world, query) == before);
}

TEST_CASE("an index that was lost is made anew while its folders are watched") {
  UndoWorld world;
  put(world.work / ".ai/knowledge/one.md", "# One\n\nzebra\n");
  for (int i = 0; i < 3; ++i) CHECK(found(world, "zebra") == "one");
  for (const std::string end : {"", "-wal", "-shm"}) std::filesystem::remove(world.folders.state / ("search.db" + end));
  CHECK(found(world, "zebra") == "one");
}

TEST_CASE("what was fed is fed again when the list of it is damaged") {
  UndoWorld world;
  put(world.work / ".ai/knowledge/one.md", "# One\n\nzebra\n");
  CHECK(found(world, "zebra") == "one");
  const std::string list = world.folders.state / "search-fed.db";
  world.restart();
  for (const std::string end : {"-wal", "-shm"}) std::filesystem::remove(list + end);
  put(list, std::string(5000, '\x7f'));
  CHECK(found(world, "zebra") == "one");
}

TEST_CASE("a file that has another name elsewhere is looked at each time") {
  UndoWorld world;
  put(world.work / ".ai/knowledge/one.md", "# One\n\nzebra\n");
  std::filesystem::create_hard_link(world.work / ".ai/knowledge/one.md", world.work / "other");
  for (int i = 0; i < 3; ++i) CHECK(found(world, "zebra") == "one");
  put(world.work / "other", "# One\n\ngiraffe\n");
  CHECK(found(world, "giraffe") == "one");
}

}  // namespace
}  // namespace lilux::tools
