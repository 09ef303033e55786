#pragma once

// The project tools: request and response of each.

#include <optional>
#include <string>
#include <tuple>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/project_survey.h"

namespace lilux::tools::project {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct InspectRequest {
  std::optional<std::string> path;
  static constexpr std::tuple fields{
      Field{"path", &InspectRequest::path, "Folder; the project when absent", {.minimum = 1, .maximum = 4096}}};
};
struct InspectResponse {
  std::string path;
  Survey project;
  std::string page;
  static constexpr std::tuple fields{
      Field{"path", &InspectResponse::path, "The folder"},
      Field{"project", &InspectResponse::project, "What lies there"},
      Field{"page", &InspectResponse::page, "The same as a page of Markdown"},
  };
};
Result<Assessment> assess_inspect(const CallContext& call, const InspectRequest& request);
Result<InspectResponse> inspect(CallContext& call, const InspectRequest& request);

}  // namespace lilux::tools::project
