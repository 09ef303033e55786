#include "kernel/state.h"

#include <doctest/doctest.h>

namespace lilux::kernel {
namespace {

Task task(const std::string& id, TaskState state) {
  return {.id = id, .state = state, .tool = "test.tool"};
}

Body charged(const std::string& who, const Cost& cost) {
  Body body;
  body.task = who;
  body.tool = "budget.charge";
  body.result = "ok";
  body.cost = cost;
  return body;
}

Approval approval(const std::string& call, ApprovalState state) {
  return {.call = call, .state = state};
}

TEST_CASE("names of nothing leave no trace") {
  State state;
  Body body;
  body.call = "c1";
  body.tool = "no.such";
  body.task = "nobody";
  body.result = "error";
  apply(state, static_cast<std::uint8_t>(Kind::call), {}, body);
  CHECK(state.statistics.empty());
  body.tool = "fs.read";
  body.cost = Cost{};
  apply(state, static_cast<std::uint8_t>(Kind::call), {}, body);
  CHECK(state.statistics.size() == 1);
  CHECK(state.usage.empty());
}

TEST_CASE("what is charged never wraps round, so that no charge frees a budget") {
  State state;
  apply(state, put(task("t", TaskState::ready)));
  const Cost huge{.wall_us = INT64_MAX, .tokens = INT64_MAX, .usd = 1e308};
  for (int i = 0; i < 3; ++i) apply(state, 1, {}, charged("t", huge));
  CHECK(state.usage["t"].tokens == INT64_MAX);
  CHECK(state.usage["t"].wall_us == INT64_MAX);
  CHECK(state.statistics["budget.charge"].wall_us == INT64_MAX);
  const auto back = state_from_snapshot(snapshot_text(state));
  REQUIRE(back.has_value());
  CHECK(back->usage.at("t").usd == state.usage["t"].usd);

  Task held = task("held", TaskState::ready);
  held.grants.push_back({.capability = "read fs **", .calls = 3});
  apply(state, put(held));
  for (int i = 0; i < 2; ++i) apply(state, {.table = "quota", .id = "held#0", .value = INT64_MAX});
  CHECK(state.tasks.at("held").grants[0].used == INT64_MAX);
}

TEST_CASE("a priority beyond its range is the nearest one within it") {
  State state;
  Task hurried = task("a", TaskState::ready);
  hurried.priority = INT64_MAX;
  hurried.created_us = INT64_MIN;
  Task patient = task("b", TaskState::ready);
  patient.priority = INT64_MIN;
  patient.created_us = INT64_MAX;
  apply(state, put(hurried));
  apply(state, put(patient));
  REQUIRE(state.runnable.size() == 2);
  CHECK(state.runnable.begin()->second == "a");
  apply(state, put(task("a", TaskState::done)));
  CHECK(state.runnable.size() == 1);
}

TEST_CASE("what a finished task used is forgotten together with it") {
  State state;
  for (std::size_t i = 0; i < kFinishedTasksKept + 5; ++i) {
    const std::string id = "t" + std::to_string(i);
    apply(state, put(task(id, TaskState::ready)));
    apply(state, 1, {}, charged(id, {.tokens = 1}));
    apply(state, put(task(id, TaskState::done)));
  }
  CHECK(state.tasks.size() == kFinishedTasksKept);
  CHECK(state.usage.size() == kFinishedTasksKept);
  CHECK_FALSE(state.usage.contains("t4"));
  CHECK(state.usage.contains("t5"));
}

TEST_CASE("a question asked again after a restart is not forgotten with the answered ones") {
  State state;
  apply(state, put(approval("again", ApprovalState::approved)));
  apply(state, put(approval("again", ApprovalState::pending)));
  for (std::size_t i = 0; i < kAnsweredKept + 5; ++i)
    apply(state, put(approval("c" + std::to_string(i), ApprovalState::denied)));
  CHECK(state.approvals.contains("again"));
  CHECK(state.approvals.size() == kAnsweredKept + 1);
  CHECK_FALSE(state.approvals.contains("c4"));
}

}  // namespace
}  // namespace lilux::kernel
