#include "tools/directive_rights.h"

#include <optional>

#include "base/time.h"
#include "kernel/kernel.h"
#include "policy/policy.h"
#include "text/wild.h"

namespace lilux::tools {

using base::Result;
using kernel::CallContext;

namespace {

std::string or_all(const std::string& target, std::string_view all) {
  return target.empty() || target == "*" ? std::string(all) : target;
}

// "https://api.example.com/v1" is api.example.com:443.
std::string host_of(const std::string& endpoint) {
  const std::size_t scheme = endpoint.find("://");
  if (scheme == std::string::npos) return endpoint;
  const std::string rest = endpoint.substr(scheme + 3);
  const std::string host = rest.substr(0, rest.find('/'));
  if (host.contains(':')) return host;
  return host + (endpoint.starts_with("http://") ? ":80" : ":443");
}

std::string path_glob(const std::string& path, const std::string& root) {
  if (path.starts_with('/') || path.starts_with("~/")) return path;
  return text::escape_glob(root) + "/" + or_all(path.starts_with("./") ? path.substr(2) : path, "**");
}

// The policy's words for a declared right; nothing when it has none.
std::optional<std::string> capability_of(const item::Permission& one, const std::string& root) {
  const bool is_file_verb = one.verb == "read" || one.verb == "write" || one.verb == "execute";
  if (one.resource == "filesystem" && is_file_verb) return one.verb + " fs " + path_glob(one.target, root);
  if (one.resource == "network") return "connect net " + or_all(host_of(one.target), "**");
  if (one.resource == "env" && one.verb == "read") return "read env " + or_all(one.target, "*");
  if (one.resource == "memory" && one.verb != "execute") return one.verb + " memory " + or_all(one.target, "**");
  if (one.resource == "spawn") return "write kernel task/own";
  if (one.verb != "execute") return std::nullopt;
  const std::string word = one.target.empty() || one.target == "*" ? "*" : text::escape_glob(one.target);
  if (one.resource == "shell") return "execute sandbox {" + word + "," + word + " *}";
  if (one.resource == "python") return "execute sandbox {python3,python3 *,*/python3,*/python3 *,*/python,*/python *}";
  return std::nullopt;
}

std::string items_of_all(const CallContext& call) {
  return "read fs " + text::escape_glob(call.kernel().folders().data.string()) + "/volumes/{teams,system}/**";
}

}  // namespace

std::vector<policy::Capability> declared_rights(const CallContext& call,
                                                const std::vector<item::Permission>& permissions,
                                                const std::string& root) {
  const std::string& home = call.kernel().folders().home;
  std::vector<std::string> texts{items_of_all(call)};
  for (const item::Permission& permission : permissions) {
    if (std::optional<std::string> text = capability_of(permission, root)) texts.push_back(*std::move(text));
  }
  std::vector<policy::Capability> declared;
  for (const std::string& text : texts) {
    if (auto capability = policy::parse_capability(text, root, home)) declared.push_back(*std::move(capability));
  }
  return declared;
}

std::string declaration_of(const policy::Need& need, const std::string& root) {
  const auto element = [](std::string_view verb, std::string_view resource, std::string_view what, std::string target) {
    return "<" + std::string(verb) + " resource=\"" + std::string(resource) + "\" " + std::string(what) + "=\"" +
           std::move(target) + "\"/>";
  };
  const std::string_view verb = base::enum_name(need.verb);
  if (need.resource == "fs" && need.target == root) return element(verb, "filesystem", "path", "**");
  if (need.resource == "fs")
    return element(verb, "filesystem", "path",
                   need.target.starts_with(root + "/") ? need.target.substr(root.size() + 1) : need.target);
  if (need.resource == "net") return element("read", "network", "endpoint", need.target);
  if (need.resource == "memory") return element(verb, "memory", "id", need.target);
  if (need.resource == "env") return element("read", "env", "var", need.target);
  if (need.resource == "sandbox")
    return element("execute", "shell", "command", need.target.substr(0, need.target.find(' ')));
  if (need.resource == "kernel" && need.target == "task/own") return element("execute", "spawn", "id", "*");
  return {};
}

Result<std::vector<std::string>> rights_of(const CallContext& call, const std::vector<item::Permission>& permissions,
                                           const std::string& root, std::vector<std::string>& left_out) {
  const std::string& home = call.kernel().folders().home;
  std::vector<policy::Capability> own;
  const std::vector<kernel::Grant> grants =
      TRY(call.kernel().state().with([&](const kernel::State& state) -> Result<std::vector<kernel::Grant>> {
        return TRY(kernel::find_task(state, call.task()))->grants;
      }));
  for (const kernel::Grant& grant : grants) own.push_back(TRY(policy::parse_capability(grant.capability, root, home)));
  std::vector<std::string> rights;
  const std::string volumes = items_of_all(call);
  if (policy::is_narrower(TRY(policy::parse_capability(volumes, root, home)), own)) rights.push_back(volumes);
  for (const item::Permission& permission : permissions) {
    const std::optional<std::string> text = capability_of(permission, root);
    const Result<policy::Capability> capability =
        text ? policy::parse_capability(*text, root, home)
             : base::fail(base::ErrorCode::invalid_argument, "it has no meaning here");
    if (capability && policy::is_narrower(*capability, own))
      rights.push_back(policy::to_string(*capability));
    else
      left_out.push_back(item::to_text(permission));
  }
  return rights;
}

}  // namespace lilux::tools
