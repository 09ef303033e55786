#include "mcp/tasks.h"

#include <doctest/doctest.h>

#include "mcp/conversation.h"

namespace lilux::mcp {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

// Calls that wait until the test ends them.
class SlowHost : public Host {
 public:
  JsonObject info() const override { return {{"name", "test"}, {"version", "1"}}; }
  std::string instructions() const override { return ""; }
  JsonArray list(List) const override { return {}; }
  std::expected<std::vector<std::string>, RpcError> complete(const Json&) const override { return {}; }
  bool is_long(const Json&) const override { return true; }
  void serve(Call call) override { open.push_back(std::move(call)); }
  void expect(const Client&) override {}
  std::shared_ptr<void> watch(Watched, std::function<void(const Change&)>) override { return {}; }
  Call take() {
    REQUIRE_FALSE(open.empty());
    Call first = std::move(open.front());
    open.erase(open.begin());
    return first;
  }
  std::vector<Call> open;
};

struct World {
  std::string begin() {
    const auto begun =
        tasks->begin(host, {.method = "tools/call", .params = std::make_shared<const Json>(JsonObject{{"name", "x"}})});
    REQUIRE(begun);
    CHECK(Json(*begun).string_or("status") == "working");
    CHECK_FALSE(begun->find("result"));
    return Json(*begun).string_or("taskId");
  }
  Json get(const std::string& id) const {
    const auto found = tasks->get(id);
    REQUIRE(found);
    return *found;
  }
  std::string status(const std::string& id) const { return get(id).string_or("status"); }

  std::shared_ptr<SlowHost> host = std::make_shared<SlowHost>();
  std::shared_ptr<Tasks> tasks = std::make_shared<Tasks>(Tasks::Options{.tasks_max = 3});
};

TEST_CASE("a task is there at once and keeps its result") {
  World world;
  std::vector<std::string> told;
  const auto watch = world.tasks->watch([&](const std::string& id) { told.push_back(id); });
  const std::string id = world.begin();
  SlowHost::Call call = world.host->take();
  call.asker->progress({.message = "half"});
  CHECK(world.get(id).string_or("statusMessage") == "half");
  call.asker->done(JsonObject{{"content", JsonArray{}}});
  CHECK(world.status(id) == "completed");
  CHECK(world.get(id).find("result")->find("content"));
  CHECK(told == std::vector{id});
  CHECK(world.tasks->get("nonsense").error().code == RpcCode::invalid_params);
  CHECK_FALSE(world.tasks->cancel("nonsense"));
  CHECK_FALSE(world.tasks->update("nonsense", JsonObject{}));
}

TEST_CASE("an error of the protocol is a failed task") {
  World world;
  const std::string id = world.begin();
  world.host->take().asker->done(RpcError{.code = RpcCode::invalid_params, .message = "no"});
  CHECK(world.status(id) == "failed");
  CHECK(world.get(id).find("error")->integer_or("code") == -32602);
  CHECK_FALSE(world.get(id).find("result"));
}

TEST_CASE("what a task asks is answered bit by bit, and it begins again when nothing is left") {
  World world;
  const std::string id = world.begin();
  Needed needed{
      .questions = {{.key = "a", .method = "elicitation/create"}, {.key = "b", .method = "elicitation/create"}},
      .note = "kept"};
  world.host->take().asker->done(needed);
  CHECK(world.status(id) == "input_required");
  CHECK(world.get(id).find("inputRequests")->as_object().size() == 2);
  CHECK(world.tasks->update(id, JsonObject{{"c", 1}, {"a", JsonObject{{"action", "accept"}}}}));
  CHECK(world.status(id) == "input_required");
  CHECK_FALSE(world.get(id).find("inputRequests")->find("a"));
  CHECK(world.host->open.empty());
  CHECK(world.tasks->update(id, JsonObject{{"b", JsonObject{}}}));
  CHECK(world.status(id) == "working");
  SlowHost::Call again = world.host->take();
  CHECK(again.answers.size() == 2);
  CHECK(again.note == "kept");
  again.asker->done(JsonObject{});
  CHECK(world.status(id) == "completed");
}

TEST_CASE("a cancelled task stops, and what it gives then is dropped") {
  World world;
  const std::string id = world.begin();
  SlowHost::Call call = world.host->take();
  CHECK(world.tasks->cancel(id));
  CHECK(call.cancel.stop_requested());
  CHECK(world.status(id) == "cancelled");
  call.asker->done(JsonObject{});
  CHECK(world.status(id) == "cancelled");
  CHECK(world.tasks->cancel(id));
  CHECK(world.tasks->update(id, JsonObject{}));
  CHECK(world.host->open.empty());
}

TEST_CASE("tasks are bounded: what is over goes first, what runs stays") {
  World world;
  const std::string first = world.begin();
  world.host->take().asker->done(JsonObject{});
  CHECK_FALSE(world.tasks->is_busy());
  const std::string second = world.begin();
  CHECK(world.tasks->is_busy());
  world.begin();
  world.begin();
  CHECK_FALSE(world.tasks->get(first));
  CHECK(world.status(second) == "working");
  CHECK_FALSE(world.tasks->begin(world.host, {.method = "tools/call"}));
}

TEST_CASE("only a peer that knows tasks is given one, and told of it") {
  World world;
  std::vector<Json> answers;
  Conversation conversation(world.host, {.is_stateless = true, .tasks = world.tasks});
  const auto ask = [&](int id, const std::string& method, const std::string& params, bool knows_tasks) {
    const std::string extensions = knows_tasks ? R"("extensions":{"io.modelcontextprotocol/tasks":{}})" : "";
    const auto message = read_message(
        R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + R"(","params":{)" + params +
        R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{)" +
        extensions + "}}}}");
    REQUIRE(message);
    conversation.take(*message, [&](const Json& answer, bool) { answers.push_back(answer); });
  };
  ask(1, "tools/call", R"("name":"x",)", false);
  CHECK(answers.empty());  // it waits
  ask(2, "tools/call", R"("name":"x",)", true);
  REQUIRE(answers.size() == 1);
  const Json task = *answers[0].find("result");
  CHECK(task.string_or("resultType") == "task");
  const std::string id = task.string_or("taskId");
  ask(3, "tasks/get", R"("taskId":")" + id + R"(",)", false);
  CHECK(answers.back().find("error")->integer_or("code") == -32021);
  ask(4, "tasks/get", R"("taskId":")" + id + R"(",)", true);
  CHECK(answers.back().find("result")->string_or("status") == "working");
  CHECK(answers.back().find("result")->string_or("resultType") == "complete");
  ask(5, "subscriptions/listen", R"("notifications":{"taskIds":[")" + id + R"("]},)", true);
  CHECK(answers.back().string_or("method") == "notifications/subscriptions/acknowledged");
  ask(6, "tasks/cancel", R"("taskId":")" + id + R"(",)", true);
  REQUIRE(answers.size() == 6);
  CHECK(answers[4].string_or("method") == "notifications/tasks");
  CHECK(answers[4].find("params")->string_or("status") == "cancelled");
  ask(7, "server/discover", "", true);
  CHECK(answers.back().find("result")->find("capabilities")->find("extensions")->find(kTasksExtension));
}

}  // namespace
}  // namespace lilux::mcp
