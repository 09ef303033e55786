#pragma once

// The budget tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/task.h"
#include "kernel/tool.h"

namespace lilux::tools::budget {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct GetRequest {
  std::optional<std::string> task;
  static constexpr base::Fields fields{Field{"task", &GetRequest::task, "Task; the caller's own when absent"}};
};
struct Line {
  std::string task;
  kernel::Budget budget;
  kernel::Usage usage;
  static constexpr base::Fields fields{
      Field{"task", &Line::task, "Task"},
      Field{"budget", &Line::budget, "Its limits; what is absent is unlimited"},
      Field{"usage", &Line::usage, "What it and everything below it has used"},
  };
};
struct GetResponse {
  std::vector<Line> line;
  static constexpr base::Fields fields{
      Field{"line", &GetResponse::line, "The task, then its parents: all of them count"}};
};
Result<Assessment> assess_get(const CallContext& call, const GetRequest& request);
Result<GetResponse> get(CallContext& call, const GetRequest& request);

struct SetRequest {
  std::string task;
  std::optional<std::int64_t> calls;
  std::optional<std::int64_t> wall_ms;
  std::optional<double> usd;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> children;
  std::optional<std::vector<std::string>> unlimited;
  static constexpr base::Fields fields{
      Field{"task", &SetRequest::task, "Task to limit, with everything below it"},
      Field{"calls", &SetRequest::calls, "Calls", {.minimum = 0}},
      Field{"wall_ms", &SetRequest::wall_ms, "Wall time of calls in milliseconds", {.minimum = 0}},
      Field{"usd", &SetRequest::usd, "Money", {.minimum = 0}},
      Field{"tokens", &SetRequest::tokens, "Model tokens", {.minimum = 0}},
      Field{"memory_bytes", &SetRequest::memory_bytes, "Memory of each child process", {.minimum = 0}},
      Field{"children", &SetRequest::children, "Tasks and processes alive at once", {.minimum = 0}},
      Field{"unlimited", &SetRequest::unlimited, "Limits to lift: calls, wall_ms, usd, tokens, memory_bytes, children"},
  };
};
struct SetResponse {
  kernel::Budget budget;
  static constexpr base::Fields fields{Field{"budget", &SetResponse::budget, "The limits as they are now"}};
};
Result<Assessment> assess_set(const CallContext& call, const SetRequest& request);
Result<SetResponse> set(CallContext& call, const SetRequest& request);

struct ChargeRequest {
  std::optional<double> usd;
  std::optional<std::int64_t> tokens;
  std::optional<std::string> note;
  static constexpr base::Fields fields{
      Field{"usd", &ChargeRequest::usd, "Money spent outside of Lilux", {.minimum = 0}},
      Field{"tokens", &ChargeRequest::tokens, "Model tokens spent outside of Lilux", {.minimum = 0}},
      Field{"note", &ChargeRequest::note, "What for", {.maximum = 500}},
  };
};
struct ChargeResponse {
  bool charged = false;
  static constexpr base::Fields fields{
      Field{"charged", &ChargeResponse::charged, "Counted against the caller's budget"}};
};
Result<Assessment> assess_charge(const CallContext& call, const ChargeRequest& request);
Result<ChargeResponse> charge(CallContext& call, const ChargeRequest& request);

}  // namespace lilux::tools::budget
