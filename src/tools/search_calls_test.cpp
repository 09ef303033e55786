#include "tools/search_calls.h"

#include <doctest/doctest.h>

#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using test::UndoWorld;

std::size_t found(UndoWorld& world, const std::string& query, policy::Principal who = policy::Principal::terminal) {
  kernel::CallRequest request =
      world.request("search.query", {{"query", query}, {"kinds", JsonArray{"call"}}, {"limit", 1000}});
  request.caller.principal = who;
  const kernel::Outcome outcome = world.kernel().call(std::move(request));
  if (!outcome.ok()) FAIL(outcome.output.error().message);
  return outcome.output->find("results")->as_array().size();
}

// The tool of the best.
std::string best(UndoWorld& world, const std::string& query) {
  const Json answer = world.answer("search.query", {{"query", query}, {"kinds", JsonArray{"call"}}});
  const auto& rows = answer.find("results")->as_array();
  return rows.empty() ? std::string() : rows.front().string_or("description");
}

TEST_CASE("a person finds all calls, others those of their own tasks") {
  UndoWorld world;
  world.does("fs.write", {{"path", "secretplan"}, {"content", "x"}});
  kernel::CallRequest other = world.request("fs.write", {{"path", "otherplan"}, {"content", "x"}});
  other.caller.principal = policy::Principal::http;
  REQUIRE(world.kernel().call(std::move(other)).ok());
  CHECK(found(world, "secretplan otherplan") == 2);
  CHECK(found(world, "secretplan otherplan", policy::Principal::http) == 1);
  CHECK(found(world, "secretplan", policy::Principal::http) == 0);
  CHECK(found(world, "secretplan otherplan", policy::Principal::mcp) == 0);
}

TEST_CASE("the record is found however many calls came since, and after the index was lost") {
  UndoWorld world;
  world.does("fs.write", {{"path", "first"}, {"content", "x"}});
  CHECK(best(world, "first") == "fs.write: ok");
  for (int i = 0; i < 1200; ++i) world.answer("fs.stat", {{"path", "first"}});
  world.does("memory.write", {{"key", "last"}, {"value", 1}});
  CHECK(best(world, "last") == "memory.write: ok");
  CHECK(best(world, "stat").empty());
  world.restart();
  for (const std::string end : {"", "-wal", "-shm"})
    std::filesystem::remove(world.folders.state / ("search-calls.db" + end));
  CHECK(best(world, "first") == "fs.write: ok");
  CHECK(best(world, "last") == "memory.write: ok");
}

}  // namespace
}  // namespace lilux::tools
