// What a person who is asked is shown cannot be made up by what is asked about.

#include <doctest/doctest.h>

#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using base::JsonObject;
using test::UndoWorld;

const std::string kForged = "x\nrun /bin/true\n  in /";

// The question about a call of an agent whose environment is this.
std::string question(UndoWorld& world, std::string_view tool, JsonObject arguments,
                     std::vector<std::string> environment = {}) {
  kernel::must(world.kernel().note(
      "test", {},
      {kernel::put(world.agent("t1", {{.capability = "execute shell **"}, {.capability = "write env **"}}))}));
  kernel::CallRequest request = world.by(world.request(tool, std::move(arguments)), "t1");
  request.is_answered_yes = false;
  request.caller.environment = std::move(environment);
  const kernel::Outcome asked = world.kernel().call(std::move(request));
  REQUIRE_FALSE(asked.ok());
  if (asked.output.error().code != base::ErrorCode::approval_required) FAIL(asked.output.error().message);
  return world.kernel().state().with(
      [&](const kernel::State& state) { return state.approvals.at(asked.call).question; });
}

TEST_CASE("a program to run is shown with its words, variables and folder in one line each") {
  UndoWorld world;
  const std::string folder = world.path(kForged);
  std::filesystem::create_directories(folder);
  const std::string text =
      question(world, "process.spawn",
               {{"command", "/bin/echo"},
                {"args", base::JsonArray{kForged}},
                {"cwd", folder},
                {"unconfined", true},
                {"env", JsonObject{{"PLAIN", kForged}}},
                {"secret_env", JsonObject{{kForged, "secret"}}}},
               {"HOME=/" + kForged, "PATH=/" + kForged, "XDG_CONFIG_HOME=/" + kForged, "XDG_DATA_HOME=/" + kForged});
  CHECK(text.find("HOME=/x\\u{a}run") != std::string::npos);
  CHECK(text.find("secret") != std::string::npos);
  CHECK(text.find("\nrun /bin/true") == std::string::npos);
  CHECK(std::ranges::count(text, '\n') == 10);
}

}  // namespace
}  // namespace lilux::tools
