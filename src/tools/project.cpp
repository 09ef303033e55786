// project.*: what the caller's project is.

#include "tools/project.h"

#include "base/encoding.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "tools/fs_common.h"
#include "tools/no_project.h"

namespace lilux::tools::project {

using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

Result<std::string> folder_of(const CallContext& call, const InspectRequest& request) {
  const std::string& project = call.caller().project;
  return call.resolve(request.path.value_or(project.empty() ? "." : project), Final::follow);
}

// Relative to where the caller stands.
Result<std::string> work_folder(const CallContext& call, const InstructionsRequest& request) {
  if (call.caller().project.empty()) return no_project(call, call.caller().cwd);
  return call.resolve(request.path.value_or("."), Final::follow);
}

}  // namespace

Result<Assessment> assess_inspect(const CallContext& call, const InspectRequest& request) {
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = TRY(folder_of(call, request))});
  return made;
}

Result<InspectResponse> inspect(CallContext& call, const InspectRequest& request) {
  InspectResponse response{.path = TRY(folder_of(call, request))};
  const Sight sight = TRY(Sight::of(call));
  response.project = TRY(survey(response.path, [&](const std::string& path) { return sight.is_denied(path); }));
  response.page = base::to_valid_utf8(page_of(response.project));
  response.commands = base::to_valid_utf8(commands_of(response.project));
  return response;
}

Result<Assessment> assess_instructions(const CallContext& call, const InstructionsRequest& request) {
  TRY(work_folder(call, request));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = call.caller().project});
  return made;
}

Result<InstructionsResponse> instructions(CallContext& call, const InstructionsRequest& request) {
  const std::string& project = call.caller().project;
  const Sight sight = TRY(Sight::of(call));
  const auto is_hidden = [&](const std::string& path) { return sight.is_denied(path); };
  return InstructionsResponse{.found = TRY(instructions_for(project, TRY(work_folder(call, request)), is_hidden)),
                              .is_trusted = kernel::is_trusted(call.kernel().folders(), project)};
}

}  // namespace lilux::tools::project
