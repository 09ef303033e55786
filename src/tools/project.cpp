// project.*: what the caller's project is.

#include "tools/project.h"

#include "base/encoding.h"
#include "tools/fs_common.h"

namespace lilux::tools::project {

using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

Result<std::string> folder_of(const CallContext& call, const InspectRequest& request) {
  const std::string& project = call.caller().project;
  return call.resolve(request.path.value_or(project.empty() ? "." : project), Final::follow);
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
  return response;
}

}  // namespace lilux::tools::project
