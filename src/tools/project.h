#pragma once

// The project tools: request and response of each.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/project_instructions.h"
#include "tools/project_survey.h"

namespace lilux::tools::project {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct InitRequest {
  std::optional<std::string> instructions;
  static constexpr base::Fields fields{Field{"instructions",
                                             &InitRequest::instructions,
                                             "Text for agents, kept up to date between two marks in AGENTS.md",
                                             {.minimum = 1, .maximum = 262'144}}};
};
struct InitResponse {
  std::string path;
  std::vector<std::string> made;
  std::vector<std::string> changed;
  static constexpr base::Fields fields{
      Field{"path", &InitResponse::path, "The project"},
      Field{"made", &InitResponse::made, "What was not there"},
      Field{"changed", &InitResponse::changed, "What was there and says something else now"},
  };
};
Result<Assessment> assess_init(const CallContext& call, const InitRequest& request);
Result<InitResponse> init(CallContext& call, const InitRequest& request);
Result<std::string> preview_init(const CallContext& call, const InitRequest& request);

struct InspectRequest {
  std::optional<std::string> path;
  static constexpr base::Fields fields{
      Field{"path", &InspectRequest::path, "Folder; the project when absent", {.minimum = 1, .maximum = 4096}}};
};
struct InspectResponse {
  std::string path;
  Survey project;
  std::string page;
  std::string commands;
  static constexpr base::Fields fields{
      Field{"path", &InspectResponse::path, "The folder"},
      Field{"project", &InspectResponse::project, "What lies there"},
      Field{"page", &InspectResponse::page, "The same as a page of Markdown"},
      Field{"commands", &InspectResponse::commands, "How it is built, tested and run, as a page"},
  };
};
Result<Assessment> assess_inspect(const CallContext& call, const InspectRequest& request);
Result<InspectResponse> inspect(CallContext& call, const InspectRequest& request);

struct InstructionsRequest {
  std::optional<std::string> path;
  static constexpr base::Fields fields{Field{"path",
                                             &InstructionsRequest::path,
                                             "Folder of the work; the caller's when absent",
                                             {.minimum = 1, .maximum = 4096}}};
};
struct InstructionsResponse {
  Instructions found;
  bool is_trusted = false;
  static constexpr base::Fields fields{
      Field{"found", &InstructionsResponse::found, "What the project says"},
      Field{"is_trusted", &InstructionsResponse::is_trusted, "Whether a person trusts it: `lilux policy trust`"},
  };
};
Result<Assessment> assess_instructions(const CallContext& call, const InstructionsRequest& request);
Result<InstructionsResponse> instructions(CallContext& call, const InstructionsRequest& request);

}  // namespace lilux::tools::project
