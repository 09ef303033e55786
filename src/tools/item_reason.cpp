#include "tools/item_reason.h"

#include "base/escape.h"
#include "base/field.h"

namespace lilux::tools {

using kernel::CallContext;

namespace {
constexpr std::string_view kByCall = "\n\nCall: ";
}

item::Reason reason_of(const CallContext& call, const Volumes& volumes) {
  std::string who = volumes.actor().id;
  if (call.caller().principal != policy::Principal::terminal)
    who += " (" + std::string(base::enum_name(call.caller().principal)) + ")";
  const std::string& why = call.request().reason;
  return {
      .author = {.name = who, .email = volumes.actor().id + "@localhost"},
      .text = (why.empty() ? call.request().tool : base::escape_line(why)) + std::string(kByCall) + call.call() + "\n"};
}

std::string call_of(std::string_view message) {
  const std::size_t at = message.rfind(kByCall);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = message.substr(at + kByCall.size());
  return std::string(rest.substr(0, rest.find('\n')));
}

}  // namespace lilux::tools
