#include "tools/directive_progress.h"

#include "base/json.h"
#include "kernel/kernel.h"

namespace lilux::tools {

using base::JsonObject;
using base::Result;
using kernel::CallContext;

Result<DirectiveProgress> progress_of(const CallContext& call, const std::string& task) {
  const std::optional<std::string> text =
      TRY(call.kernel().state().with([&](const kernel::State& state) -> Result<std::optional<std::string>> {
        return TRY(kernel::find_task(state, task))->progress;
      }));
  if (!text) return DirectiveProgress{};
  return base::decode<DirectiveProgress>(TRY(base::parse_json(*text)));
}

Result<void> set_progress(const CallContext& call, const std::string& task, const DirectiveProgress& progress,
                          std::string_view event) {
  kernel::Kernel& kernel = call.kernel();
  const std::string note = progress.waiting_step ? "step '" + *progress.waiting_step + "' waits for a mind" : "";
  const auto written = TRY(
      kernel.note(event, JsonObject{{"task", task}, {"step", progress.waiting_step.value_or("")}},
                  {kernel::patch_task(task, {{"progress", base::to_text(base::encode(progress))}, {"note", note}})}));
  TRY(kernel.ledger().wait_durable(written.sequence));
  kernel.wake("task:" + task);
  kernel.wake("answer:" + task);
  return {};
}

}  // namespace lilux::tools
