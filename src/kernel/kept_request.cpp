// The request of a call that waits for a person, in a file of the state folder.

#include "base/encoding.h"
#include "kernel/approvals.h"
#include "kernel/kernel.h"
#include "sys/file.h"

namespace lilux::kernel {

using base::Json;
using base::JsonObject;
using base::Result;

std::string request_file(Kernel& kernel, const std::string& call) {
  return (kernel.folders().state / "pending" / (call + ".json")).string();
}

Result<CallRequest> kept_request(const std::string& file) {
  const Json json = TRY(base::parse_json(TRY(sys::read_file(file, std::size_t{64} << 20))));
  CallRequest request;
  request.tool = json.string_or("tool");
  if (const Json* arguments = json.find("arguments")) request.arguments = *arguments;
  request.task = json.string_or("task");
  request.reason = json.string_or("reason");
  request.cause = json.string_or("cause");
  request.caller.cwd = json.string_or("cwd");
  request.caller.project = json.string_or("project");
  request.caller.umask = static_cast<std::uint32_t>(json.integer_or("umask", 022));
  if (const auto principal = base::enum_from_name<policy::Principal>(json.string_or("principal"))) {
    request.caller.principal = *principal;
  }
  if (const Json* environment = json.find("environment"); environment && environment->is_array()) {
    std::vector<std::string> variables;
    for (const Json& entry : environment->as_array()) {
      if (entry.is_string()) variables.push_back(entry.as_string());
    }
    request.caller.environment = std::move(variables);
  }
  if (json.integer_or("timeout_ms") > 0) request.timeout = std::chrono::milliseconds(json.integer_or("timeout_ms"));
  return request;
}

Result<void> keep_request(const std::string& file, const CallRequest& request) {
  base::JsonArray environment;
  for (const std::string& entry : request.caller.environment.variables()) environment.emplace_back(entry);
  const Json json = JsonObject{{"tool", request.tool},
                               {"arguments", request.arguments},
                               {"task", request.task},
                               {"reason", request.reason},
                               {"cause", request.cause},
                               {"cwd", request.caller.cwd},
                               {"project", request.caller.project},
                               {"umask", request.caller.umask},
                               {"principal", base::enum_name(request.caller.principal)},
                               {"environment", std::move(environment)},
                               {"timeout_ms", request.timeout ? request.timeout->count() : 0}};
  return sys::write_file_atomic(file, base::to_text(json), 0600);
}

}  // namespace lilux::kernel
