#pragma once

// The tools of reactive rules: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::rule {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

enum class RuleState : std::uint8_t { in_force, stopped, refused, waiting };
constexpr std::array<std::string_view, 4> enum_names(RuleState) {
  return {"in force", "stopped", "refused", "waiting"};
}

// What is wrong with the files of rules that count where the caller stands, and with single rules of them.
std::vector<std::string> problems(const CallContext& call);

struct ListRequest {
  static constexpr base::Fields<> fields{};
};
struct RuleRow {
  std::string name;
  RuleState state = RuleState::in_force;
  std::string trigger;
  std::string then;
  std::string place;
  std::string why;
  static constexpr base::Fields fields{
      Field{"name", &RuleRow::name, "Rule"},
      Field{"state", &RuleRow::state, "Waiting: until a daemon runs that reads it"},
      Field{"trigger", &RuleRow::trigger, "Event or sentence it waits for"},
      Field{"then", &RuleRow::then, "Tool it calls"},
      Field{"place", &RuleRow::place, "File and line"},
      Field{"why", &RuleRow::why, "Why it is not in force or cannot fire, or why its call was not made the last time"},
  };
};
struct ListResponse {
  std::vector<RuleRow> rules;
  std::vector<std::string> problems;
  static constexpr base::Fields fields{
      Field{"rules", &ListResponse::rules, "In the order of the files, the user's before the project's"},
      Field{"problems", &ListResponse::problems, "Of files; the rules that were in force before stay so"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct TestRequest {
  std::optional<std::string> text;
  std::optional<base::Json> event;
  static constexpr base::Fields fields{
      Field{"text", &TestRequest::text, "Sentence to try", {.minimum = 1, .maximum = 16'384}},
      Field{"event", &TestRequest::event, "Event to try, as event.list shows it"},
  };
};
struct FiringRow {
  std::string rule;
  std::string tool;
  base::Json arguments;
  std::string why;
  static constexpr base::Fields fields{
      Field{"rule", &FiringRow::rule, "Rule that fits"},
      Field{"tool", &FiringRow::tool, "What it would call"},
      Field{"arguments", &FiringRow::arguments, "With what"},
      Field{"why", &FiringRow::why, "Why it could not"},
  };
};
struct TestResponse {
  std::vector<FiringRow> fires;
  std::vector<std::string> failures;
  std::int64_t examples = 0;
  bool holds = false;
  static constexpr base::Fields fields{
      Field{"fires", &TestResponse::fires, "Rules that fit, times and counts left aside"},
      Field{"failures", &TestResponse::failures, "What is wrong with files and rules"},
      Field{"examples", &TestResponse::examples, "Examples that hold"},
      Field{"holds", &TestResponse::holds, "No file and no rule is wrong"},
  };
};
Result<Assessment> assess_test(const CallContext& call, const TestRequest& request);
Result<TestResponse> test(CallContext& call, const TestRequest& request);

}  // namespace lilux::tools::rule
