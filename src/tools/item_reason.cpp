#include "tools/item_reason.h"

#include "base/escape.h"
#include "base/field.h"

namespace lilux::tools {

using kernel::CallContext;

item::Reason reason_of(const CallContext& call, const Volumes& volumes) {
  std::string who = volumes.actor().id;
  if (call.caller().principal != policy::Principal::terminal)
    who += " (" + std::string(base::enum_name(call.caller().principal)) + ")";
  const std::string& why = call.request().reason;
  return {.author = {.name = who, .email = volumes.actor().id + "@localhost"},
          .text = (why.empty() ? call.request().tool : base::escape_line(why)) + "\n\nCall: " + call.call() + "\n"};
}

}  // namespace lilux::tools
