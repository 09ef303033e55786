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

namespace lilux::tools::shell {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct Change {
  std::string change;
  std::string path;
  std::string type;
  std::int64_t size = 0;
  std::string mode;
  static constexpr std::tuple fields{
      Field{"change", &Change::change, "create, modify, properties (its mode) or remove"},
      Field{"path", &Change::path, "Relative to the project"},
      Field{"type", &Change::type, "file, directory or symlink"},
      Field{"size", &Change::size, "Bytes"},
      Field{"mode", &Change::mode, "That it gets"},
  };
};

struct RunRequest {
  std::optional<std::string> command;
  std::optional<std::vector<std::string>> argv;
  std::optional<std::string> cwd;
  std::optional<std::map<std::string, std::string>> env;
  std::optional<std::string> stdin_text;
  std::optional<std::int64_t> timeout;
  std::optional<bool> preview;
  static constexpr std::tuple fields{
      Field{"command", &RunRequest::command, "Command line for bash", {.minimum = 1, .maximum = 131'072}},
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
  std::string standard_output;
  std::string standard_error;
  std::int64_t stdout_bytes = 0;
  std::int64_t stderr_bytes = 0;
  std::vector<Change> changes;
  std::optional<std::string> diff;
  bool committed = false;
  std::optional<std::string> next;
  std::string tier;
  static constexpr std::tuple fields{
      Field{"exit_code", &RunResponse::exit_code, "When it ended by itself"},
      Field{"signal", &RunResponse::signal, "When a signal ended it"},
      Field{"timed_out", &RunResponse::timed_out, "It was killed for taking too long"},
      Field{"stdout", &RunResponse::standard_output, "The last of what it wrote there"},
      Field{"stderr", &RunResponse::standard_error, "The last of what it wrote there"},
      Field{"stdout_bytes", &RunResponse::stdout_bytes, "All of what it wrote there"},
      Field{"stderr_bytes", &RunResponse::stderr_bytes, "All of what it wrote there"},
      Field{"changes", &RunResponse::changes, "What it changed in the project"},
      Field{"diff", &RunResponse::diff, "The same in full, for a preview"},
      Field{"committed", &RunResponse::committed, "The changes are real"},
      Field{"next", &RunResponse::next, "What makes them real, when they are not"},
      Field{"tier", &RunResponse::tier, "What kept it in"},
  };
};
Result<Assessment> assess_run(const CallContext& call, const RunRequest& request);
Result<RunResponse> run(CallContext& call, const RunRequest& request);

struct CommitRequest {
  std::string run;
  static constexpr std::tuple fields{Field{"run", &CommitRequest::run, "The call of shell.run"}};
};
struct CommitResponse {
  std::vector<Change> changes;
  static constexpr std::tuple fields{Field{"changes", &CommitResponse::changes, "What was made real"}};
};
Result<Assessment> assess_commit(const CallContext& call, const CommitRequest& request);
Result<CommitResponse> commit(CallContext& call, const CommitRequest& request);
Result<std::string> preview_commit(const CallContext& call, const CommitRequest& request);

}  // namespace lilux::tools::shell
