#pragma once

// The shell tools: running a command in the sandbox on a project that stays as it is, and making real what it changed.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/confined.h"

namespace lilux::tools::shell {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct RunRequest {
  std::optional<std::string> command;
  std::optional<std::vector<std::string>> argv;
  std::optional<std::string> cwd;
  std::optional<std::map<std::string, std::string>> env;
  std::optional<std::string> stdin_text;
  std::optional<std::int64_t> timeout;
  std::optional<bool> preview;
  static constexpr base::Fields fields{
      Field{"command", &RunRequest::command, "Command line for bash", {.minimum = 1, .maximum = 131'071}},
      Field{"argv", &RunRequest::argv, "Instead: program and arguments; no shell looks at them", {.maximum = 10'000}},
      Field{"cwd", &RunRequest::cwd, "Folder to run in, of the project; the caller's when absent"},
      Field{"env", &RunRequest::env, "Variables to add to a plain environment", {.maximum = 1000}},
      Field{"stdin", &RunRequest::stdin_text, "What it reads; nothing when absent", {.maximum = 16'777'216}},
      Field{"timeout",
            &RunRequest::timeout,
            "Seconds, then it is killed; 120 when absent",
            {.minimum = 1, .maximum = 1800}},
      Field{"preview", &RunRequest::preview, "Only show what it would change; shell.commit makes that real"},
  };
};
struct RunResponse {
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> signal;
  bool timed_out = false;
  std::optional<std::string> reason;
  std::string standard_output;
  std::string standard_error;
  std::int64_t stdout_bytes = 0;
  std::int64_t stderr_bytes = 0;
  std::optional<std::string> stdout_object;
  std::optional<std::string> stderr_object;
  std::optional<base::Json> data;
  std::optional<bool> is_cut;
  std::optional<std::string> output_file;
  std::vector<Change> changes;
  std::optional<std::string> diff;
  bool committed = false;
  std::optional<std::string> next;
  std::optional<std::vector<std::string>> notes;
  std::string tier;
  static constexpr base::Fields fields{
      Field{"exit_code", &RunResponse::exit_code, "When it ended by itself"},
      Field{"signal", &RunResponse::signal, "When a signal ended it"},
      Field{"timed_out", &RunResponse::timed_out, "It was killed for taking too long"},
      Field{"reason", &RunResponse::reason, "Why it was ended"},
      Field{"stdout", &RunResponse::standard_output, "The last of what it wrote there"},
      Field{"stderr", &RunResponse::standard_error, "The last of what it wrote there"},
      Field{"stdout_bytes", &RunResponse::stdout_bytes, "All of what it wrote there"},
      Field{"stderr_bytes", &RunResponse::stderr_bytes, "All of what it wrote there"},
      Field{"stdout_object", &RunResponse::stdout_object,
            "All of it, when it is more, but of more than 64 MiB the end: see ledger.output"},
      Field{"stderr_object", &RunResponse::stderr_object,
            "All of it, when it is more, but of more than 64 MiB the end: see ledger.output"},
      Field{"data", &RunResponse::data, "Of a script: the JSON object it wrote, or {\"output\": what it wrote}"},
      Field{"is_cut", &RunResponse::is_cut, "Of a script: 'data' is not all of it"},
      Field{"output_file", &RunResponse::output_file, "Of a script: where what it wrote is kept"},
      Field{"changes", &RunResponse::changes, "What it changed in the project"},
      Field{"diff", &RunResponse::diff, "The same in full, for a preview"},
      Field{"committed", &RunResponse::committed, "The changes are real"},
      Field{"next", &RunResponse::next, "Why they are not real, or what makes them"},
      Field{"notes", &RunResponse::notes, "What else is to be known, such as what cannot be made real"},
      Field{"tier", &RunResponse::tier, "What kept it in"},
  };
};
// Runs a command in the sandbox to its end and, when that is allowed, makes real what it changed.
struct Terms {
  std::optional<std::string> input;
  std::optional<std::int64_t> seconds;  // 120 when absent
  std::int64_t output_bytes = 64 * 1024;
  bool is_preview = false;
  KeptTo kept_to = {};
};
Result<RunResponse> run_command(CallContext& call, const Command& command, const Variables& variables,
                                const Terms& terms);

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request);
Result<RunResponse> run(CallContext& call, const RunRequest& request);

struct CommitRequest {
  std::string run;
  static constexpr base::Fields fields{Field{"run", &CommitRequest::run, "The call that ran the command"}};
};
struct CommitResponse {
  std::vector<Change> changes;
  static constexpr base::Fields fields{Field{"changes", &CommitResponse::changes, "What was made real"}};
};
Result<Assessment> assess_commit(const CallContext& call, const CommitRequest& request);
Result<CommitResponse> commit(CallContext& call, const CommitRequest& request);
struct DropRequest {
  std::string run;
  static constexpr base::Fields fields{Field{"run", &DropRequest::run, "The call that ran the command"}};
};
struct DropResponse {
  bool dropped = false;
  static constexpr base::Fields fields{Field{"dropped", &DropResponse::dropped, "Nothing of it is left"}};
};
Result<Assessment> assess_drop(const CallContext& call, const DropRequest& request);
Result<DropResponse> drop(CallContext& call, const DropRequest& request);
Result<std::string> preview_commit(const CallContext& call, const CommitRequest& request);

}  // namespace lilux::tools::shell
