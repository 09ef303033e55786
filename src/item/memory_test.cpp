// The files of LLMunix that remember: read to values, and written as they were read.

#include <tuple>

#include <doctest/doctest.h>

#include "item/execution_state.h"
#include "item/smart_library.h"
#include "item/smart_memory.h"

namespace lilux::item {
namespace {

constexpr std::string_view kLibrary =
    "# Smart Library Index\n\nText.\n\n---\n-   **id**: `tool_fetch_v1`\n-   **name**: FetchTool [REAL]\n"
    "-   **file_path**: `components/tools/FetchTool.md`\n-   **record_type**: REAL_TOOL\n-   **claude_tool**: "
    "WebFetch, Read\n"
    "-   **side_effects**: \"Asks a server\"\n-   **version**: 1.0.0\n-   **tags**: [web, fetch]\n"
    "-   **applicability_text**: \"For live pages.\"\n\n---\n- **id**: agent_short_v1\n- **name**: Shortener\n"
    "- **status**: DEPRECATED\n";

TEST_CASE("a library is read entry by entry") {
  const auto entries = parse_library(kLibrary);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "tool_fetch_v1");
  CHECK(entries[0].name == "FetchTool");
  CHECK(entries[0].mark == "REAL");
  CHECK(entries[0].file_path == "components/tools/FetchTool.md");
  CHECK(entries[0].claude_tools == std::vector<std::string>{"WebFetch", "Read"});
  CHECK(entries[0].side_effects == "Asks a server");
  CHECK(entries[0].tags == std::vector<std::string>{"web", "fetch"});
  CHECK(entries[1].status == "DEPRECATED");
}

TEST_CASE("a memory of bullets is read") {
  const std::string text =
      "# Smart Memory\n\nIntro.\n\n---\n- **experience_id**: exp_001\n- **primary_goal**: Fetch and shorten\n"
      "- **final_outcome**: success_with_recovery\n- **components_used**: [tool_a_v1, agent_b_v1]\n"
      "- **output_summary**: Made it\n- **learnings_or_issues**: Caching helps.\n  Really.\n\n---\n- "
      "**experience_id**: exp_002\n";
  Review review(text);
  const auto memory = parse_memory(text, review);
  REQUIRE(memory.size() == 2);
  CHECK(memory[0].goal == "Fetch and shorten");
  CHECK(memory[0].components == std::vector<std::string>{"tool_a_v1", "agent_b_v1"});
  CHECK(memory[0].learnings == "Caching helps.\n  Really.");
  CHECK(review.take().empty());
}

TEST_CASE("a log in YAML is read, and what is wrong in one entry leaves the others") {
  const std::string text =
      "# Memory Log\n\n---\nexperience_id: exp_005_demo\ntimestamp: \"2024-05-21T11:15:00Z\"\ngoal: \"Research: "
      "pages\"\n"
      "outcome: \"success\"\ncost: 0.18\nduration_seconds: 420\ncomponents_used:\n  - tool_a\n  - tool_b\n"
      "feedback_sentiment: \"impressed\"\nuser_satisfaction: \"pleased\"\ntags: [real-execution]\nconstraints_active:\n"
      "  priority: \"all\"\n  max_cost_per_task: 0.50\nerror_count: 3\nrecovery_actions:\n  - \"tried again\"\n---\n"
      "### Key Learnings\n- One\n- Two\n\n### Behavioral Insights\n- Three\n\n### Notes\nFour.\n\n---\n"
      "experience_id: broken\ngoal: a: b\n---\n\n---\nexperience_id: exp_006\nprimary_goal: g\nfinal_outcome: "
      "success\n---\n\n"
      "**Output Summary:** Made it\n\n**Learnings:** All of it\n";
  Review review(text);
  const auto memory = parse_memory(text, review);
  REQUIRE(memory.size() == 2);
  CHECK(memory[0].goal == "Research: pages");
  CHECK(memory[0].learnings == "- One\n- Two");
  CHECK(memory[0].notes == "Four.");
  CHECK(memory[0].duration_seconds == 420);
  CHECK(memory[0].errors == 3);
  CHECK(memory[0].constraints.string_or("priority") == "all");
  CHECK(memory[1].summary == "Made it");
  CHECK(memory[1].learnings == "All of it");
  const auto problems = review.take();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].fault.position == text::Position{.line = 35, .column = 8});
}

