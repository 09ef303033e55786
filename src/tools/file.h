#pragma once

// file.operation: LLMunix's one call over files. Below /components lie the items, in /proc/<task> the state of a task
// of Lilux as text made when it is read; every other path is a file of the machine. Each operation is a call of the
// tool that does it, judged, recorded and undone as that. The fs tools know nothing of it: to them /proc is the
// machine's.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::file {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

enum class Operation : std::uint8_t { read, list, create, update, remove };
constexpr std::array<std::string_view, 5> enum_names(Operation) {
  return {"read", "list", "create", "update", "delete"};
}

struct OperationRequest {
  std::string path;
  std::optional<Operation> operation;
  std::optional<Operation> op;
  std::optional<std::string> data;
  static constexpr base::Fields fields{
      Field{"path",
            &OperationRequest::path,
            "/components/<kind>s/<name>, /proc/<task>/status, or a file",
            {.minimum = 1, .maximum = 4096}},
      Field{"operation", &OperationRequest::operation, "What to do"},
      Field{"op", &OperationRequest::op, "The same, by its short name"},
      Field{"data", &OperationRequest::data, "The whole text to create or update"},
  };
};
struct OperationResponse {
  std::string path;
  std::string tool;
  std::optional<std::string> content;
  std::optional<std::vector<std::string>> entries;
  static constexpr base::Fields fields{
      Field{"path", &OperationResponse::path, "The path, or the file that it stands for"},
      Field{"tool", &OperationResponse::tool, "Tool that did it"},
      Field{"content", &OperationResponse::content, "What was read"},
      Field{"entries", &OperationResponse::entries, "What is in it; folders end with '/'"},
  };
};
Result<Assessment> assess_operation(const CallContext& call, const OperationRequest& request);
Result<OperationResponse> operation(CallContext& call, const OperationRequest& request);

}  // namespace lilux::tools::file
