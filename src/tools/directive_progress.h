#pragma once

// Where the run of a directive stands: which step waits for a mind, and what minds have answered. Kept with its task,
// so that it outlives everything. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "base/result.h"
#include "kernel/context.h"

namespace lilux::tools {

struct StepAnswer {
  std::string step;
  std::optional<base::Json> output;
  std::optional<std::string> error;
  static constexpr base::Fields fields{
      base::Field{"step", &StepAnswer::step, "Step"},
      base::Field{"output", &StepAnswer::output, "What came of it"},
      base::Field{"error", &StepAnswer::error, "Why it could not be done"},
  };
};

struct DirectiveProgress {
  std::optional<std::string> waiting_step;
  std::optional<std::string> waiting_action;
  std::vector<StepAnswer> answers;
  static constexpr base::Fields fields{
      base::Field{"waiting_step", &DirectiveProgress::waiting_step, "Step that waits for a mind"},
      base::Field{"waiting_action", &DirectiveProgress::waiting_action, "What it is to do"},
      base::Field{"answers", &DirectiveProgress::answers, "What minds have answered"},
  };
};

base::Result<DirectiveProgress> progress_of(const kernel::CallContext& call, const std::string& task);
// On the disk when it returns, and whoever waits for the task or the answer looks again.
base::Result<void> set_progress(const kernel::CallContext& call, const std::string& task,
                                const DirectiveProgress& progress, std::string_view event);

}  // namespace lilux::tools