TEST_CASE("an execution state is written, read and changed where it differs") {
  const ExecutionState state{
      .title = "Shorten a page",
      .id = "exec_20260101_ab",
      .goal = "Shorten a page",
      .status = ExecutionStatus::in_progress,
      .current_step = "1",
      .start_time = "2026-01-01T00:00:00Z",
      .last_updated = "2026-01-01T00:00:01Z",
      .mode = ExecutionMode::simulation,
      .variables = {{.name = "url", .value = "https://example.com"}},
      .plan = {{.title = "Fetch",
                .status = PlanStatus::running,
                .entries = {{.name = "component", .value = "tool_a"}, {.name = "inputs", .value = "{{url}}"}}},
               {.title = "Shorten", .entries = {{.name = "component", .value = "agent_b"}}}},
      .log = {{.title = "Fetch", .entries = {{.name = "tool_used", .value = "WebFetch"}}}},
      .training_data = "None yet."};
  const std::string text = write_execution_state(state);
  Review review(text);
  CHECK(parse_execution_state(text, review) == state);
  CHECK(review.take().empty());
  const std::string bad =
      "# Execution State: x\n\n## Metadata\n- **status**: RUNING\n## Execution Plan\n### Step 1: a\n- **status**: "
      "DONE\n";
  Review faults(bad);
  std::ignore = parse_execution_state(bad, faults);
  const auto problems = faults.take();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].fault.message == "'RUNING' is no status");
  CHECK(problems[1].fault.position.line == 6);
}

TEST_CASE("libraries and memories are written as they were read, with what means nothing here") {
  const auto entries = parse_library(
      "# Library\n---\n-   **id**: `t1`\n-   **name**: Fetch [REAL]\n-   **claude_tool**: WebFetch, Bash(git:*)\n"
      "-   **tags**: [a, b]\n-   **owner**: somebody\n---\n- **id**: t2\n- **description**: Two: of them\n");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].other == std::vector<Attribute>{{.name = "owner", .value = "somebody"}});
  CHECK(parse_library(write_library(entries)) == entries);
  const std::string text =
      "# Memory\n\n---\n- **experience_id**: e1\n- **primary_goal**: Fetch\n- **mood**: fine\n---\n"
      "experience_id: e2\ngoal: \"Say: it\"\nuser_satisfaction: 5\ncost: about 3 dollars\nduration_seconds: 1.5\n"
      "tags: [x, y]\nconstraints_active: {a: [1, 2]}\nrouter: {model: big}\nerror_count: 2\n---\n"
      "**Output Summary:** Said.\n**More:** yes.\n### Key Learnings\nTest.\n#### Why\nSo.\n### Costs\nNone.\n";
  Review review(text);
  const auto memory = parse_memory(text, review);
  CHECK(review.take().empty());
  REQUIRE(memory.size() == 2);
  CHECK(memory[0].other.string_or("mood") == "fine");
  CHECK(memory[1].satisfaction == "5");
  CHECK(memory[1].other.string_or("cost") == "about 3 dollars");
  CHECK(memory[1].other.find("router"));
  REQUIRE(memory[1].sections.size() == 1);
  CHECK(memory[1].sections[0].value == "None.");
  CHECK(memory[1].preface.contains("**More:** yes."));
  const std::string written = write_memory(memory);
  CAPTURE(written);
  Review again(written);
  CHECK(parse_memory(written, again) == memory);
  CHECK(again.take().empty());
}

}  // namespace
}  // namespace lilux::item
